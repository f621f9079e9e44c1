"""What changes the world here: telling, letters and their sending, channels, what people write back."""

from .habits import move_contact, remove_contact, set_habit
from .hearing import take_incoming
from .pairing import begin_pairing, confirm_mail
from .sending import send_due
from .telling import mark_read, outlive, overtake, revive, tell
from .writing import answer, write, write_due

__all__ = [
    "answer", "begin_pairing", "confirm_mail", "mark_read", "move_contact", "outlive", "overtake", "remove_contact", "revive", "send_due",
    "set_habit", "take_incoming", "tell", "write", "write_due",
]  # fmt: skip
