"""Photo reports: with what a case's place is compared, and what may stand beside a photo as «до»."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Q

from gospult.exchange.models import Attachment
from gospult.lib import regions
from gospult.lib.earth import Point
from gospult.registry.models import Territory

from ..models import Answer, Case, PhotoReport

Moment = PhotoReport.Moment
SHOWN = (Answer.State.PUBLISHED,)


def point_of(case: Case) -> Point | None:
    """The nearest place of the case that has coordinates: its street, its settlement, what lies above; None where the region knows none."""
    if case.territory is None:
        return None
    known = {(row.territory, row.street.lower()): row for row in regions.load(settings.REGION).points}
    above = [int(part) for part in reversed(case.territory.path.split("/")) if part] or [case.territory.pk]
    rows = Territory.objects.in_bulk(above)
    street = case.place.split(",")[0].strip()
    if street and (row := known.get((case.territory.code, street.lower()))):
        return Point(f"{case.territory.name}, {row.street}", row.lat, row.lon, row.radius)
    for territory in (rows[pk] for pk in above if pk in rows):
        if row := known.get((territory.code, "")):
            return Point(territory.name, row.lat, row.lon, row.radius)
    return None


def sent_photos(case: Case) -> list[Attachment]:
    """Photos of the case's residents that are still kept, the oldest first."""
    said = case.message_set.filter(forgotten_at=None, deleted_at=None).values_list("network", "page_key", "external_id")
    mine = Q()
    for network, page_key, external_id in said:
        mine |= Q(incoming__network=network, incoming__page_key=page_key, incoming__external_id=external_id)
    return list(Attachment.objects.filter(mine, kind="photo", state=Attachment.State.KEPT).order_by("pk")[:20]) if mine else []


def befores_of(case: Case, draft: Answer | None) -> list[dict[str, Any]]:
    """What a photo of the draft may be set beside: {"value", "pk", "own", "name"}; the body's own «до», then what residents sent."""
    own = draft.photos.filter(moment=Moment.BEFORE).order_by("pk") if draft else []
    found = [{"value": f"own-{photo.pk}", "pk": photo.pk, "own": True, "name": f"наше «до» {n}"} for n, photo in enumerate(own, start=1)]
    return found + [
        {"value": f"sent-{file.pk}", "pk": file.pk, "own": False, "name": f"фото жителя {n}"} for n, file in enumerate(sent_photos(case), start=1)
    ]


def proofs_of(cases: Collection[Case]) -> dict[int, list[PhotoReport]]:
    """The photos of work of these cases, by case."""
    rows = PhotoReport.objects.filter(answer__case__in=cases, moment=Moment.AFTER).exclude(answer__state=Answer.State.WITHDRAWN)
    found: dict[int, list[PhotoReport]] = {}
    for photo in rows.select_related("answer__case", "before", "before_sent").order_by("pk"):
        found.setdefault(photo.answer.case_id, []).append(photo)
    return found


def public_photos(case: Case) -> list[PhotoReport]:
    """Photos of work that everybody may see: of a public answer; beside them only what the body itself took before."""
    if not case.by_comment:
        return []
    rows = PhotoReport.objects.filter(answer__case=case, moment=Moment.AFTER, answer__state__in=SHOWN)
    return list(rows.select_related("before").order_by("pk")[:10])
