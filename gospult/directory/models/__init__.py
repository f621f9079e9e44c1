"""Tables of the directory, cut by noun."""

from .index import Entry, EntryBody, Shape, Spelling, Stale, Term
from .remarks import Remark

__all__ = ["Entry", "EntryBody", "Remark", "Shape", "Spelling", "Stale", "Term"]
