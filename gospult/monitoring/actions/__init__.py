"""What monitoring keeps and counts."""

from .months import count_months
from .posts import forget_old, take_events, take_own, take_posts
from .snapshots import confirm, take_cards, take_imports

__all__ = ["confirm", "count_months", "forget_old", "take_cards", "take_events", "take_imports", "take_own", "take_posts"]
