"""What the scores say: plain data for screens, files and the command line."""

from ..inputs import month_of
from ..library import method, methods
from .computing import compute
from .explaining import among_peers, of_group, of_one_page, series
from .reading import before, following
from .sheets import sheet
from .table import Asked, Line, Table, lines_of, methods_for, months_of, places, table, table_of, territories
from .telling import explained, told

__all__ = [
    "Asked", "Line", "Table", "among_peers", "before", "compute", "explained", "following", "lines_of", "method", "methods", "methods_for",
    "month_of", "months_of", "of_group", "of_one_page", "places", "series", "sheet", "table", "table_of", "territories", "told",
]  # fmt: skip
