"""The files that residents attach: small, real, made at the start."""

import io
import struct
from typing import Any

from PIL import Image, ImageDraw

GPS_IFD = 0x8825
# What a resident attaches → the name of its bytes.
FILES = {
    "photo": "photo.jpg",
    "photo_gps": "photo_gps.jpg",
    "video": "video.mp4",
    "voice": "voice.ogg",
    "file": "document.pdf",
    "sticker": "",
    "link": "",
}


class Files:
    """Names → (MIME type, bytes); uploads of pages are added here."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, bytes]] = {
            "photo.jpg": ("image/jpeg", _photo()),
            "photo_gps.jpg": ("image/jpeg", _photo(gps=True)),
            "voice.ogg": ("audio/ogg", _ogg()),
            "voice.mp3": ("audio/mpeg", b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(413)),
            "video.mp4": ("video/mp4", _mp4()),
            "document.pdf": ("application/pdf", _pdf()),
        }

    def get(self, name: str) -> tuple[str, bytes] | None:
        """MIME type and bytes, None when there is no such file."""
        return self._kept.get(name)

    def keep(self, name: str, mime: str, content: bytes) -> None:
        """Keep an uploaded file."""
        self._kept[name] = (mime, content)

    def size(self, name: str) -> int:
        """Bytes of a known file."""
        return len(self._kept[name][1])


def picture_of(content: bytes) -> tuple[str, tuple[int, int]] | None:
    """MIME type and size of a picture, None for what is none."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.verify()
            return Image.MIME.get(picture.format or "", "image/jpeg"), picture.size
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return None


def _photo(*, gps: bool = False) -> bytes:
    picture = Image.new("RGB", (640, 480), (120, 144, 156))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 300, 640, 480), fill=(84, 84, 84))
    draw.ellipse((230, 340, 410, 440), fill=(40, 36, 34))
    extra: dict[str, Any] = {}
    if gps:
        exif = Image.Exif()
        exif[GPS_IFD] = {1: "N", 2: (55.0, 9.0, 36.0), 3: "E", 4: (61.0, 24.0, 0.0)}
        extra["exif"] = exif
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, **extra)
    return out.getvalue()


def _ogg() -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    return b"OggS" + struct.pack("<BBqIIIB", 0, 2, 0, 1, 0, 0, 1) + bytes([len(head)]) + head


def _mp4() -> bytes:
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 512, b"isom") + struct.pack(">I4s", 16, b"mdat") + bytes(8)


def _pdf() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
