"""Work of informing by the clock."""

from . import actions


def drop_drafts() -> None:
    """Throw away drafts of posts that nobody has touched for a month, and photos of posts by their term."""
    actions.drop_drafts()
    actions.forget_photos()


def tell_troubled() -> None:
    """Tell the authors of posts that a person must look at."""
    actions.tell_troubled()
