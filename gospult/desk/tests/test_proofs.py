import io
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw, ImageEnhance
from PIL.ExifTags import IFD, Base

from gospult.desk import actions
from gospult.desk.actions.answering import remarks
from gospult.desk.models import Case, PhotoReport
from gospult.desk.testing import make_answer, make_case, make_topic
from gospult.exchange.testing import make_connection
from gospult.lib import photos
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body


def picture(seed=1, size=(800, 600)) -> Image.Image:
    """A made-up yard: a sky, a wall, windows and a heap at places of its own."""
    made = Image.new("RGB", size, (150 + seed * 7 % 60, 180, 200))
    draw, (w, h) = ImageDraw.Draw(made), size
    for n in range(14):
        x, y = (n * 173 * seed + 31 * n) % w, (n * 97 * seed + 57 * n) % h
        draw.rectangle((x, y, x + w // 6, y + h // 7), fill=((n * 61 * seed) % 256, (n * 37) % 256, (n * 89 + seed * 50) % 256))
    return made


def content(image: Image.Image, quality=90, taken: datetime | None = None) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    if taken:
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
        exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = "+00:00"
    image.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def distance(one: bytes, two: bytes) -> int:
    a, b = photos.clean(one).dhash, photos.clean(two).dhash
    assert a is not None
    assert b is not None
    return ((a ^ b) & (2**64 - 1)).bit_count()


CHANGES = {
    "smaller": lambda i: content(i.resize((400, 300))),
    "recompressed": lambda i: content(i, quality=35),
    "brighter": lambda i: content(ImageEnhance.Brightness(i).enhance(1.08)),
    "as PNG": lambda i: _png(i),
}


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_the_same_picture_is_known_after_small_changes(change, seed):
    assert distance(content(picture(seed)), CHANGES[change](picture(seed))) <= 4


@pytest.mark.parametrize(("one", "two"), [(1, 2), (2, 3), (1, 5), (3, 7)])
def test_different_pictures_are_different(one, two):
    assert distance(content(picture(one)), content(picture(two))) > 10


def test_an_even_picture_is_like_no_other():
    assert photos.clean(content(Image.new("RGB", (300, 200), "grey"))).dhash is None


@pytest.fixture
def cases(page, body, operator, db) -> list[Case]:
    make_topic()
    make_connection(page, mode="full")
    first = make_case(page, "Яма во дворе дома 4", body=body, by=operator)
    return [first, make_case(page, "Не горит фонарь у дома 9", body=make_body(), by=operator)]


def attach(case, operator, image, **fields):
    answer = make_answer(case, by=operator)
    return actions.attach_photo(answer=answer, content=content(image, **fields), by=operator)


def test_the_same_photo_in_another_bodys_case_blocks_until_a_person_insists(cases, operator):
    attach(cases[0], operator, picture(2))
    again = attach(cases[1], operator, picture(2).resize((640, 480)), quality=60)
    assert again.twin is not None
    with pytest.raises(Refused, match="уже приложено к другому ответу"):
        actions.submit(answer=again.answer, by=operator)
    actions.insist(photo=again, because="Тот же двор, сняли оба адреса сразу", by=operator)
    actions.submit(answer=again.answer, by=operator)
    assert PhotoReport.objects.get(pk=again.pk).insisted_by == operator


def test_insisting_without_a_reason_is_refused(cases, operator):
    attach(cases[0], operator, picture(2))
    again = attach(cases[1], operator, picture(2))
    with pytest.raises(Refused, match="почему это фото верное"):
        actions.insist(photo=again, because=" да ", by=operator)


def test_another_photo_and_an_old_one_do_not_block(cases, operator):
    old = attach(cases[0], operator, picture(2))
    assert attach(cases[1], operator, picture(3)).twin is None
    PhotoReport.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=400))
    assert attach(cases[1], operator, picture(2)).twin is None


def test_a_photo_taken_before_the_message_warns_with_its_day(cases, operator):
    photo = attach(cases[0], operator, picture(2), taken=datetime(2026, 3, 12, 9, tzinfo=UTC))
    found = [r for r in remarks(photo.answer) if r.code == "photo_before"]
    assert [(r.level, "снято 12.03.2026, до обращения" in r.text) for r in found] == [("warn", True)]


def test_what_is_published_has_no_exif(cases, operator):
    photo = attach(cases[0], operator, picture(2), taken=datetime(2026, 3, 12, 9, tzinfo=UTC))
    with photo.file.open("rb") as file, Image.open(file) as image:
        assert not image.getexif()
        assert "exif" not in image.info


def test_stranger_gets_404_for_insisting(client, stranger, cases, operator):
    attach(cases[0], operator, picture(2))
    again = attach(cases[1], operator, picture(2))
    client.force_login(stranger)
    address = reverse("desk:insist", args=[cases[1].number, again.pk])
    assert client.post(address, {"because": "Тот же двор, тот же день"}).status_code == 404
    assert not PhotoReport.objects.get(pk=again.pk).insisted_because


def test_the_writer_insists_beside_the_photo(client, operator, cases):
    attach(cases[0], operator, picture(2))
    again = attach(cases[1], operator, picture(2))
    client.force_login(operator)
    assert "уже приложено" in client.get(reverse("desk:case", args=[cases[1].number])).content.decode()
    client.post(reverse("desk:insist", args=[cases[1].number, again.pk]), {"because": "Тот же двор, сняли оба адреса сразу"})
    assert PhotoReport.objects.get(pk=again.pk).insisted_because
