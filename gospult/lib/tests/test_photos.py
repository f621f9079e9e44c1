"""Photos: what is refused, what is kept, and that nothing of the original but the picture goes on."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from gospult.lib.errors import Refused
from gospult.lib.photos import LARGEST_FILE, clean

URAL = timezone(timedelta(hours=5))


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", color: object = "darkred", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1, offset: str | None = "+05:00", latitude: tuple = (55, 9, 36), longitude: tuple = (61, 24, 0)) -> Image.Exif:
    tags = Image.Exif()
    tags[Base.Orientation], tags[Base.Model], tags[Base.Artist] = orientation, "Телефон".encode().decode("latin1"), "Owner Name"
    tags.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:20 15:10:00"
    if offset:
        tags.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = offset
    tags.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: latitude, GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: longitude})
    return tags


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims any size and holds almost no data."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_each_kind_becomes_a_jpeg(kind: str):
    made = clean(photo(kind))
    assert (made.mime, made.width, made.height, made.taken_at, made.place) == ("image/jpeg", 640, 480, None, None)
    assert Image.open(io.BytesIO(made.content)).format == "JPEG"


def test_time_and_place_are_read_and_then_taken_off():
    original = photo(exif=exif())
    made = clean(original)
    assert (made.taken_at, made.place) == (datetime(2026, 11, 20, 15, 10, tzinfo=URAL), (55.16, 61.4))
    assert b"Owner Name" in original
    assert b"Owner Name" not in made.content
    assert b"Exif" not in made.content
    assert not Image.open(io.BytesIO(made.content)).getexif()


def test_comments_profiles_and_png_texts_are_taken_off():
    made = clean(photo(comment=b"secret comment", icc_profile=b"secret profile"))
    assert b"secret" not in made.content
    assert set(Image.open(io.BytesIO(made.content)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_time_without_an_offset_is_read_in_the_given_zone():
    assert clean(photo(exif=exif(offset=None)), zone=URAL).taken_at == datetime(2026, 11, 20, 10, 10, tzinfo=UTC)
    assert clean(photo(exif=exif(offset=None))).taken_at.tzinfo is not None


def test_a_photo_lying_on_its_side_is_turned_upright():
    lying = Image.new("RGB", (40, 20), "white")
    lying.paste("black", (0, 0, 20, 20))
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif(orientation=6), quality=95)
    made = clean(out.getvalue())
    upright = Image.open(io.BytesIO(made.content)).convert("L")
    assert upright.size == (made.width, made.height) == (20, 40)
    assert upright.getpixel((10, 5)) < 40 < 200 < upright.getpixel((10, 35))


@pytest.mark.parametrize(("size", "expected"), [((5000, 3000), (2560, 1536)), ((1000, 5120), (500, 2560)), ((2560, 10), (2560, 10))])
def test_a_large_photo_is_made_smaller(size: tuple[int, int], expected: tuple[int, int]):
    made = clean(photo(size=size))
    assert (made.width, made.height) == expected == Image.open(io.BytesIO(made.content)).size


@pytest.mark.parametrize(("mode", "color"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("L", 255), ("1", 1), ("P", 0)])
def test_transparent_and_grey_pictures_stand_on_white(mode: str, color: object):
    options = {"transparency": 0} if mode == "P" else {}
    made = clean(photo("PNG", mode=mode, color=color, **options))
    assert min(Image.open(io.BytesIO(made.content)).convert("RGB").getpixel((5, 5))) > 250


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Файл пуст"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "не фото JPEG"),
        (b"GIF89a" + bytes(40), "не фото JPEG"),
        (photo("BMP"), "не фото JPEG"),
        (b"<?php system('id'); ?>", "не фото JPEG"),
        (photo()[:400], "повреждён"),
        (photo("PNG", size=(300, 300))[:90], "повреждён"),
        (png_header(300, 300), "повреждён"),
        (png_header(60_000, 60_000), "60 мегапикселей"),
        (png_header(9_000, 9_000), "60 мегапикселей"),
        (photo() + bytes(LARGEST_FILE), "больше 20 МБ"),
    ],
    ids=["empty", "svg", "gif", "bmp", "script", "cut jpeg", "cut png", "png without pixels", "bomb", "too many pixels", "too many bytes"],
)
def test_what_is_no_usable_photo_is_refused_in_one_sentence(content: bytes, words: str):
    with pytest.raises(Refused, match=words) as caught:
        clean(content)
    assert str(caught.value).count(".") == 1
    assert str(caught.value).endswith("приложите снова.")


@pytest.mark.parametrize("latitude", [(0, 0, 0), (95, 0, 0), (55, 9)])
def test_a_place_that_cannot_be_is_no_place(latitude: tuple):
    original = photo(exif=exif(latitude=latitude, longitude=(0, 0, 0)))
    assert clean(original).place is None


def test_southern_and_western_places_are_negative():
    tags = exif()
    tags.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"})
    assert clean(photo(exif=tags)).place == (-55.16, -61.4)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_metadata_does_not_cost_the_picture():
    original = photo(exif=exif())
    start = original.index(b"Exif\0\0") + 14
    assert clean(original[:start] + b"\xa5" * 40 + original[start + 40 :]).width == 640


def test_bytes_after_the_picture_do_not_go_on():
    assert b"PK\x03\x04" not in clean(photo() + b"PK\x03\x04 an archive glued to the photo").content


def test_the_same_photo_has_the_same_fingerprint():
    assert clean(photo()).sha256 == clean(photo(exif=exif())).sha256 != clean(photo(color="navy")).sha256
