"""What monitoring keeps."""

from .findings import Finding
from .months import PageMonth
from .posts import Post
from .snapshots import Snapshot

__all__ = ["Finding", "PageMonth", "Post", "Snapshot"]
