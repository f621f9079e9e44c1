"""What is known of the pages: posts, checks, figures of months."""

from ..widgets import FAULTS as WIDGET_FAULTS
from ..widgets import check as check_widgets
from .posts import DAYS_OFF, EVER, Facts, Norm, Seen, monday, norm, rules, told, weeks_posts

__all__ = ["DAYS_OFF", "EVER", "WIDGET_FAULTS", "Facts", "Norm", "Seen", "check_widgets", "monday", "norm", "rules", "told", "weeks_posts"]
