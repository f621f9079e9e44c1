"""Everything that changes scores."""

from .counting import count_scores
from .exporting import export_scores
from .official import import_official

__all__ = ["count_scores", "export_scores", "import_official"]
