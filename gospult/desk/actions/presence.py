"""Who looks at a case and whose hand is on its draft, so that nobody writes over a colleague."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Case, Lease, Presence
from ..queries import writer_of

WRITES = timedelta(seconds=90)  # a hand that has typed nothing for so long has left the draft
REMEMBERED = timedelta(days=1)


def look(*, case: Case, by: Person) -> None:
    """The person has the case open at this moment; no journal line, since looking decides nothing, and yesterday's looks are forgotten."""
    now = timezone.now()
    if not Presence.objects.filter(case=case, person=by).update(seen_at=now):
        Presence.objects.filter(seen_at__lt=now - REMEMBERED).delete()
        Presence.objects.bulk_create([Presence(case=case, person=by, seen_at=now)], ignore_conflicts=True)  # two tabs of one person


def hold(*, case: Case, by: Person) -> None:
    """The draft is in the person's hand for WRITES more; Refused while it is in a colleague's."""
    now = timezone.now()
    Lease.objects.bulk_create([Lease(case=case, person=by, until=now)], ignore_conflicts=True)
    free = Q(person=by) | Q(until__lte=now)
    if Lease.objects.filter(free, case=case).update(person=by, until=now + WRITES):
        return
    other = writer_of(case)
    raise Refused(f"Сейчас пишет {other or 'коллега'}. Ваш текст не сохранён: скопируйте его, обновите страницу и возьмите черновик себе.")


def let_go(*, case: Case, by: Person) -> None:
    """The person has finished: the draft is free at once."""
    Lease.objects.filter(case=case, person=by).delete()


@transaction.atomic
def take_over(*, case: Case, of: Person, by: Person) -> None:
    """The draft passes from a colleague's hand into the person's; of two who take it from him at once one is refused."""
    now = timezone.now()
    if not Lease.objects.filter(case=case, person=of, until__gt=now).exclude(person=by).update(person=by, until=now + WRITES):
        raise Refused("Этот сотрудник больше не пишет: обновите страницу.")
    journal.write(by, "draft_taken_over", case, of=of.pk)
