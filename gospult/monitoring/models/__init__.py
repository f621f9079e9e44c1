"""What monitoring keeps."""

from .findings import Finding
from .months import MonthSums, PageMonth
from .posts import Post
from .snapshots import Snapshot

__all__ = ["Finding", "MonthSums", "PageMonth", "Post", "Snapshot"]
