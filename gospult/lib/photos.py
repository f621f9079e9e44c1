"""Photos that people send: checked by content, turned upright, freed of everything but the picture."""

import hashlib
import io
import math
import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import GPS, IFD, Base

from gospult.lib.errors import Refused

LARGEST_FILE = 20 * 1024 * 1024  # bytes
LARGEST_PICTURE = 60_000_000  # pixels; a phone's best camera gives 50 million, a bomb gives billions
LONGEST_SIDE = 2560
QUALITY = 85
FLAT = 12  # of 256 levels between the darkest and the brightest of 72 points: below it there is nothing to compare
# HEIC, GIF, TIFF and SVG stay outside: each decoder more is a door more.
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean JPEG: `taken_at` is aware; `place` is (latitude, longitude) in degrees; both None when the camera did not write them.

    `dhash` is the picture's fingerprint as a signed number of 64 bits, None for a picture without any relief.
    """

    content: bytes
    mime: str
    width: int
    height: int
    sha256: str
    taken_at: datetime | None
    place: tuple[float, float] | None
    dhash: int | None = None


def clean(content: bytes, zone: tzinfo | None = None) -> Photo:
    """The photo re-encoded as JPEG without metadata, at most 2560 px a side; Refused with one sentence when it is no usable photo.

    Many cameras write local time without its offset: it is read in `zone`, by default the zone of the process.
    """
    if len(content) > LARGEST_FILE:
        raise Refused("Фото больше 20 МБ: уменьшите его и приложите снова.")
    if not content:
        raise Refused("Файл пуст: выберите фото и приложите снова.")
    image, exif = _open(content)
    taken_at, place = _taken_at(exif, zone), _place(exif)
    picture = _plain(image)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    made = out.getvalue()
    return Photo(made, "image/jpeg", picture.width, picture.height, hashlib.sha256(made).hexdigest(), taken_at, place, _dhash(picture))


def _dhash(picture: Image.Image) -> int | None:
    """The difference hash: which of two neighbours in a row is brighter, on a picture of 9 × 8 grey points (N. Krawetz, 2013).

    Sizes, compression and a little light leave it as it is; pictures that differ in at most 4 bits are taken for one.
    """
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    points = grey.tobytes()
    if max(points) - min(points) < FLAT:
        return None  # fog, a wall, a black night: every such picture would be the same
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (points[row * 9 + column] > points[row * 9 + column + 1])
    return bits - 2**64 if bits >= 2**63 else bits


def _open(content: bytes) -> tuple[Image.Image, Image.Exif]:
    """The decoded picture and its EXIF; the size is read from the header before one pixel is unpacked."""
    try:
        with warnings.catch_warnings():
            # Our own bound below is the one that speaks to the person.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > LARGEST_PICTURE:
                raise Refused("В фото больше 60 мегапикселей: уменьшите его и приложите снова.")
            # JPEG decoders shrink while they read: a large photo costs a quarter of the memory.
            image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
    except UnidentifiedImageError as error:
        raise Refused("Это не фото JPEG, PNG или WebP: сохраните снимок в одном из этих видов и приложите снова.") from error
    except Image.DecompressionBombError as error:
        raise Refused("В фото больше 60 мегапикселей: уменьшите его и приложите снова.") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError) as error:
        raise Refused("Файл фото повреждён: откройте его у себя, сохраните заново и приложите снова.") from error
    return image, _exif(image)


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except Exception:  # EXIF of the wild raises anything (struct.error, SyntaxError, …); the picture itself is good
        return Image.Exif()


def _plain(image: Image.Image) -> Image.Image:
    """Downsized, upright, on white where it was transparent, and with nothing attached."""
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Small first: every step after it copies the picture.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    with suppress(Exception):  # see _exif; a picture lying on its side is better than none
        image = ImageOps.exif_transpose(image)
    bare = Image.new("RGB", image.size, "white")
    layer = image.convert("RGBA") if image.has_transparency_data else None
    # Only pixels go over: no EXIF, XMP, ICC, comments or thumbnails of the original.
    bare.paste(layer or image.convert("RGB"), mask=layer)
    return bare


def _taken_at(exif: Image.Exif, zone: tzinfo | None) -> datetime | None:
    details = _ifd(exif, IFD.Exif)
    text = details.get(Base.DateTimeOriginal) or details.get(Base.DateTimeDigitized) or exif.get(Base.DateTime)
    try:
        taken = datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    offset = str(details.get(Base.OffsetTimeOriginal) or details.get(Base.OffsetTime) or "").strip("\0 ")
    try:
        return taken.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo)
    except ValueError:
        return taken.replace(tzinfo=zone) if zone else taken.astimezone()


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    gps = _ifd(exif, IFD.GPSInfo)
    try:
        latitude = _degrees(gps[GPS.GPSLatitude], gps.get(GPS.GPSLatitudeRef, "N"), "S")
        longitude = _degrees(gps[GPS.GPSLongitude], gps.get(GPS.GPSLongitudeRef, "E"), "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    # Cameras without a fix write zeros; nobody here photographs the Gulf of Guinea.
    known = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)
    return (round(latitude, 6), round(longitude, 6)) if known else None


def _degrees(parts: Any, ref: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError("no finite coordinate")
    sign = ref.decode("ascii", "ignore") if isinstance(ref, bytes) else str(ref)
    return -value if sign.strip("\0 ").upper() == negative else value


def _ifd(exif: Image.Exif, block: int) -> dict[int, Any]:
    try:
        return exif.get_ifd(block)
    except Exception:  # see _exif
        return {}
