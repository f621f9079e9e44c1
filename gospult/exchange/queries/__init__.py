"""Reading what the exchange knows."""

from .connectors import address, connector
from .health import oldest_unfinished
from .replies import can_publish, is_autoreply, is_our_echo, term_over

__all__ = ["address", "can_publish", "connector", "is_autoreply", "is_our_echo", "oldest_unfinished", "term_over"]
