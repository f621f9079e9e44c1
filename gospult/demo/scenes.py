"""What a month of messages alone does not show: an absence, a limit of load, a formal appeal, the export of another system that overlaps.

Each scene goes through the actions that people's screens call. They are written with the history, whole or not at all.
"""

import csv
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from gospult.accounts.models import Person
from gospult.desk import actions as desk
from gospult.desk.models import Case, Handover, Message
from gospult.registry import actions as registry
from gospult.registry.models import Body

from .cast import TROUBLED

EXPORTED = 24  # rows of the other system
HEADER = ("Номер инцидента", "Дата создания", "Дата ответа", "Текст инцидента", "Ответ", "Ссылка на сообщение", "Итог", "Исполнитель")
ELSEWHERE = "Здравствуйте! Ответ дан в «Инцидент Менеджменте»: заявка передана подрядчику."
AWAY = 10  # days


def play() -> None:
    """All scenes, for the demo's own people."""
    people = Person.objects.in_bulk(["operator", "executor", "executor-miass", "curator-miass", "robot-operator"], field_name="username")
    _absence(people["executor"], people["executor-miass"], by=people["operator"])
    desk.set_limit(body=Body.objects.get(code=TROUBLED), most=15, by=people["operator"])
    _appeal(by=people["operator"])
    _export()


def _absence(person: Person, deputy: Person, *, by: Person) -> None:
    today = timezone.localdate()
    registry.begin_absence(person=person, deputy=deputy, from_date=today + timedelta(days=3), to_date=today + timedelta(days=3 + AWAY), by=by)


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
