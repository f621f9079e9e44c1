"""What is known of the pages: posts, checks, findings, figures of months, and how fresh it is."""

from ..design import ITEMS as DESIGN_ITEMS
from ..widgets import FAULTS as WIDGET_FAULTS
from ..widgets import check as check_widgets
from .coverage import Coverage, coverage, whole_coverage
from .findings import REASONS, finding_counts, findings, may_decide, told_findings, with_pages
from .pages import SOURCES, PageView, page_view
from .posts import DAYS_OFF, EVER, Facts, Norm, Seen, monday, norm, rules, told, weeks_posts

__all__ = [
    "DAYS_OFF", "DESIGN_ITEMS", "EVER", "REASONS", "SOURCES", "WIDGET_FAULTS", "Coverage", "Facts", "Norm", "PageView", "Seen", "check_widgets",
    "coverage", "finding_counts", "findings", "may_decide", "monday", "norm", "page_view", "rules", "told", "told_findings", "weeks_posts",
    "whole_coverage", "with_pages",
]  # fmt: skip
