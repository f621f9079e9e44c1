"""What monitoring keeps and counts."""

from .posts import forget_old, take_events, take_own, take_posts

__all__ = ["forget_old", "take_events", "take_own", "take_posts"]
