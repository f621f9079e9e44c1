"""MAX: a channel where our bot is an administrator, comments under its posts, and the bot's own dialogues.

`connector` says what we ask, `client` how we ask it, `parse` turns MAX's JSON into our words.
"""

from gospult.networks.max.connector import MAX

__all__ = ["MAX"]
