"""The one query of figures: the screen, PDF, XLSX and JSON show what `report` gives, and nothing else."""

from ..charts import Chart, trend_charts
from ..periods import last_whole_month, months_back, period
from ..shapes import Link
from ..wording import number as number_in_words
from .figures import report
from .overview import Overview, overview
from .parts import month_parts
from .rows import cases_behind, is_of_desk, opens_rows, pages_behind, rows_behind, with_names
from .scope import READERS, WRITERS, Asked, reads, writes

__all__ = [
    "READERS", "WRITERS", "Asked", "Chart", "Link", "Overview", "cases_behind", "is_of_desk", "last_whole_month", "month_parts", "months_back",
    "number_in_words", "opens_rows", "overview", "pages_behind", "period", "reads", "report", "rows_behind", "trend_charts", "with_names", "writes",
]  # fmt: skip
