"""Everything that changes the directory, cut by noun."""

from .index import catch_up, count_terms

__all__ = ["catch_up", "count_terms"]
