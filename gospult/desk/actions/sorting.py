"""Triage and routing of a case: by the rules first, by a person when they abstain."""

from django.db import connection, transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib import text as words
from gospult.lib.errors import Refused
from gospult.registry.models import Body, Territory

from ..models import OPEN, WITHOUT_CLOCK, Case, Kind, Message, RoutingRule, Topic
from ..queries import Found, Verdict, body_for, known_places, known_topics, owner_of
from ..queries.bounces import arbiters, in_dispute, is_arbiter
from .alarming import must_be_seen, raise_alarm
from .events import happened, recount
from .tasking import drop_strange_tasks
from .telling import tell_routed

SURE = 0.75  # from here a gratitude or spam is put away without a person


def open_case(*, message: Message, verdict: Verdict, wordless: bool) -> Case:
    """A new case is opened for a message and sorted as far as the triage dares; the caller puts the message in and recounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('desk_case', 'id'))")
        pk = cursor.fetchone()[0]
    case = Case.objects.create(
        pk=pk, number=f"{timezone.localtime(message.sent_at):%y}-{pk:06d}", page=message.page, opened_at=message.sent_at, wordless=wordless,
        headline=words.shorten(message.text, 160), suggested_body=owner_of(message.page),
    )  # fmt: skip
    happened(case=case, event="opened", at=message.sent_at, message=message.pk)
    sort_case(case=case, message=message, verdict=verdict)
    return case


def sort_case(*, case: Case, message: Message, verdict: Verdict) -> None:
    """The triage's verdict is written down and the rules find the body; nothing certain leaves the case to the operator. The caller recounts."""
    case.kind = verdict.kind or ""
    case.topic = known_topics().get(verdict.topic or "")
    case.topic_confidence = verdict.topic_confidence if case.topic else None
    case.urgent, case.danger = verdict.urgent or case.danger, case.danger or bool(verdict.danger)  # once named, a danger stays
    case.territory = known_places().get(verdict.territory or "")
    case.place, case.headline = verdict.address[:250], words.shorten(message.text, 160)
    case.save(update_fields=["kind", "topic", "topic_confidence", "urgent", "danger", "territory", "place", "headline"])
    happened(case=case, event="triaged", topic=verdict.topic or "", kind=case.kind, urgent=case.urgent)
    raise_alarm(case=case, heard=verdict.danger, said_at=message.sent_at, at=message.received_at)
    if case.kind in WITHOUT_CLOCK and verdict.kind_confidence >= SURE and not case.danger:
        case.move_to(Case.State.CLOSED, closed_at=timezone.now(), closed_as=case.kind)
    elif case.kind not in WITHOUT_CLOCK:
        if case.state == Case.State.CLOSED:
            case.move_to(Case.State.NEW, closed_at=None, closed_as="")
        _route_by_rules(case)


def _route_by_rules(case: Case) -> None:
    if in_dispute(case):
        return
    found = body_for(case)
    if found.body and case.bounced and case.bounces.filter(body=found.body).exists():
        found = Found(None, f"{found.why}: этот орган уже вернул обращение, решает оператор")
    if found.body is None:
        if found.why:
            happened(case=case, event="not_routed", why=found.why)
        return
    _give(case, found.body, by=None, why=found.why, rule=found.rule)


def _give(case: Case, body: Body, *, by: Person | None, why: str, rule: RoutingRule | None = None) -> None:
    case.move_to(Case.State.ROUTED, body=body)
    event = happened(case=case, event="routed", by=by, body=body.pk, why=why, rule=rule.pk if rule else None)
    tell_routed(case, event.pk, by=by)
    drop_strange_tasks(case=case, body=body, by=by)


def _open(case: Case) -> None:
    """Held till the end of the action, in work, and with the body that the person saw: a state that leads to itself guards nothing."""
    now = Case.objects.select_for_update().only("state", "body").get(pk=case.pk)
    if (now.state, now.body_id) != (case.state, case.body_id):
        raise Refused(f"Обращение {case.number} только что изменил другой сотрудник. Обновите страницу.")
    if case.state not in OPEN:
        raise Refused(f"Обращение {case.number} уже «{Case.State(case.state).label}»: сначала верните его в работу.")


@transaction.atomic
def route(*, case: Case, body: Body, by: Person, why: str = "") -> None:
    """A person gives the case to a body; in a dispute that is the arbiter's word, and it is the last."""
    _open(case)
    dispute = in_dispute(case)
    if (dispute or case.settled) and not is_arbiter(by):
        said = "Это обращение возвращали дважды: кому отвечать, решает" if dispute else "Кому отвечать по этому обращению, решил"
        raise Refused(f"{said} арбитр ({arbiters()}). Передать его может только он.")
    if case.body_id == body.pk and case.state == Case.State.ROUTED:
        raise Refused(f"Обращение {case.number} уже у этого исполнителя.")
    if case.kind in WITHOUT_CLOCK:
        set_kind(case=case, kind=Kind.PROBLEM, by=by)
    _give(case, body, by=by, why=why or ("решение арбитра, окончательное" if dispute else "решение сотрудника"))
    if dispute:
        Case.objects.filter(pk=case.pk).update(settled=True)
        case.settled = True
    recount(case=case)
    journal.write(by, "case_settled" if dispute else "case_routed", case, body=body.pk)


@transaction.atomic
def set_topic(*, case: Case, topic: Topic, by: Person) -> None:
    """A person names the topic; a case without a body is tried against the rules again."""
    _open(case)
    Case.objects.filter(pk=case.pk).update(topic=topic, topic_confidence=1.0, urgent=case.danger or topic.urgent)
    case.topic, case.topic_confidence, case.urgent = topic, 1.0, case.danger or topic.urgent
    happened(case=case, event="triaged", by=by, topic=topic.code, kind=case.kind, urgent=case.urgent)
    if case.state == Case.State.NEW and case.kind not in WITHOUT_CLOCK:
        _route_by_rules(case)
    recount(case=case)
    journal.write(by, "case_topic", case, topic=topic.code)


@transaction.atomic
def set_place(*, case: Case, territory: Territory, place: str = "", by: Person) -> None:
    """A person names the place; a case without a body is tried against the rules again."""
    _open(case)
    Case.objects.filter(pk=case.pk).update(territory=territory, place=place[:250])
    case.territory, case.place = territory, place[:250]
    happened(case=case, event="triaged", by=by, territory=territory.code, kind=case.kind, urgent=case.urgent)
    if case.state == Case.State.NEW and case.kind not in WITHOUT_CLOCK:
        _route_by_rules(case)
    recount(case=case)
    journal.write(by, "case_place", case, territory=territory.pk)


@transaction.atomic
def set_kind(*, case: Case, kind: str, by: Person) -> None:
    """A person says what the message is; thanks, spam and «not ours» are put away without a clock."""
    if case.state == Case.State.MERGED:
        raise Refused("Обращение объединено с другим: измените главное.")
    if kind in WITHOUT_CLOCK:
        must_be_seen(case)
    case.kind = Kind(kind)
    Case.objects.filter(pk=case.pk).update(kind=case.kind)
    happened(case=case, event="kind_changed", by=by, kind=case.kind, urgent=case.urgent)
    if case.kind in WITHOUT_CLOCK and case.state in (Case.State.NEW, Case.State.ROUTED):
        case.move_to(Case.State.CLOSED, closed_at=timezone.now(), closed_as=case.kind)
    elif case.kind not in WITHOUT_CLOCK and case.state == Case.State.CLOSED and case.closed_as in WITHOUT_CLOCK:
        case.move_to(Case.State.NEW, closed_at=None, closed_as="", body=None)
        _route_by_rules(case)
    recount(case=case)
    journal.write(by, "case_kind", case, kind=case.kind)
