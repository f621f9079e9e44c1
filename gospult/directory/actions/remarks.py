"""Remarks of residents about the data: left, closed, forgotten."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.text import plain
from gospult.registry.models import Body

from ..models import Remark

LONGEST = 1000
OPEN_AT_MOST = 20  # of one body: a flood stops by itself
DAYS = 90


@transaction.atomic
def leave_remark(*, body: Body, kind: str, text: str) -> Remark:
    """A resident's remark waits for a person of the centre; Refused when it says nothing or there are too many."""
    text = plain(text)[:LONGEST]
    if kind not in Remark.Kind.values:
        raise Refused("Выберите, что не так.")
    if kind == Remark.Kind.OTHER and not text:
        raise Refused("Напишите, что не так: без этого мы не поймём.")
    waiting = Remark.objects.filter(body=body, closed_at__isnull=True)
    same = waiting.filter(kind=kind, text=text).first()
    if same:
        return same
    if waiting.count() >= OPEN_AT_MOST:
        raise Refused("Об этой организации уже много сообщений, мы их разбираем. Спасибо.")
    made = Remark.objects.create(body=body, kind=kind, text=text)
    journal.write(None, "directory.remark_left", body, remark=made.pk, kind=kind)
    return made


@transaction.atomic
def close_remark(*, remark: Remark, by: Person) -> None:
    """The remark was looked at; Refused when somebody has closed it already."""
    if not Remark.objects.filter(pk=remark.pk, closed_at__isnull=True).update(closed_at=timezone.now(), closed_by=by):
        raise Refused("Это сообщение уже закрыто.")
    journal.write(by, "directory.remark_closed", remark.body, remark=remark.pk)


def forget_remarks() -> int:
    """Remarks older than the term are deleted: their words may hold what is personal."""
    return Remark.objects.filter(created_at__lt=timezone.now() - timedelta(days=DAYS)).delete()[0]
