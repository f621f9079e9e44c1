"""What changes the world here: tasks are set, closed and told of; the week's digest is given; months are counted."""

from .digest import give_digests
from .months import count_months
from .remedies import cancel_remedy, finish_remedy, look_at_remedies, remind_of_remedies, report_closed, return_remedy, set_remedy

__all__ = [
    "cancel_remedy", "count_months", "finish_remedy", "give_digests", "look_at_remedies", "remind_of_remedies", "report_closed", "return_remedy",
    "set_remedy",
]  # fmt: skip
