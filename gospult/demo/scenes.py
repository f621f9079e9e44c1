"""What a month of messages alone does not show: an absence, a limit, a formal appeal, a note, a task, a review, a post, another system's export.

Each scene goes through the actions that people's screens call. They are written with the history, whole or not at all.
"""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from gospult.accounts.models import Person
from gospult.desk import actions as desk
from gospult.desk.models import Case, Handover, Message
from gospult.desk.queries import deadlines_for
from gospult.exchange import actions as exchange
from gospult.exchange.models import Addressee
from gospult.informing import queries as informing
from gospult.informing.actions import publish_post, write_post
from gospult.lib.errors import Refused
from gospult.office.actions import set_remedy
from gospult.office.models import Goal
from gospult.registry import actions as registry
from gospult.registry.models import Body, Page

from .cast import TROUBLED

CENTRE = "cur"
EXPORTED = 24  # rows of the other system
HEADER = ("Номер инцидента", "Дата создания", "Дата ответа", "Текст инцидента", "Ответ", "Ссылка на сообщение", "Итог", "Исполнитель")
ELSEWHERE = "Здравствуйте! Ответ дан в «Инцидент Менеджменте»: заявка передана подрядчику."
AWAY = 10  # days
JUDGED = 9  # answers
FAULT = {"fact": ("failed", "Не сказано, когда сделают и кто отвечает.")}
POST = "Завтра в 18:00 собрание родителей пятых классов в актовом зале. Вопросы можно задать здесь, ответим до вечера."


def play() -> None:
    """All scenes, for the demo's own people."""
    people = Person.objects.in_bulk(["operator", "executor", "executor-miass", "curator-miass", "steward"], field_name="username")
    _absence(people["executor"], people["executor-miass"], by=people["operator"])
    desk.set_limit(body=Body.objects.get(code=TROUBLED), most=15, by=people["operator"])
    _appeal(by=people["operator"])
    _together(people["operator"], people["executor-miass"])
    _quality(people["operator"])
    _post(people["steward"])
    _remedies(people["curator-miass"])
    _export()


def open_staff_line() -> None:
    """The centre's own pages talk to its people: alerts go out there, and answers to alerts come in."""
    for page in Page.objects.filter(bodies__code=CENTRE, connection__dm_to=Addressee.DESK):
        with suppress(Refused):  # a network whose key does not write first
            exchange.serve_staff(page=page, by=None)


def _absence(person: Person, deputy: Person, *, by: Person) -> None:
    today = timezone.localdate()
    registry.begin_absence(person=person, deputy=deputy, from_date=today + timedelta(days=3), to_date=today + timedelta(days=3 + AWAY), by=by)


def _together(operator: Person, executor: Person) -> None:
    """A note with a colleague's name, and a part of the work for a body below."""
    case = Case.objects.filter(state=Case.State.ROUTED, body__code=TROUBLED).order_by("-opened_at").first()
    if case is None:
        return
    desk.write_note(case=case, text=f"@{executor.username}, по этому двору звонили и в дежурную службу. Начните с него, пожалуйста.", by=operator)
    calendar, tomorrow = deadlines_for(case)[1], timezone.localdate() + timedelta(days=1)
    due = next(day for n in range(30) if calendar.hours(day := tomorrow + timedelta(days=n)))
    below = list(Body.objects.filter(code="miass-housing"))
    desk.ask(case=case, bodies=below, text="Выйти на место, убрать и приложить фото «после».", due=due, because="Нужен выезд бригады.", by=executor)


def _quality(reviewer: Person) -> None:
    """Answers of two weeks are drawn by lot; some are judged, every third with a fault."""
    today = timezone.localdate()
    draw = desk.draw_sample(since=today - timedelta(days=14), until=today - timedelta(days=1), seed="74", by=reviewer)
    for number, inspection in enumerate(draw.inspections.select_related("answer", "case", "body").order_by("pk")[:JUDGED]):
        desk.inspect(inspection=inspection, verdicts={} if number % 3 else FAULT, by=reviewer)


def _post(steward: Person) -> None:
    """A post is planned for tomorrow on the pages where the network takes it."""
    pages = [page for page in informing.choices(steward) if informing.can_post(page)]
    if pages:
        at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
        post = write_post(key=uuid4(), text=POST, pages=pages, at=at, photos=[], by=steward)
        publish_post(post=post, by=steward)


def _remedies(curator: Person) -> None:
    """What the curator of the troubled branch asks for; most of it closes itself when it is seen to be so."""
    bodies, day = Body.objects.in_bulk([TROUBLED, "miass-housing", "club-miass-1"], field_name="code"), timezone.localdate() + timedelta(days=5)
    page = Page.objects.filter(bodies__code="miass-housing", connection__isnull=False).first()
    asked: list[dict[str, Any]] = [
        {"body": bodies[TROUBLED], "goal": Goal.NO_OVERDUE},
        {"body": bodies["club-miass-1"], "goal": Goal.GET_PAGE},
        {"body": bodies["miass-housing"], "goal": Goal.PUBLISH, "page": page},
        {"body": bodies[TROUBLED], "goal": Goal.WORDS, "text": "Провести с исполнителями разбор отписок за месяц."},
    ]
    for task in asked:
        with suppress(Refused):  # in a short history nothing may be overdue
            set_remedy(**task, due_date=day, by=curator)


def _appeal(*, by: Person) -> None:
    """One case became a formal appeal: its own term runs beside the case."""
    case = Case.objects.filter(state=Case.State.ROUTED, kind="problem").order_by("opened_at").first()
    if case:
        desk.hand_over(case=case, way=Handover.Way.LAW, handed=timezone.localdate(), number="ОГ-1042", by=by)


def _export() -> None:
    """«Инцидент Менеджмент» knows some of the same messages: by link, by text, and a few that we have not got."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "incidents.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, delimiter=";").writerows([HEADER, *_rows()])
        desk.import_foreign(path=file, system="im")


def _rows() -> Iterator[tuple[str, ...]]:
    known = Message.objects.filter(network="vk", channel="comment").exclude(text="").select_related("page", "case").order_by("-sent_at")
    for number, said in enumerate(known[:EXPORTED], start=1):
        created = timezone.localtime(said.sent_at)
        answered = number % 3 == 0 and said.sent_at < timezone.now() - timedelta(hours=3)
        link = _link(said) if number % 2 else ""  # half of the rows must be known by their words
        yield (
            f"ИМ-{8200 + number}", f"{created:%d.%m.%Y %H:%M:%S}", f"{created + timedelta(hours=2):%d.%m.%Y %H:%M:%S}" if answered else "",
            said.text, ELSEWHERE if answered else "", link, "Решено" if answered else "В работе", str(said.case.body or "") if said.case else "",
        )  # fmt: skip
    for number in range(3):
        day = timezone.localtime() - timedelta(days=number + 1)
        yield (
            f"ИМ-{8300 + number}", f"{day:%d.%m.%Y %H:%M:%S}", "", f"Сообщение, которого нет в Госпульте, № {number + 1}", "", "", "В работе", "",
        )  # fmt: skip


def _link(said: Message) -> str:
    post, _, top = said.thread_id.removeprefix("w").partition("_")
    return f"https://vk.com/wall-{said.page_key}_{post}?reply={said.external_id.removeprefix('c')}&thread={top}"
