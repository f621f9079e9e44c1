"""Tables of the alerts, cut by noun."""

from .alerts import ANSWERABLE, Alert, Kind, Letter
from .people import Channel, Contact, Habit, Pairing
from .replies import Reply

__all__ = ["ANSWERABLE", "Alert", "Channel", "Contact", "Habit", "Kind", "Letter", "Pairing", "Reply"]
