"""Everything that changes the directory, cut by noun."""

from .index import catch_up, count_terms
from .remarks import close_remark, forget_remarks, leave_remark

__all__ = ["catch_up", "close_remark", "count_terms", "forget_remarks", "leave_remark"]
