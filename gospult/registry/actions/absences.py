"""Somebody is away: the deputy has the person's duties for these days and loses them by himself."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Absence, Grant, Steward
from ..models.access import forget_grants
from ..queries import deputies_for, duties_of, may_send_away

LONGEST = timedelta(days=366)
DAY = timedelta(days=1)


@transaction.atomic
def begin_absence(*, person: Person, deputy: Person, from_date: date, to_date: date, by: Person) -> Absence:
    """From the first day through the last the deputy answers for the person's bodies and keeps the person's pages."""
    list(Person.objects.select_for_update().filter(pk__in=[person.pk, deputy.pk]).order_by("pk"))  # two who send the same person away at once
    _check_days(from_date, to_date)
    if person == deputy:
        raise Refused("Себя заместить нельзя: выберите другого сотрудника.")
    if not may_send_away(by, person):
        raise Refused(f"{person} работает не только в вашей ветви: попросите оператора.")
    if not deputies_for(by, person).filter(pk=deputy.pk).exists():
        raise Refused(f"{deputy} не из этой организации и не из её ветви: выберите коллегу или попросите оператора.")
    _check_free(person, deputy, from_date, to_date)
    grants, pages = duties_of(person, from_date)
    if not grants and not pages:
        raise Refused(f"{person} не исполнитель и не администратор страницы: замещать нечего.")
    made = Absence.objects.create(person=person, deputy=deputy, from_date=from_date, to_date=to_date, by=by)
    _lend(made, grants, pages)
    journal.write(by, "registry.absence", made, person=person.pk, deputy=deputy.pk, grants=len(grants), pages=len(pages))
    return made


def _check_days(first: date, last: date) -> None:
    if first < timezone.localdate():
        raise Refused("Замещают с сегодняшнего дня или позже: поправьте первый день.")
    if last < first:
        raise Refused("Последний день раньше первого: поменяйте даты местами.")
    if last - first > LONGEST:
        raise Refused("Замещение дольше года: назначьте другого человека постоянно.")


def _check_free(person: Person, deputy: Person, first: date, last: date) -> None:
    def away(who: Person) -> Absence | None:
        return Absence.objects.standing().filter(person=who, from_date__lte=last, to_date__gte=first).order_by("from_date").first()

    if row := away(person):
        raise Refused(f"У {person} на эти дни уже есть заместитель: {row.deputy}. Сначала прекратите то замещение.")
    if row := away(deputy):
        raise Refused(f"{deputy} в эти дни отсутствует (по {row.to_date:%d.%m.%Y}): выберите другого заместителя.")
    if row := Absence.objects.standing().filter(deputy=person, from_date__lte=last, to_date__gte=first).select_related("person").first():
        raise Refused(f"{person} в эти дни замещает {row.person}: сначала передайте то замещение другому.")


def _lend(made: Absence, grants: list[Grant], pages: list[Steward]) -> None:
    first, end = made.from_date, made.to_date + DAY
    forget_grants()
    Grant.objects.bulk_create(
        Grant(
            person=made.deputy, role=g.role, body_id=g.body_id, territory_id=g.territory_id, since=max(first, g.since),
            until=max(g.since, min(end, g.until or end)), by=made.by, absence=made,
        )
        for g in grants
    )  # fmt: skip
    Steward.objects.bulk_create(
        Steward(
            page_id=s.page_id,
            person=made.deputy,
            is_deputy=True,
            since=max(first, s.since),
            until=max(s.since, min(end, s.until or end)),
            absence=made,
        )
        for s in pages
    )


@transaction.atomic
def end_absence(*, absence: Absence, by: Person) -> None:
    """The person is back before the last day: the deputy loses the duties today; of two who press at once one is refused."""
    if not may_send_away(by, absence.person):
        raise Refused("Это замещение назначено вне вашей ветви: попросите оператора.")
    if not Absence.objects.standing().filter(pk=absence.pk).update(ended_at=timezone.now()):
        raise Refused("Это замещение уже закончилось.")
    take_back(absence=absence.pk)
    journal.write(by, "registry.absence_ended", absence, person=absence.person_id, deputy=absence.deputy_id)


def take_back(**which: object) -> None:
    """What was lent by absences ends today; `which` are fields that a Grant and a Steward share, or those of one of them."""
    today = timezone.localdate()
    forget_grants()
    for model in (Grant, Steward):
        names = {field.name for field in model._meta.get_fields()}
        if {name.partition("__")[0] for name in which} <= names:
            model._default_manager.filter(absence__isnull=False, until__gt=today, **which).update(until=Greatest(F("since"), today))
