"""What changes the world here: intake of events, delivery of replies, files, connections."""

from .connections import connect, set_mode
from .delivery import deliver_due, enqueue, give_up, publish_by_hand, read_back_due, repeat, withdraw
from .forgetting import forget, forget_replies, forget_strays
from .intake import BadEvent, FileRow, WrongSecret, accept, record, take_in
from .media import attach, fetch_due, forget_due
from .polling import poll_due
from .vault_keeping import drop_token, keep_token, reseal

__all__ = [
    "BadEvent", "FileRow", "WrongSecret", "accept", "attach", "connect", "deliver_due", "drop_token", "enqueue", "fetch_due", "forget",
    "forget_due", "forget_replies", "forget_strays", "give_up", "keep_token", "poll_due", "publish_by_hand", "read_back_due", "record",
    "repeat", "reseal", "set_mode", "take_in", "withdraw",
]  # fmt: skip
