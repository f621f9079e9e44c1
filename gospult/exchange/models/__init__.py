"""What the exchange keeps."""

from .attachments import Attachment, private_storage
from .connections import Connection, Mode, Token
from .incoming import Addressee, Incoming, new_number
from .outgoing import Outgoing, new_guard

__all__ = ["Addressee", "Attachment", "Connection", "Incoming", "Mode", "Outgoing", "Token", "new_guard", "new_number", "private_storage"]
