"""Work of the accounts by the clock."""

from . import actions, journal


def seal_journal() -> None:
    """Chain the journal's new lines; what is left over waits for the next time."""
    journal.seal()


def clear_sessions() -> None:
    """Delete the sessions of people who have not come back."""
    actions.clear_sessions()
