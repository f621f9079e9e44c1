"""Telegram: a channel with its discussion group, and the bot that is an administrator of both (Bot API 10.1).

Bot API shows no history: what was said comes by webhook only, and nothing can be read back.
"""

from gospult.networks.telegram.connector import Telegram

__all__ = ["Telegram"]
