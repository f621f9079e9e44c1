"""A resident does not agree: recorded by one person, decided by another who took no part in the decision."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.queries import has_way
from gospult.lib.errors import Refused

from ..models import Appeal, Ban, Hiding
from .banning import APPEAL, lift_ban
from .events import happened
from .hiding import give_back

STANDING = (Ban.State.PROPOSED, Ban.State.ASKED, Ban.State.BY_HAND, Ban.State.IN_FORCE, Ban.State.FAILED)


@transaction.atomic
def record_appeal(*, hiding: Hiding, said: str, by: Person) -> Appeal:
    """A resident's appeal against a hiding, and against the ban that stands because of it, is written down."""
    if not said.strip():
        raise Refused("Напишите коротко, с чем житель не согласен.")
    ban = Ban.objects.filter(hiding=hiding, state__in=STANDING).order_by("-id").first()
    if Appeal.objects.filter(hiding=hiding, granted=None).exists():
        raise Refused("Обжалование уже записано и ждёт решения.")
    appeal = Appeal.objects.create(hiding=hiding, ban=ban, said=said.strip()[:500], recorded_by=by)
    happened(case=hiding.case, event="appeal_recorded", by=by, appeal=appeal.pk)
    journal.write(by, "appeal_recorded", appeal, hiding=hiding.pk)
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, granted: bool, why: str, by: Person) -> None:
    """Somebody who neither hid, confirmed nor proposed decides; what is granted opens the access and puts the comment back where that is possible."""
    hiding = Hiding.objects.select_related("page", "message", "case").get(pk=appeal.hiding_id)
    ban = Ban.objects.select_related("page", "case", "deed").get(pk=appeal.ban_id) if appeal.ban_id else None
    took_part = {hiding.by_id, hiding.seen_by_id} | ({ban.proposed_by_id, ban.decided_by_id} if ban else set())
    if by.pk in took_part:
        raise Refused("Обжалование решает тот, кто в этом решении не участвовал: передайте его другому сотруднику.")
    if not why.strip():
        raise Refused("Напишите, почему решение такое: его сообщат жителю.")
    decided = {"granted": granted, "why": why.strip()[:500], "decided_by": by, "decided_at": timezone.now()}
    if not Appeal.objects.filter(pk=appeal.pk, granted=None).update(**decided):
        raise Refused("Это обжалование уже решено.")
    if granted and ban and ban.state in STANDING:
        lift_ban(ban=ban, why=APPEAL, by=by)
    if granted and hiding.state == Hiding.State.HIDDEN and has_way(hiding.page, "unhide"):
        give_back(hiding=hiding, why=f"обжалование: {why}", by=by)
    happened(case=hiding.case, event="appeal_granted" if granted else "appeal_refused", by=by, appeal=appeal.pk)
    journal.write(by, "appeal_decided", appeal, granted=granted)


def forget_appeals() -> int:
    """What residents said against our decisions is forgotten with the term of messages; the outcome stays."""
    long_ago = timezone.now() - timedelta(days=settings.MESSAGE_DAYS)
    return Appeal.objects.filter(decided_at__lt=long_ago).exclude(said="").update(said="")
