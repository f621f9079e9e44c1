"""Tables of the directory, cut by noun."""

from .index import Entry, EntryBody, Shape, Spelling, Stale, Term

__all__ = ["Entry", "EntryBody", "Shape", "Spelling", "Stale", "Term"]
