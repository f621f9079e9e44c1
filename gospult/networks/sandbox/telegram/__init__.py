"""Telegram as the sandbox speaks it: Bot API 10.1."""

from gospult.networks.sandbox.telegram.dialect import TelegramDialect

__all__ = ["TelegramDialect"]
