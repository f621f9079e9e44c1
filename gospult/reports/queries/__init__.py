"""The one query of figures: the screen, PDF, XLSX and JSON show what `report` gives, and nothing else."""

from ..charts import Chart, trend_charts
from ..periods import last_whole_month, months_back, period
from ..shapes import Link
from ..wording import number as number_in_words
from .figures import report
from .overview import Overview, overview
from .parts import month_parts
from .rows import cases_behind, has_rows, is_of_desk, names_of, pages_behind
from .scope import READERS, WRITERS, Asked, reads, writes

__all__ = [
    "READERS", "WRITERS", "Asked", "Chart", "Link", "Overview", "cases_behind", "has_rows", "is_of_desk", "last_whole_month", "month_parts",
    "months_back", "names_of", "number_in_words", "overview", "pages_behind", "period", "reads", "report", "trend_charts", "writes",
]  # fmt: skip
