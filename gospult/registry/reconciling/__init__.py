"""Compares an export with the registry: what is new, what changed, what is gone. Nothing is written here."""

from .plan import Plan, plan

__all__ = ["Plan", "plan"]
