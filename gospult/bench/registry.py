"""Seconds that an export of 7,000 rows takes on its way into the registry and out of it. All names are made up."""

import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings

from gospult.lib import regions
from gospult.registry import actions
from gospult.registry.models import Body, Page

from .figures import database_mb, machine, peak_mb, say, timed

ROWS = 7_000
TARGET = 10.0  # seconds
EVERY_TENTH = 10  # row changes from one month to the next
TITLES = (
    "Уровень", "Учредитель", "Наименование подведомственной организации", "Официальная страница не ведется на основании", "ОГРН", "Сфера 1",
    "Сфера 2", "Сфера 3", "Статус", "ID госпаблика", "Ссылка на госпаблик ВК", "Адрес, указанный в настройках страницы",
    "Подключение к компоненту «Госпаблики» (да/нет)", "Госметка (да/нет)", "Оформление (%)", "Виджеты (0/1/2)", "Активность (%)",
    "Количество подписчиков", "Общий охват аудитории за неделю", "Средний охват одной публикации",
)  # fmt: skip
KINDS = (("Школа № {}", "Образование"), ("Детский сад № {}", "Образование"), ("Дом культуры № {}", "Культура"), ("Библиотека № {}", "Культура"),
         ("Поликлиника № {}", "Здравоохранение"), ("Спортивная школа № {}", "Спорт"), ("Центр помощи № {}", "Социальная защита"))  # fmt: skip
MINISTRIES = ("Министерство примерного образования", "Министерство примерной культуры", "Министерство примерного здоровья")
GROUND = "Распоряжение учредителя: страница не ведётся"


def run() -> dict[str, Any]:
    """Seconds of a first import, of the same file again, of the next month's file and of an export."""
    actions.load_region(region=regions.load(settings.REGION), by=None)
    content, next_month = export_file(), export_file(month=1)
    steps = {
        "first_s": lambda: _import(content),
        "again_s": lambda: _import(content),
        "next_month_s": lambda: _import(next_month),
        "export_s": lambda: len(actions.export_registry(by=None)),
    }
    seconds, results = _all(steps)
    first, again = results["first_s"], results["again_s"]
    return {
        "machine": machine(),
        "size": {"rows": ROWS, "bodies": Body.objects.count(), "pages": Page.objects.count()},
        **seconds,
        "target_s": TARGET,
        "enough": seconds["first_s"] <= TARGET,
        "created": first["created"],
        "changed_again": again["created"] + again["changed"],
        "changed_next_month": results["next_month_s"]["changed"],
        "export_bytes": results["export_s"],
        "peak_mb": peak_mb(),
        "database_mb": database_mb(),
    }


def _all(steps: dict[str, Callable[[], Any]]) -> tuple[dict[str, float], dict[str, Any]]:
    seconds, results = {}, {}
    for name, step in steps.items():
        took, results[name] = timed(step)
        seconds[name] = round(took, 2)
        say(f"Реестр: {name} {took:.1f}")
    return seconds, results


def _import(content: bytes) -> dict[str, int]:
    return actions.import_registry(file=content, by=None, file_name="bench.xlsx").counts


def export_file(rows: int = ROWS, month: int = 0) -> bytes:
    """An export of so many rows; the same arguments give the same rows."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Реестр")
        sheet.write_row(0, 0, TITLES)
        for number in range(1, rows + 1):
            sheet.write_row(number, 0, _row(number, month, random.Random(number)))
    return buffer.getvalue()


def _row(number: int, month: int, dice: random.Random) -> list[Any]:
    name, sphere = KINDS[number % len(KINDS)]
    of_ministry = number % 4 == 0
    founder = MINISTRIES[number % len(MINISTRIES)] if of_ministry else f"Примерный район {number % 43 + 1}"
    without = number % 8 == 0
    exempt = without and number % 16 == 0
    members = dice.randrange(100, 20_000) + (month if number % EVERY_TENTH == 0 else 0)
    about = ["Министерство" if of_ministry else "МО", founder, name.format(number), GROUND if exempt else "", str(1_000_000_000_000 + number)]
    about += [sphere, "", "", ("не учитывается" if exempt else "визитка" if number % 5 == 0 else "активный")]
    if without:
        return [*about, 0, "", "", "", "", "", "", "", "", "", ""]
    page = 700_000_000 + number
    facts = [
        "да",
        "нет" if number % 9 == 0 else "да",
        dice.randrange(50, 101),
        number % 3,
        dice.randrange(0, 101),
        members,
        members // 2,
        members // 10,
    ]
    return [*about, page, f"https://vk.com/club{page}", f"ул. Примерная, {number}", *facts]
