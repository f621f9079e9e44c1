"""Work of the directory by the clock; every job may be killed anywhere and run twice."""

from . import actions


def follow() -> None:
    """Write the lines of bodies that changed in the registry."""
    actions.catch_up()


def forget_remarks() -> None:
    """Delete remarks of residents that are past their term."""
    actions.forget_remarks()


def count_terms() -> None:
    """Count anew how often each word stands in the directory."""
    actions.count_terms()
