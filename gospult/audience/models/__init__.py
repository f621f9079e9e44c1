"""What stays of a build: counts, and sketches of large pages. No row names a person."""

from .builds import Build
from .counts import READERS, Cell, PageShare, Sketch, territories_of
from .selections import Selection, SelectionCount

__all__ = ["READERS", "Build", "Cell", "PageShare", "Selection", "SelectionCount", "Sketch", "territories_of"]
