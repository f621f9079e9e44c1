"""OK: cards, topics, comments and messages of a group, and replies on its behalf.

Two ways in: the REST API with an administrator's session, and the graph API with the token of the group's bot.
"""

from gospult.networks.ok.connector import OK

__all__ = ["OK"]
