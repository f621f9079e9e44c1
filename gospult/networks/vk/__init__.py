"""VK: cards, posts, comments and messages of a community, and replies on its behalf.

`connector` says what we ask, `client` how we ask it, `parse` turns VK's JSON into our words.
"""

from gospult.networks.vk.connector import VK

__all__ = ["VK"]
