"""Work of the audience by the clock."""

from . import actions


def start() -> None:
    """The night's counting is asked for."""
    actions.start_build(by=None)


def work() -> None:
    """Do the counting that waits, from the first page to the last cell: it holds its worker's slot as long as that takes."""
    actions.work_due()


def thin() -> None:
    """Old counts let go."""
    actions.thin()
