"""Who may see and do what: grants and stewards."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused

from ..models import Body, Grant, Page, Steward, Territory
from ..models.access import forget_grants
from .absences import take_back


@transaction.atomic
def grant(*, person: Person, role: Role | str, by: Person | None, body: Body | None = None, territory: Territory | None = None) -> Grant:
    """The person has the role from today on, in the branch of the body and/or the territory, else in the whole region."""
    if Role(role) == Role.STEWARD:
        raise Refused("Администратора назначают у страницы, а не доступом.")
    held = Grant.objects.filter(person=person, role=role, body=body, territory=territory, until__isnull=True)
    if held.exists():
        raise Refused(f"У {person} уже есть такой доступ.")
    made = Grant.objects.create(person=person, role=role, body=body, territory=territory, by=by)
    forget_grants()
    journal.write(by, "registry.granted", made, person=person.pk, role=str(role), body=body and body.pk, territory=territory and territory.pk)
    return made


@transaction.atomic
def revoke(*, grant: Grant, by: Person | None) -> None:
    """The grant ends today; Refused when it has ended already."""
    if not Grant.objects.filter(pk=grant.pk, until__isnull=True).update(until=timezone.localdate()):
        raise Refused("Этот доступ уже закрыт.")
    forget_grants()
    take_back(absence__person=grant.person_id, role=grant.role, body=grant.body_id, territory=grant.territory_id)
    journal.write(by, "registry.revoked", grant, person=grant.person_id, role=grant.role)


@transaction.atomic
def appoint_steward(*, page: Page, person: Person, by: Person | None, is_deputy: bool = False) -> Steward:
    """The person keeps the page from today on; a new main steward takes the place of the former one."""
    today = timezone.localdate()
    Steward.objects.filter(page=page, person=person, until__isnull=True).update(until=today)
    if not is_deputy:
        for former in Steward.objects.filter(page=page, is_deputy=False, until__isnull=True).exclude(person=person):
            take_back(absence__person=former.person_id, page=page.pk)
        Steward.objects.filter(page=page, is_deputy=False, until__isnull=True).update(until=today)
    try:
        with transaction.atomic():
            made = Steward.objects.create(page=page, person=person, is_deputy=is_deputy)
    except IntegrityError as error:  # two people appointed at once
        raise Refused("Страницу только что передали другому администратору. Обновите страницу.") from error
    forget_grants()
    journal.write(by, "registry.steward_appointed", page, person=person.pk, is_deputy=is_deputy)
    return made


@transaction.atomic
def dismiss_steward(*, steward: Steward, by: Person | None) -> None:
    """The person no longer keeps the page; Refused when that has ended already."""
    if not Steward.objects.filter(pk=steward.pk, until__isnull=True).update(until=timezone.localdate()):
        raise Refused("Этот администратор уже снят.")
    take_back(absence__person=steward.person_id, page=steward.page_id)
    forget_grants()
    journal.write(by, "registry.steward_dismissed", steward.page, person=steward.person_id)
