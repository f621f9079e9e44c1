"""Thresholds of what is worth a person's look, by the region's file; and how a finding is said. Pure, but for reading that file once; no database."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError

Thresholds = Mapping[str, Mapping[str, float]]
# What holds where a region says nothing of it.
USUAL: dict[str, dict[str, float]] = {
    "emptied": {"days": 30, "least_posts": 10, "share": 0.5},
    "jump": {"days": 60, "recent": 14, "least_days": 14, "z": 8, "least": 50, "share": 0.05},
    "engagement": {"days": 90, "recent": 14, "least_posts": 10, "z": 8, "least": 50},
    "look_alike": {"handle": 0.75, "least_letters": 8, "name": 0.4},
    "comments": {"days": 3},
}
SAYING = {
    "gone": "Сеть не знает этой страницы или заблокировала её; последний раз она открывалась {read_at}.",
    "closed": "Страница закрыта: записи видят только принятые подписчики.",
    "unknown": "В реестре нет номера страницы, поэтому её нельзя прочитать: {url}.",
    "handle": "В реестре «{was}», в сети «{now}». Прежний адрес может занять кто угодно.",
    "name": "Было «{was}», стало «{now}».",
    "emptied": "За {days} дн. исчезло записей: {gone}, осталось {standing}.",
    "comments": "Комментарии закрыты с {since}.",
    "look_alike": "Другая организация: «{name}», {handle}.",
    "twin": "У организации «{body}» в этой сети есть ещё страница «{name}».",
    "jump": "{date}: подписчиков {was} → {now} ({diff:+d} за день); обычно за день {usual:+g}, отклонение в {z:g} раз больше обычного.",
    "engagement": "Запись {date}: реакций {reactions} на {views} просмотров ({er:g} %); обычно {usual:g} %.",
}


def say(kind: str, evidence: Mapping[str, Any]) -> str:
    """A finding's evidence as a sentence; a number that an older row does not hold makes it only shorter."""
    try:
        return SAYING[kind].format(**evidence)
    except (KeyError, ValueError, IndexError):
        return "; ".join(f"{name}: {value}" for name, value in evidence.items())


def thresholds() -> Thresholds:
    """Those of this installation's region."""
    return _read(settings.REGION)


@lru_cache(maxsize=4)
def _read(region: str) -> Thresholds:
    path = regions.default_root() / region / "findings.json"
    if not path.is_file():
        return USUAL
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {kind: usual | {name: float(value) for name, value in told.get(kind, {}).items()} for kind, usual in USUAL.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RegionError(f"Файл findings.json региона не читается: {error}.") from error
