"""What the exchange keeps."""

from .attachments import Attachment, private_storage
from .connections import Connection, Mode, Token
from .incoming import Addressee, Incoming, new_number
from .outgoing import Outgoing, new_guard
from .quotas import Pace, Spending, Task, Waiting
from .sweeps import Card, Sweep, Wall

__all__ = [
    "Addressee", "Attachment", "Card", "Connection", "Incoming", "Mode", "Outgoing", "Pace", "Spending", "Sweep", "Task", "Token", "Waiting",
    "Wall", "new_guard", "new_number", "private_storage",
]  # fmt: skip
