"""Work of informing by the clock."""

from . import actions


def drop_drafts() -> None:
    """Throw away drafts of posts that nobody has touched for a month."""
    actions.drop_drafts()


def tell_troubled() -> None:
    """Tell the authors of posts that a person must look at."""
    actions.tell_troubled()
