"""Photo reports: «до» beside «после», and what is doubtful: the same picture used before, taken before the resident wrote, or far away."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.models import Attachment
from gospult.lib import photos
from gospult.lib.errors import Refused

from .. import proof
from ..checker import BLOCK, WARN, Remark
from ..models import Answer, Case, PhotoReport
from ..queries.photos import point_of, sent_photos

Moment = PhotoReport.Moment
LOOK_BACK = timedelta(days=366)
ALIKE = 4  # bits of 64 that may differ: another size, another compression, a little brighter


def twin_of(*, answer: Answer, sha256: str, dhash: int | None) -> PhotoReport | None:
    """The earliest report of the last year, of any body, that shows the same picture in another case."""
    reports = PhotoReport.objects.filter(created_at__gte=timezone.now() - LOOK_BACK).exclude(answer__case=answer.case_id)
    same = Q(sha256=sha256)
    if dhash is not None:
        differ = RawSQL("bit_count((desk_photoreport.dhash # %s)::bit(64))", [dhash], output_field=IntegerField())
        reports = reports.annotate(differ=differ)
        same |= Q(differ__lte=ALIKE)
    return reports.filter(same).order_by("created_at", "pk").first()


def works_of(answer: Answer) -> QuerySet[PhotoReport]:
    """The photos that show the work: what an answer sends; «до» only stands beside them."""
    return answer.photos.filter(moment=Moment.AFTER).order_by("pk")


def measured(case: Case, taken: tuple[float, float] | None) -> dict[str, Any]:
    """How far from the case's place the camera was, as fields of a report; the camera's own coordinates end here."""
    found = proof.where(taken, point_of(case))
    return {"where": found.verdict, "distance": found.distance, "measured_to": found.name, "radius": found.radius}


def photo_remarks(answer: Answer) -> list[Remark]:
    """What the checker says of the photos: a picture used before blocks until a person insists."""
    found = []
    for number, photo in enumerate(works_of(answer).select_related("twin"), start=1):
        if photo.twin and not photo.insisted_because:
            day = timezone.localdate(photo.twin.created_at)
            what = f"Фото {number} уже приложено к другому ответу {day:%d.%m.%Y}: уберите его или напишите, почему оно верное."
            found.append(Remark("photo_again", BLOCK, what))
        if photo.taken_at and photo.taken_at < answer.case.opened_at:
            day = timezone.localdate(photo.taken_at)
            found.append(Remark("photo_before", WARN, f"Фото {number} снято {day:%d.%m.%Y}, до обращения: проверьте, что на нём сделанная работа."))
        if photo.where == PhotoReport.Where.FAR:
            words = proof.place_words(proof.Where(photo.where, photo.distance, photo.measured_to, photo.radius))
            found.append(Remark("photo_far", WARN, f"Фото {number} {words}: проверьте, что оно об этом обращении."))
    return found


@transaction.atomic
def pair_photo(*, photo: PhotoReport, before: PhotoReport | None = None, sent: Attachment | None = None, by: Person) -> None:
    """«До» stands beside a photo of the work: the body's own, or one that a resident of the case sent; with neither the pair is undone."""
    if photo.answer.state != Answer.State.DRAFT:
        raise Refused("Пары складывают в черновике: верните ответ на доработку.")
    if photo.moment != Moment.AFTER or (before and (before.answer_id, before.moment) != (photo.answer_id, Moment.BEFORE)):
        raise Refused("Рядом с фото сделанного ставят фото «до» этого же ответа.")
    if sent and sent not in sent_photos(photo.answer.case):
        raise Refused("Этого фото жителя в обращении уже нет: выберите другое.")
    if (before or sent) and _same(photo, _looks(before, sent)):
        raise Refused("«До» и «после» — одно и то же фото: выберите другое.")
    PhotoReport.objects.filter(pk=photo.pk).update(before=before, before_sent=sent)
    journal.write(by, "photo_paired", photo.answer, sha256=photo.sha256, before="own" if before else "sent" if sent else "")


def _looks(before: PhotoReport | None, sent: Attachment | None) -> tuple[str, int | None]:
    """Hash and fingerprint of what is to stand as «до»; a picture that we cannot read is like no other."""
    if before:
        return before.sha256, before.dhash
    with suppress(Refused, OSError, ValueError):
        if sent:
            with sent.file.open("rb") as file:
                seen = photos.clean(file.read(photos.LARGEST_FILE + 1))
            return seen.sha256, seen.dhash
    return "", None


def _same(photo: PhotoReport, looks: tuple[str, int | None]) -> bool:
    sha256, dhash = looks
    if photo.dhash is None or dhash is None:
        return photo.sha256 == sha256
    return photo.sha256 == sha256 or ((photo.dhash ^ dhash) & (2**64 - 1)).bit_count() <= ALIKE


@transaction.atomic
def insist(*, photo: PhotoReport, because: str, by: Person) -> None:
    """A person answers for a picture that was used before; control sees the reason."""
    if len(because.strip()) < 10:
        raise Refused("Напишите, почему это фото верное, хотя оно уже было: хватит одного предложения.")
    if photo.answer.state != Answer.State.DRAFT:
        raise Refused("Фото объясняют в черновике: верните ответ на доработку.")
    PhotoReport.objects.filter(pk=photo.pk).update(insisted_because=because.strip()[:500], insisted_by=by)
    journal.write(by, "photo_insisted", photo.answer, sha256=photo.sha256)
