"""A person's own order of channels and hours."""

from datetime import date, time

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Alert, Contact, Habit


@transaction.atomic
def set_habit(*, quiet_from: time, quiet_to: time, quiet_weekends: bool, deputy: Person | None, away_until: date | None, by: Person) -> Habit:
    """When the person is not disturbed, and who is told while he is away."""
    if deputy and deputy.pk == by.pk:
        raise Refused("Заместителем выберите другого сотрудника.")
    if away_until and away_until < timezone.localdate():
        raise Refused("Дата возвращения уже прошла: укажите сегодняшнюю или позже.")
    if away_until and deputy is None:
        raise Refused("Вас не будет: выберите, кого оповещать вместо вас.")
    given = {"quiet_from": quiet_from, "quiet_to": quiet_to, "quiet_weekends": quiet_weekends, "deputy": deputy, "away_until": away_until}
    habit, _ = Habit.objects.update_or_create(person=by, defaults=given)
    Alert.objects.filter(person=by, settled_at=None).update(look_at=timezone.now())
    journal.write(by, "habit_set", by, away=bool(away_until))
    return habit


@transaction.atomic
def remove_contact(*, contact: Contact, by: Person | None) -> None:
    """The channel is forgotten: nothing is sent there any more."""
    journal.write(by, "contact_removed", contact.person, channel=contact.channel)
    contact.delete()


@transaction.atomic
def move_contact(*, contact: Contact, by: Person) -> None:
    """The channel becomes the first that is tried."""
    others = list(Contact.objects.select_for_update().filter(person=contact.person).exclude(pk=contact.pk))
    for position, row in enumerate([contact, *others]):
        Contact.objects.filter(pk=row.pk).update(position=position)
    journal.write(by, "contact_first", contact.person, channel=contact.channel)
