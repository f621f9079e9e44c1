"""Pictures that wait in the connector for the message they belong to: Bot API takes a file only together with its message."""

import secrets
from collections.abc import Sequence

from gospult.networks.base import NetworkError

LARGEST = 10 * 1024 * 1024  # bytes of a photo
MOST = 10  # pictures of one album
# How a file begins that Telegram takes for a photo.
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"BM")


class Pictures:
    """Name and bytes under a reference that is good for one connector."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, bytes]] = {}

    def keep(self, name: str, content: bytes) -> str:
        """Keep a picture and give its reference; NetworkError "invalid" for what Telegram would not take for a photo."""
        if not content.startswith(BEGINNINGS):
            raise NetworkError("Telegram: файл не похож на фото", fault="invalid", permanent=True)
        if len(content) > LARGEST:
            raise NetworkError(f"Telegram: фото больше {LARGEST // 1024 // 1024} МБ", fault="invalid", permanent=True)
        reference = f"kept:{secrets.token_hex(8)}"
        self._kept[reference] = (name, content)
        return reference

    def named(self, references: Sequence[str]) -> list[tuple[str, bytes]]:
        """The pictures of these references; NetworkError "invalid" for an unknown one or too many."""
        if len(references) > MOST:
            raise NetworkError(f"Telegram: больше {MOST} фото в одном сообщении", fault="invalid", permanent=True)
        if any(reference not in self._kept for reference in references):
            raise NetworkError("Telegram: фото не загружено этим соединителем", fault="invalid", permanent=True)
        return [self._kept[reference] for reference in references]
