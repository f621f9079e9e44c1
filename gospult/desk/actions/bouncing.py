"""«Не наше»: a body returns a case; after two returns an arbiter has the last word. Limits of what a body can carry."""

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry.models import Body

from ..models import DISPUTE, BodyLimit, Bounce, Case
from ..queries import body_for
from ..queries.routes import outside
from .events import happened, recount
from .sorting import _give, _open

MOST = 100_000


@transaction.atomic
def bounce(*, case: Case, why: str, reason: str = Bounce.Reason.OTHER, proposed: Body | None = None, by: Person) -> None:
    """The body returns the case: to the body that it names, if the rules name it too, else to the operator. The clock goes on."""
    why = why.strip()
    if reason == Bounce.Reason.OTHER and not why:
        raise Refused("Напишите, почему обращение не ваше: без причины его не вернуть.")
    _open(case)
    if case.settled:
        raise Refused("Чьё это обращение, уже решил арбитр: вернуть его нельзя. Ответьте на него, а если решение неверно, напишите арбитру.")
    old = case.body
    if old is None:
        raise Refused(f"Обращение {case.number} ни у кого: возвращать его некому.")
    if proposed == old:
        raise Refused("Вы назвали свой орган: напишите, чей это вопрос, или оставьте поле пустым.")
    given = case.events.filter(kind="routed").order_by("-at", "-id").values_list("at", flat=True).first()
    row = Bounce.objects.create(case=case, body=old, reason=reason, why=why, proposed=proposed, held_since=given or case.opened_at, by=by)
    case.move_to(Case.State.NEW, body=None, bounced=case.bounces.count())
    words = ". ".join(filter(None, [row.get_reason_display(), why])) if reason != Bounce.Reason.OTHER else why
    happened(case=case, event="bounced", at=row.at, by=by, why=words, body=old.pk, reason=reason, proposed=proposed and proposed.pk)
    if proposed and case.bounced < DISPUTE and not case.bounces.filter(body=proposed).exists():
        found = body_for(case)
        if found.body == proposed:
            _give(case, proposed, by=None, why=found.why, rule=found.rule)
    recount(case=case)
    journal.write(by, "case_bounced", case, body=old.pk, reason=reason, proposed=proposed and proposed.pk)


@transaction.atomic
def set_limit(*, body: Body, most: int | None, by: Person) -> None:
    """The rules give the body no more than so many open cases; None takes the limit away."""
    if outside(by, body):
        raise Refused(f"«{body}» вне вашей ветви: попросите оператора.")
    if most is None:
        BodyLimit.objects.filter(body=body).delete()
    elif not 1 <= most <= MOST:
        raise Refused(f"Предел — число от 1 до {MOST}. Чтобы не давать органу ничего, прекратите его правила.")
    else:
        BodyLimit.objects.update_or_create(body=body, defaults={"most": most, "by": by})
    journal.write(by, "body_limit", body, most=most)
