"""Work of the accounts by the clock."""

from . import journal


def seal_journal() -> None:
    """Chain the journal's new lines; what is left over waits for the next time."""
    journal.seal()
