from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from gospult.desk import actions, proof
from gospult.desk.actions.answering import remarks
from gospult.desk.models import Case, PhotoReport
from gospult.desk.queries.photos import point_of, public_photos, sent_photos
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.desk.tests.test_proofs import picture
from gospult.exchange.models import Attachment, Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib import regions
from gospult.lib.earth import Point
from gospult.lib.errors import Refused
from gospult.registry.testing import make_territory

CITY = (55.16, 61.40)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def shot(seed=1, place=None, taken=None) -> bytes:
    """A picture as a phone saves it, with or without its place and time."""
    out, exif = BytesIO(), Image.Exif()
    if taken:
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = f"{taken.astimezone(UTC):%Y:%m:%d %H:%M:%S}"
        exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] = "+00:00"
    if place:
        gps = exif.get_ifd(IFD.GPSInfo)
        for value, tag, ref, letter in ((place[0], GPS.GPSLatitude, GPS.GPSLatitudeRef, "N"), (place[1], GPS.GPSLongitude, GPS.GPSLongitudeRef, "E")):
            seconds = round(value * 3600)
            gps[tag], gps[ref] = (seconds // 3600, seconds // 60 % 60, seconds % 60), letter
    picture(seed).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


@pytest.fixture
def case(page, body, operator) -> Case:
    make_topic()
    make_connection(page, mode="full")
    made = make_case(page, "Яма во дворе дома 4", body=body, by=operator)
    Case.objects.filter(pk=made.pk).update(territory=make_territory(code="chelyabinsk", name="Челябинск", level="settlement"))
    return Case.objects.get(pk=made.pk)


@pytest.fixture
def answer(case, operator):
    return make_answer(case, by=operator)


def attach(answer, by, content, **fields) -> PhotoReport:
    return actions.attach_photo(answer=answer, content=content, by=by, **fields)


def sent(case, seed=9, **fields) -> Attachment:
    """A photo that the resident sent with the first message of the case."""
    incoming = case.message_set.get().revisions().get()
    row = Attachment(
        incoming=incoming, position=0, kind="photo", state="kept", mime="image/jpeg", forget_at=timezone.now() + timedelta(days=9), **fields
    )
    row.file.save("before.jpg", ContentFile(shot(seed)), save=False)
    row.save()
    return row


# Words of a place and a time


@given(st.floats(50, 60), st.floats(55, 65), st.integers(1, 50_000))
def test_a_photo_is_far_exactly_when_it_is_beyond_the_radius(lat, lon, radius):
    found = proof.where((lat, lon), Point("Город", *CITY, radius))
    assert (found.verdict == proof.FAR) == (found.distance > radius)
    assert ("далеко" in proof.place_words(found)) == (found.verdict == proof.FAR)


def test_no_exif_is_told_without_blame():
    assert proof.facts(proof.Where(proof.NO_FIX), None, NOW) == [("", "место и время снимка неизвестны")]


def test_what_is_known_is_said_with_what_it_was_compared_to():
    lines = proof.facts(proof.Where(proof.NEAR, 3240, "Челябинск", 22000), NOW, NOW - timedelta(days=1))
    assert lines == [
        ("", "снято 24.11.2026 12:00"),
        ("", "снято в пределах: Челябинск, 3,2 км от середины (точнее место обращения неизвестно, радиус 22 км)"),
    ]
    early = proof.facts(proof.Where(proof.NO_POINT), NOW - timedelta(days=2), NOW)
    assert early[0] == ("soon", "снимок сделан раньше обращения: 22.11.2026")
    assert "сравнить не с чем" in early[1][1]


# What a report keeps


@pytest.mark.django_db
def test_only_the_distance_is_kept_never_the_place(case, answer, operator):
    photo = attach(answer, operator, shot(2, place=(55.20, 61.40)))
    assert (photo.where, photo.measured_to, photo.radius) == ("near", "Челябинск", 22000)
    assert photo.distance == pytest.approx(4448, abs=20)
    kept = str(list(PhotoReport.objects.values())) + str(sorted(f.name for f in PhotoReport._meta.get_fields()))
    assert not [word for word in ("55.2", "61.4", "'place'", "lat", "lon") if word in kept]


@pytest.mark.django_db
def test_a_photo_from_another_town_warns_and_blocks_nothing(client, case, answer, operator):
    attach(answer, operator, shot(2, place=(53.41, 58.98)))
    found = [r for r in remarks(answer) if r.code == "photo_far"]
    assert [(r.level, "снято далеко" in r.text) for r in found] == [("warn", True)]
    actions.submit(answer=answer, by=operator)
    client.force_login(operator)
    shown = client.get(reverse("desk:check"), {"why": "photos"}).content.decode()
    assert case.number in shown
    assert "снято далеко от места обращения" in shown


@pytest.mark.django_db
def test_a_place_without_coordinates_is_no_verdict(case, answer, operator):
    Case.objects.filter(pk=case.pk).update(territory=make_territory(code="nowhere", name="Деревня"))
    answer.refresh_from_db()
    photo = attach(answer, operator, shot(2, place=CITY))
    assert (photo.where, photo.distance) == ("no_point", None)


@pytest.mark.django_db
def test_a_street_is_nearer_than_its_town_and_a_town_than_its_district(case, monkeypatch):
    region = regions.load("chelyabinsk")
    rows = (*region.points, regions.PointRow("chelyabinsk", "Кирова", 55.17, 61.39, 3000))
    monkeypatch.setattr(regions, "load", lambda code: type("Region", (), {"points": rows}))
    case.place = "Кирова, 12"
    assert point_of(case) == Point("Челябинск, Кирова", 55.17, 61.39, 3000)
    case.place = "Труда, 3"
    assert point_of(case).name == "Челябинск"
    case.territory = make_territory(code="inside", name="Микрорайон", parent=case.territory)
    assert point_of(case).name == "Челябинск"


def test_every_point_of_the_region_is_of_a_known_territory_and_inside_the_region():
    region = regions.load("chelyabinsk")
    codes = {t.code for t in region.territories}
    assert len(region.points) > 20
    assert {p.territory for p in region.points} <= codes
    assert all(51.9 < p.lat < 56.5 and 57 < p.lon < 63.5 and 5000 <= p.radius <= 30000 for p in region.points)


# Pairs


@pytest.mark.django_db
def test_what_was_before_stands_beside_and_is_not_sent(client, case, answer, operator):
    before = attach(answer, operator, shot(3), moment="before")
    after = attach(answer, operator, shot(2))
    actions.pair_photo(photo=after, before=before, by=operator)
    publish(answer, by=operator)
    assert [len(row.photos) for row in Outgoing.objects.filter(answer=answer.pk)] == [1]
    client.force_login(operator)
    shown = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert "до → после" in shown
    assert shown.count(reverse("desk:report", args=[before.pk])) == 2
    assert "место и время снимка неизвестны" in shown


@pytest.mark.django_db
def test_a_residents_photo_is_seen_beside_ours_and_never_published(client, case, answer, operator):
    theirs = sent(case)
    after = attach(answer, operator, shot(2))
    actions.pair_photo(photo=after, sent=theirs, by=operator)
    publish(answer, by=operator)
    message = case.message_set.get()
    public = client.get(reverse("services:status"), {"number": message.number}).content.decode()
    assert reverse("desk:report_photo", args=[after.key]) in public
    assert public.count("<img") == 1
    assert "media" not in public
    client.force_login(operator)
    assert reverse("desk:media", args=[theirs.pk]) in client.get(reverse("desk:case", args=[case.number])).content.decode()


@pytest.mark.django_db
def test_the_bodys_own_before_is_public_with_its_after(client, case, answer, operator):
    before = attach(answer, operator, shot(3), moment="before")
    after = attach(answer, operator, shot(2))
    actions.pair_photo(photo=after, before=before, by=operator)
    address = reverse("services:status"), {"number": case.message_set.get().number}
    assert "<img" not in client.get(*address).content.decode()  # a draft shows nothing
    publish(answer, by=operator)
    public = client.get(*address).content.decode()
    assert public.index(before.key) < public.index(after.key)


@pytest.mark.django_db
def test_photos_of_a_dialogue_are_not_on_the_public_page(case, answer, operator):
    attach(answer, operator, shot(2))
    publish(answer, by=operator)
    Case.objects.filter(pk=case.pk).update(by_comment=False)
    assert public_photos(Case.objects.get(pk=case.pk)) == []


@pytest.mark.django_db
def test_the_same_picture_is_no_pair(case, answer, operator):
    after = attach(answer, operator, shot(2))
    with pytest.raises(Refused, match="одно и то же"):
        actions.pair_photo(photo=after, sent=sent(case, seed=2), by=operator)


@pytest.mark.django_db
def test_a_photo_of_another_case_or_a_forgotten_one_is_no_pair(page, case, answer, operator):
    after, theirs = attach(answer, operator, shot(2)), sent(case)
    other = make_answer(make_case(page, "Не горит фонарь у дома 9", by=operator), by=operator)
    with pytest.raises(Refused, match="этого же ответа"):
        actions.pair_photo(photo=after, before=attach(other, operator, shot(5), moment="before"), by=operator)
    case.message_set.update(forgotten_at=timezone.now())
    assert sent_photos(case) == []
    with pytest.raises(Refused, match="уже нет"):
        actions.pair_photo(photo=after, sent=theirs, by=operator)


@pytest.mark.django_db
def test_the_writer_adds_what_was_before_and_sets_it_beside(client, case, answer, operator):
    after = attach(answer, operator, shot(2))
    client.force_login(operator)
    file = BytesIO(shot(3))
    file.name = "before.jpg"
    client.post(reverse("desk:answer", args=[case.number]), {"text": answer.text, "kind": "final", "do": "save", "before": file})
    before = PhotoReport.objects.get(moment="before")
    shown = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert f'value="own-{before.pk}"' in shown
    client.post(reverse("desk:pair", args=[case.number, after.pk]), {"before": f"own-{before.pk}"})
    assert PhotoReport.objects.get(pk=after.pk).before == before
    client.post(reverse("desk:pair", args=[case.number, after.pk]), {"before": ""})
    assert PhotoReport.objects.get(pk=after.pk).before is None


@pytest.mark.django_db
def test_stranger_gets_404_for_a_pair(client, stranger, case, answer, operator):
    after = attach(answer, operator, shot(2))
    client.force_login(stranger)
    assert client.post(reverse("desk:pair", args=[case.number, after.pk]), {"before": ""}).status_code == 404
