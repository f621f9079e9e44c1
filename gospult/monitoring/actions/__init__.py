"""What monitoring keeps, counts and notices."""

from .findings import decide, notice, reconsider
from .months import count_months
from .posts import forget_old, take_events, take_older_posts, take_own, take_posts
from .snapshots import confirm, take_cards, take_imports
from .sweeps import sweep

__all__ = [
    "confirm", "count_months", "decide", "forget_old", "notice", "reconsider", "sweep", "take_cards", "take_events", "take_imports",
    "take_older_posts", "take_own", "take_posts",
]  # fmt: skip
