"""The demo's register as the official export tells it, today and a year ago: everybody's pages, who needs none, and what was worse then.

The pages that stand in the sandbox are there already; those of all other institutions come with the export, as in a real region.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from gospult.lib import sheets
from gospult.registry import actions as registry
from gospult.registry.models import Body, Page, RegistryImport

from .cast import FIRST_PAGE, TROUBLED

SEED = 74
MONTHS = 4  # with an export of their own
FIRST_OTHER = FIRST_PAGE + 1000  # numbers of pages that came by the export
GROUND = "Приказ учредителя: сведения публикует учредитель"
YOUNG = 0.35
EXEMPT, WITHOUT = 0.05, 0.04  # share of institutions with a ground to keep no page; of those that owe one
NAME, GROUND_TITLE, STATUS = "Наименование подведомственной организации", "Официальная страница не ведется на основании", "Статус"
ID, URL, CONNECTED, MARK = "ID госпаблика", "Ссылка на госпаблик ВК", "Подключение к компоненту «Госпаблики» (да/нет)", "Госметка (да/нет)"
DESIGN, WIDGETS, ACTIVITY, MEMBERS = "Оформление (%)", "Виджеты (0/1/2)", "Активность (%)", "Количество подписчиков"
WEEK, POST = "Общий охват аудитории за неделю", "Средний охват одной публикации"


def fill_register() -> None:
    """Today's export is imported, and older ones, which only tell how the pages stood; once."""
    if RegistryImport.objects.exists():
        return
    rows, today = _rows(), timezone.localdate()
    for day in (today, *_month_ends(today), today - timedelta(days=365)):
        registry.import_registry(file=_file(rows, (today - day).days > 300), by=None, file_name=f"Выгрузка {day:%d.%m.%Y}.csv", day=day)
    Page.objects.filter(bodies__is_demo=True).update(is_demo=True)


def _month_ends(today: date) -> Iterator[date]:
    """The last days of the months before this one: a score of a month asks how the pages stood at its end."""
    first = today.replace(day=1)
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        yield (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _rows() -> list[dict[str, Any]]:
    """The register of today in the export's own words, with what the rows of institutions without a page do not say yet."""
    titles, *lines = next(iter(sheets.grids(registry.export_registry(by=None))))
    codes = {body.name: body for body in Body.objects.filter(is_demo=True).select_related("parent")}
    rows, number = [], 0
    for line in lines:
        row = dict(zip(titles, (int(cell) if isinstance(cell, float) else cell for cell in line), strict=False))
        body = codes.get(row[NAME])
        dice = random.Random(f"{SEED}/{row[NAME]}")
        if body and not row.get(URL):
            number += 1
            _give(row, body, number, dice)
        if row.get(URL):
            _facts(row, body, dice)
        rows.append(row | {"fate": fate(row[NAME])})
    return rows


def fate(name: str) -> float:
    """What the year made of an institution, 0 to 1: below YOUNG its page is no year old."""
    return random.Random(f"{SEED}/fate/{name}").random()


def _give(row: dict[str, Any], body: Body, number: int, dice: random.Random) -> None:
    """A page, or a ground for none, or neither: a debt."""
    throw = dice.random()
    if throw < EXEMPT:
        row[GROUND_TITLE] = GROUND
    elif throw > EXEMPT + WITHOUT:
        handle = f"demo74_{body.code}".replace("-", "_")
        row |= {ID: FIRST_OTHER + number, URL: f"https://vk.com/{handle}"}


def _facts(row: dict[str, Any], body: Body | None, dice: random.Random) -> None:
    bad = bool(body and in_trouble(body))
    members = int(dice.lognormvariate(6.4, 0.8)) + 80
    row |= {
        CONNECTED: "да" if dice.random() < (0.8 if bad else 0.99) else "нет", MARK: "да" if dice.random() < (0.7 if bad else 0.98) else "нет",
        DESIGN: dice.choice((60, 80, 100) if bad else (90, *[100] * 9)), WIDGETS: 0 if dice.random() < (0.3 if bad else 0.06) else 2,
        ACTIVITY: dice.choice((20, 40, 100) if bad else (80, 100, 100, 100)), MEMBERS: members, WEEK: int(members * (0.3 + dice.random())),
        POST: int(members * (0.1 + 0.2 * dice.random())),
    }  # fmt: skip


def in_trouble(body: Body) -> bool:
    """Whether the body stands in the branch that the demo shows in trouble."""
    return body.code == TROUBLED or bool(body.parent and body.parent.code == TROUBLED)


def _file(rows: list[dict[str, Any]], then: bool) -> bytes:
    """The rows as CSV; a year ago some pages were not there yet and the others were smaller and quieter."""
    out = io.StringIO()
    titles = [title for title in rows[0] if title != "fate"]
    told = csv.DictWriter(out, titles, extrasaction="ignore", delimiter=";")
    told.writeheader()
    for row in rows:
        told.writerow(_a_year_ago(row) if then else row)
    return out.getvalue().encode()


def _a_year_ago(row: dict[str, Any]) -> dict[str, Any]:
    if not row.get(URL):
        return row
    if row["fate"] < YOUNG:
        return row | dict.fromkeys((ID, URL, CONNECTED, MARK, DESIGN, WIDGETS, ACTIVITY, MEMBERS, WEEK, POST), "")
    less = 0.4 + row["fate"] / 3
    quiet = {ACTIVITY: row[ACTIVITY] if row["fate"] > 0.6 else 20, DESIGN: max(20, row[DESIGN] - 30)}
    return row | quiet | {name: int(row[name] * less) for name in (MEMBERS, WEEK, POST)} | {MARK: "нет" if row["fate"] < 0.5 else row[MARK]}
