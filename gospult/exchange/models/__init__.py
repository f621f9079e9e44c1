"""What the exchange keeps."""

from .attachments import Attachment, private_storage
from .connections import Connection, Hook, Token
from .deeds import Deed
from .incoming import Addressee, Incoming, new_number
from .invitations import Invitation, Pilot, new_door
from .modes import FAULT_WORDS, FEATURE_WORDS, KIND_WORDS, TO_ANSWER, WORKS, Mode, best, refusal, works
from .outgoing import Outgoing, new_guard
from .postings import Posting
from .quotas import Pace, Spending, Task, Waiting
from .sweeps import Card, Sweep, Wall

__all__ = [
    "FAULT_WORDS", "FEATURE_WORDS", "KIND_WORDS", "TO_ANSWER", "WORKS", "Addressee", "Attachment", "Card", "Connection", "Deed", "Hook", "Incoming",
    "Invitation", "Mode", "Outgoing", "Pace", "Pilot", "Posting", "Spending", "Sweep", "Task", "Token", "Waiting", "Wall", "best", "new_door",
    "new_guard", "new_number", "private_storage", "refusal", "works",
]  # fmt: skip
