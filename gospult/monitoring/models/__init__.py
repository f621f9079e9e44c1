"""What monitoring keeps."""

from .months import PageMonth
from .posts import Post
from .snapshots import Snapshot

__all__ = ["PageMonth", "Post", "Snapshot"]
