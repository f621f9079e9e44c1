"""The 20 columns of the official export and how they are recognised whatever their order and spelling."""

import re
from functools import lru_cache

from gospult.lib.errors import Refused
from gospult.lib.sheets import Grid

# key → title as the export writes it; the order is the order of our own export.
TITLES = {
    "level": "Уровень",
    "founder": "Учредитель",
    "name": "Наименование подведомственной организации",
    "ground": "Официальная страница не ведется на основании",
    "ogrn": "ОГРН",
    "sphere_1": "Сфера 1",
    "sphere_2": "Сфера 2",
    "sphere_3": "Сфера 3",
    "status": "Статус",
    "page_id": "ID госпаблика",
    "url": "Ссылка на госпаблик ВК",
    "settings_address": "Адрес, указанный в настройках страницы",
    "connected": "Подключение к компоненту «Госпаблики» (да/нет)",
    "has_mark": "Госметка (да/нет)",
    "design": "Оформление (%)",
    "widgets": "Виджеты (0/1/2)",
    "activity": "Активность (%)",
    "members": "Количество подписчиков",
    "weekly_reach": "Общий охват аудитории за неделю",
    "post_reach": "Средний охват одной публикации",
}
# How a title may begin when people rename it; compared without case, signs and ё.
BEGINNINGS = {
    "level": ("уровень",),
    "founder": ("учредитель",),
    "name": ("наименование", "название организации", "организация"),
    "ground": ("официальная страница не ведется", "основание", "страница не ведется"),
    "ogrn": ("огрн",),
    "sphere_1": ("сфера 1", "сфера1"),
    "sphere_2": ("сфера 2", "сфера2"),
    "sphere_3": ("сфера 3", "сфера3"),
    "status": ("статус",),
    "page_id": ("id госпаблика", "id паблика", "id страницы", "id"),
    "url": ("ссылка",),
    "settings_address": ("адрес",),
    "connected": ("подключение", "подключен"),
    "has_mark": ("госметка",),
    "design": ("оформление",),
    "widgets": ("виджет",),
    "activity": ("активность",),
    "members": ("количество подписчиков", "подписчик"),
    "weekly_reach": ("общий охват", "охват аудитории"),
    "post_reach": ("средний охват",),
}
REQUIRED = ("founder", "name", "ground", "ogrn", "status", "page_id", "url", "level", "sphere_1")
HEADER_WITHIN = 15  # rows above the header that a letterhead may take
SHOWN = 3


def find(grids: list[Grid]) -> tuple[Grid, int, dict[str, int]]:
    """The sheet with the registry, the index of its first row of data and key → column; Refused when columns are missing."""
    best: tuple[Grid, int, dict[str, int]] = ([], 0, {})
    for grid in grids:
        for at in range(min(len(grid), HEADER_WITHIN)):
            for height in (1, 2):
                columns = _columns(grid[at : at + height])
                if len(columns) > len(best[2]):
                    best = (grid, at + height, columns)
    missing = [TITLES[key] for key in REQUIRED if key not in best[2]]
    if missing:
        raise Refused(_missing(missing, found=len(best[2])))
    return best


def _columns(header: list[list[object]]) -> dict[str, int]:
    """Key → column; a title that spans two rows counts by its lower cell."""
    found: dict[str, int] = {}
    width = max((len(row) for row in header), default=0)
    for column in range(width):
        for row in reversed(header):
            key = _key(row[column]) if column < len(row) else None
            if key and key not in found:
                found[key] = column
                break
    return found


def _key(cell: object) -> str | None:
    title = fold(cell)
    if not title or len(title) > 120:
        return None
    exact = next((key for key, official in TITLES.items() if fold(official) == title), None)
    return exact or next((key for key, starts in BEGINNINGS.items() if any(_begins(title, s) for s in starts)), None)


def _begins(title: str, start: str) -> bool:
    return title == start or title.startswith(start if len(start) > 2 else start + " ")


@lru_cache(maxsize=50_000)
def fold(value: object) -> str:
    """Letters and digits of a text in lower case, ё as е, single spaces: what is left when people retype a title or a name."""
    return " ".join(re.findall(r"[^\W_]+", str(value).lower().replace("ё", "е")))


def _missing(missing: list[str], found: int) -> str:
    if not found:
        return "В файле нет заголовков реестра («Учредитель», «ОГРН», «Статус»…). Загрузите выгрузку реестра в 20 колонках."
    names = ", ".join(f"«{name}»" for name in missing[:SHOWN]) + (f" и ещё {len(missing) - SHOWN}" if len(missing) > SHOWN else "")
    return f"В файле не хватает колонок: {names}. Выгрузите реестр в 20 колонках, не меняя заголовков, и загрузите снова."
