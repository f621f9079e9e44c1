"""Photo reports under doubt: the same picture used before, or one taken before the resident wrote."""

from datetime import timedelta

from django.db import transaction
from django.db.models import IntegerField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..checker import BLOCK, WARN, Remark
from ..models import Answer, PhotoReport

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


def photo_remarks(answer: Answer) -> list[Remark]:
    """What the checker says of the photos: a picture used before blocks until a person insists."""
    found = []
    for number, photo in enumerate(answer.photos.select_related("twin").order_by("pk"), start=1):
        if photo.twin and not photo.insisted_because:
            day = timezone.localdate(photo.twin.created_at)
            what = f"Фото {number} уже приложено к другому ответу {day:%d.%m.%Y}: уберите его или напишите, почему оно верное."
            found.append(Remark("photo_again", BLOCK, what))
        if photo.taken_at and photo.taken_at < answer.case.opened_at:
            day = timezone.localdate(photo.taken_at)
            found.append(Remark("photo_before", WARN, f"Фото {number} снято {day:%d.%m.%Y}, до обращения: проверьте, что на нём сделанная работа."))
    return found


@transaction.atomic
def insist(*, photo: PhotoReport, because: str, by: Person) -> None:
    """A person answers for a picture that was used before; control sees the reason."""
    if len(because.strip()) < 10:
        raise Refused("Напишите, почему это фото верное, хотя оно уже было: хватит одного предложения.")
    if photo.answer.state != Answer.State.DRAFT:
        raise Refused("Фото объясняют в черновике: верните ответ на доработку.")
    PhotoReport.objects.filter(pk=photo.pk).update(insisted_because=because.strip()[:500], insisted_by=by)
    journal.write(by, "photo_insisted", photo.answer, sha256=photo.sha256)
