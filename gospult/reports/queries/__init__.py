"""The one query of figures: the screen, PDF, XLSX and JSON show what `report` gives, and nothing else."""

from .figures import report
from .rows import cases_behind, pages_behind
from .scope import Asked

__all__ = ["Asked", "cases_behind", "pages_behind", "report"]
