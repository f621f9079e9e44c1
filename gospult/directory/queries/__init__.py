"""What the directory tells; reads only."""

from .find import Answer, Hit, search

__all__ = ["Answer", "Hit", "search"]
