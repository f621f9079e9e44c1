"""Telegram as the sandbox speaks it: Bot API 10.1."""

from gospult.networks.sandbox.telegram.dialect import TelegramDialect

DIALECT = TelegramDialect

__all__ = ["DIALECT", "TelegramDialect"]
