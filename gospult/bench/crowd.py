"""A region's desk after half a year, made in seconds: rows go in by COPY, past the actions, since only reading is measured."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from gospult.desk import actions as desk
from gospult.desk.models import Answer, Case, CaseEvent, CaseWords, Message, Topic
from gospult.exchange.models import Incoming
from gospult.lib import regions
from gospult.registry import actions as registry
from gospult.registry.models import Page, PageBody, Territory

from .figures import say
from .multiply import multiply
from .registry import export_file

Drawn = TypeVar("Drawn")
CASES = 100_000
DAYS = 180
SEED = 20261122
# Share of cases in each state; the rest is closed.
STATES = (("new", 0.010), ("routed", 0.040), ("promised", 0.020), ("answered", 0.080), ("merged", 0.030))
KINDS = (("gratitude", 0.08), ("spam", 0.04), ("not_for_us", 0.03), ("question", 0.20), ("suggestion", 0.05))
# Messages of a case: mostly one; `MANY` is a region of several years, where neighbours write about the same trouble.
SIZES = ((2, 0.325), (3, 0.0375))
MANY = ((2, 0.20), (5, 0.16), (12, 0.10), (43, 0.09))
STREETS = ("Примерной", "Садовой", "Школьной", "Заречной", "Лесной", "Мира", "Новой", "Полевой")
TROUBLES = (
    "не вывозят мусор, контейнеры переполнены", "во дворе яма, машины объезжают по газону", "не горит фонарь у подъезда", "нет отопления третий день",
    "автобус не пришёл, ждали сорок минут", "не чистят снег на тротуаре", "не дозвониться до регистратуры", "на детской площадке сломаны качели",
    "бродячие собаки у остановки", "течёт крыша после ремонта",
)  # fmt: skip
RARE = ("открытый люк у школы", "когда начнётся запись в кружок", "висят провода", "затопило подвал", "упало дерево")
RARELY = 0.05  # share of the rare ones together
ANSWER = "Здравствуйте! Работы выполним до конца недели. Ответственный — отдел благоустройства, телефон на нашей странице."


@dataclass
class Crowd:
    """What was made: rows by kind, and the dice that made them."""

    cases: int = 0
    messages: int = 0
    events: int = 0
    answers: int = 0
    sizes: Sequence[tuple[int, float]] = ()
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))


def fill(cases: int = CASES, *, times: int = 1, sizes: Sequence[tuple[int, float]] = SIZES, said: bool = True) -> Crowd:
    """7,000 bodies with their pages and `cases` × `times` cases, with messages, revisions, answers and history; ANALYZE at the end.

    sizes  how many messages a case holds, with the share of such cases; the rest holds one
    said   whether there are messages and answers at all, or only cases with their history
    """
    region = regions.load(settings.REGION)
    registry.load_region(region=region, by=None)
    desk.load_classifier(region=region, by=None)
    registry.import_registry(file=export_file(), by=None, file_name="bench.xlsx")
    say("Обращения: реестр готов, пишу строки")
    crowd = Crowd(sizes=sizes)
    rows = list(_cases(crowd, cases))
    _copy(Case, [case for case, _ in rows])
    _copy(CaseEvent, (row for case, _ in rows for row in _events(crowd, case)))
    if said:
        _copy(Incoming, (row for _, told in rows for row in _revisions(told)))
        _copy(Message, (row for _, told in rows for row in told))
        _copy(Answer, (row for case, _ in rows for row in _answers(crowd, case)))
        desk.gather_words(force=True)
    del rows
    if times > 1:
        multiply([Case, CaseEvent, *([Incoming, Message, CaseWords, Answer] if said else [])], times)
    _tidy()
    say(f"Обращения: {crowd.cases * times} обращений, {crowd.messages * times if said else 0} сообщений")
    return crowd


def _tidy() -> None:
    """As autovacuum leaves the tables after a while; the index of words is flushed by it as well."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _cases(crowd: Crowd, count: int) -> Iterator[tuple[Case, list[Message]]]:
    dice, now = crowd.dice, timezone.now()
    topics, places = list(Topic.objects.values_list("pk", flat=True)), list(Territory.objects.values_list("pk", "name"))
    links = list(PageBody.objects.filter(page__network="vk").values_list("page_id", "body_id", "page__external_id"))
    for pk in range(1, count + 1):
        page, body, key = links[int(len(links) * dice.random() ** 2)]  # a few pages get most messages
        place, name = dice.choice(places)
        opened = now - timedelta(days=DAYS) * dice.random()
        state, kind = _draw(dice, STATES, "closed"), _draw(dice, KINDS, "problem")
        if state in ("new", "routed", "promised"):
            opened = now - timedelta(days=5) * dice.random()
        trouble = f"На {dice.choice(STREETS)}, {dice.randrange(1, 90)} {dice.choice(RARE if dice.random() < RARELY else TROUBLES)}"
        case = Case(
            pk=pk, number=f"{pk:07d}", state=state, kind=kind, topic_id=dice.choice(topics), topic_confidence=0.8, territory_id=place, page_id=page,
            body_id=None if state == "new" else body, suggested_body_id=body, place=f"{dice.choice(STREETS)}, {dice.randrange(1, 90)}",
            headline=trouble, opened_at=opened, created_at=opened, urgent=dice.random() < 0.02, danger=dice.random() < 0.01,
        )  # fmt: skip
        _clock(case, dice)
        case.message_count = _draw(dice, crowd.sizes, 1)
        case.has_photo, case.by_dm = dice.random() < 0.1, dice.random() < 0.15
        case.by_comment = not case.by_dm
        crowd.cases += 1
        said = [_message(crowd, case, key or "", f"{trouble}. {name}. Примите меры, пожалуйста.") for _ in range(case.message_count)]
        yield case, said


def _draw(dice: random.Random, shares: Sequence[tuple[Drawn, float]], rest: Drawn) -> Drawn:
    throw = dice.random()
    for name, share in shares:
        if throw < share:
            return name
        throw -= share
    return rest


def _clock(case: Case, dice: random.Random) -> None:
    due = case.opened_at + timedelta(hours=9 + 120 * dice.random())
    case.first_due_at = case.final_due_at = due
    if case.state in ("new", "routed", "promised"):
        case.next_due_at = None if case.kind in ("gratitude", "spam", "not_for_us") else due
        return
    case.answered_at = case.first_reaction_at = case.opened_at + timedelta(hours=40 * dice.random())
    case.late = case.answered_at > due
    case.first_elapsed = (case.answered_at - case.opened_at) // timedelta(minutes=1)
    case.first_worked = case.first_elapsed // 3
    case.promises, case.reopened, case.repeated = int(dice.random() < 0.1), int(dice.random() < 0.05), dice.random() < 0.05
    if case.state == "closed":
        case.closed_at, case.closed_as = case.answered_at, "done"
    if case.state == "merged":
        case.merged_into_id = max(1, case.pk - 1)


def _message(crowd: Crowd, case: Case, key: str, text: str) -> Message:
    crowd.messages += 1
    number = crowd.messages
    at, thread = case.opened_at + timedelta(minutes=number % 50), f"w{number // 3}_{number}"
    return Message(
        pk=number, network="vk", page_id=case.page_id, page_key=key, external_id=f"c{number}", channel="comment", thread_id=thread,
        author_id=str(10_000 + number % 30_000), text=text, fingerprint=f"{number:032x}", number=f"{number:012d}", kind=case.kind, sent_at=at,
        received_at=at, case_id=case.pk, verdict={"reasons": ["слова темы"], "alternatives": []},
    )  # fmt: skip


def _revisions(said: Iterable[Message]) -> Iterator[Incoming]:
    for m in said:
        yield Incoming(
            pk=m.pk, network=m.network, page_id=m.page_id, page_key=m.page_key, external_id=m.external_id, revision="said", action="said",
            kind=m.channel, thread_id=m.thread_id, author_id=m.author_id, text=m.text, sent_at=m.sent_at, received_at=m.received_at, number=m.number,
            taken_at=m.received_at,
        )  # fmt: skip


def _events(crowd: Crowd, case: Case) -> Iterator[CaseEvent]:
    told = [("opened", case.opened_at), ("triaged", case.opened_at)]
    told += [("routed", case.opened_at)] if case.body_id else []
    told += [("answer_published", case.answered_at)] if case.answered_at and case.state != "merged" else []
    for kind, at in told:
        crowd.events += 1
        yield CaseEvent(pk=crowd.events, case_id=case.pk, kind=kind, at=at, data={"kind": case.kind} if kind != "routed" else {"why": "правило"})


def _answers(crowd: Crowd, case: Case) -> Iterator[Answer]:
    ready = {"answered": "published", "closed": "published"}
    state = ready.get(case.state) or (_draw(crowd.dice, (("draft", 0.2), ("checked", 0.05), ("failed", 0.005)), "") if case.state == "routed" else "")
    if state:
        crowd.answers += 1
        at = case.answered_at or case.opened_at
        published = at if state == "published" else None
        yield Answer(pk=crowd.answers, case_id=case.pk, state=state, text=ANSWER, created_at=at, saved_at=at, published_at=published)


def _copy(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Rows of a model by COPY, and its sequence set behind them."""
    fields = list(model._meta.concrete_fields)
    columns, table = ", ".join(str(f.column) for f in fields), model._meta.db_table
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_plain(getattr(row, f.attname)) for f in fields])
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def busiest_page() -> Page:
    """A page with many cases."""
    most = Case.objects.values("page").annotate(n=models.Count("pk")).order_by("-n").first()
    assert most is not None
    return Page.objects.get(pk=most["page"])
