"""Work of the office by the clock; every job may be killed anywhere and run twice."""

from . import actions


def look_at_remedies() -> None:
    """Tasks close whose goal the system sees reached."""
    actions.look_at_remedies()


def remind_of_remedies() -> None:
    """Those who do the tasks are told the day before, and once when the day has passed."""
    actions.remind_of_remedies()


def report_closed_remedies() -> None:
    """Curators learn which of their tasks have closed, in one alert."""
    actions.report_closed()


def give_digests() -> None:
    """On the first working morning of a week each curator is told how his branch stands."""
    actions.give_digests()


def count_months() -> None:
    """Count the figures of this month and the one before."""
    actions.count_months()
