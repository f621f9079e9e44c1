"""Filters of the queue: plain words of the address, what they ask of a case, and how a person reads them.

Topics and territories come from the process's memory, so that a filter costs no statement of its own; a body is asked for by its id.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from gospult.registry.models import Body, Page
from gospult.registry.models.pages import NETWORK_NAMES

from ..models import Case, Kind, Message
from .branch import FIGURES, cases_behind
from .thinking import known_places, known_topics

NETWORKS = {**NETWORK_NAMES, "web": "форма на сайте", "file": "из файла"}
CHANNELS = {"comment": "комментарий", "dm": "личное сообщение"}
STATES = {code: name for code, name in Case.State.choices if code != Case.State.MERGED}
KINDS = {**dict(Kind.choices), "none": "тип не выбран"}
GROUP = "group:"  # before the code of a whole group of topics
LABELS = {
    "topic": "тема", "territory": "территория", "organ": "орган", "network": "сеть", "public": "страница", "channel": "откуда", "kind": "тип",
    "state": "состояние", "from": "с", "to": "по", "urgent": "", "danger": "", "photo": "", "body": "организация", "branch": "ветвь", "figure": "",
}  # fmt: skip
FLAGS = {"urgent": "срочные темы", "danger": "опасность", "photo": "с фото"}
NAMES = tuple(LABELS)
BODIES = ("body", "branch")  # by id: exactly one body; a body and everything below it
LONGEST = 100


def read(address: Mapping[str, Any]) -> dict[str, str]:
    """The filters that an address names; a value that means nothing does not filter."""
    given = {name: str(address.get(name, "")).replace("\0", "").strip()[:LONGEST] for name in NAMES}
    return {name: value for name, value in given.items() if value and _means(name, value)}


def _means(name: str, value: str) -> bool:
    if name in ("organ", "public"):
        return True
    if name in FLAGS:
        return value == "1"
    if name in BODIES:
        return value.isascii() and value.isdecimal() and len(value) < 19
    if name in ("from", "to"):
        return _date(value) is not None
    if name == "topic":
        return bool(_topics(value))
    known: dict[str, Mapping[str, Any]] = {
        "territory": known_places(), "network": NETWORKS, "channel": CHANNELS, "kind": KINDS, "state": STATES, "figure": FIGURES,
    }  # fmt: skip
    return value in known[name]


def _date(value: str) -> date | None:
    try:
        day = parse_date(value)
    except ValueError:  # shaped like a date, as 2026-02-31
        return None
    return day if day and 2000 <= day.year < 2100 else None


def _topics(value: str) -> list[int]:
    if value.startswith(GROUP):
        return [t.pk for t in known_topics().values() if t.group_code == value.removeprefix(GROUP)]
    return [known_topics()[value].pk] if value in known_topics() else []


def _places(code: str) -> list[int]:
    path = known_places()[code].path
    return [t.pk for t in known_places().values() if path and t.path.startswith(path)] or [known_places()[code].pk]


def condition(filters: Mapping[str, str]) -> Q:
    """What the filters (as `read` gives them) ask of a case, all together."""
    asked = Q()
    for name, value in filters.items():
        asked &= ASK[name](value)
    return asked


def _organ(value: str) -> Q:
    """Bodies by all words of their name, short name or ОГРН."""
    asked = worded(Body.objects.all(), value, lambda word: Q(sort_name__contains=word) | Q(short_name__icontains=word) | Q(ogrn=word))
    return Q(Among("body", asked))


def _branch(value: str) -> Q:
    """Bodies of the branch; a body that is not in the tree yet has none: an empty path would be a prefix of all."""
    path = Body.objects.filter(pk=int(value)).values_list("path", flat=True).first()
    return Q(body__in=Body.objects.filter(path__startswith=path).values("pk")) if path else Q(body=int(value))


def _public(value: str) -> Q:
    return Q(Among("page", worded(Page.objects.all(), value, lambda word: Q(name__icontains=word) | Q(handle__icontains=word) | Q(external_id=word))))


def worded(rows: Any, value: str, ask: Any) -> list[int]:
    """Ids of the rows of which `ask(word)` holds for every word; of a subquery the planner does not know how many there are (docs/scale.md)."""
    for word in value.lower().replace("ё", "е").split():
        rows = rows.filter(ask(word))
    return list(rows.values_list("pk", flat=True))


class Among(Func):
    """A column is one of the numbers: one parameter where `__in` would have thousands; the planner counts it as a list."""

    arg_joiner, template, output_field = " = ANY(", "%(expressions)s)", BooleanField()

    def __init__(self, column: str, numbers: list[int]) -> None:
        # Written out here: the adapter looks at each number of a list by itself, and takes as long as the statement.
        super().__init__(F(column), RawSQL("%s::bigint[]", [f"{{{','.join(map(str, numbers))}}}"]))


def _network(value: str) -> Q:
    # Forms and files are no networks: their cases have no page that lies in one.
    return Q(page__network=value) if value in NETWORK_NAMES else Q(pk__in=Message.objects.filter(network=value).values("case"))


def _midnight(value: str) -> datetime:
    return timezone.make_aware(datetime.combine(_date(value) or date.min, time.min))


ASK: dict[str, Any] = {
    "topic": lambda value: Q(topic__in=_topics(value)),
    "territory": lambda value: Q(territory__in=_places(value)),
    "organ": _organ,
    "network": _network,
    "public": _public,
    "channel": lambda value: Q(by_comment=True) if value == "comment" else Q(by_dm=True),
    "kind": lambda value: Q(kind="" if value == "none" else value),
    "state": lambda value: Q(state=value),
    "from": lambda value: Q(opened_at__gte=_midnight(value)),
    "to": lambda value: Q(opened_at__lt=_midnight(value) + timedelta(days=1)),
    "urgent": lambda value: Q(urgent=True),
    "danger": lambda value: Q(danger=True),
    "photo": lambda value: Q(has_photo=True),
    "body": lambda value: Q(body=int(value)),
    "branch": _branch,
    "figure": cases_behind,
}


def in_words(filters: Mapping[str, str]) -> list[dict[str, str]]:
    """Each filter as a person reads it: its name in the address and its words."""
    return [{"name": name, "text": " ".join(filter(None, [LABELS[name], _value(name, value)]))} for name, value in filters.items()]


def _value(name: str, value: str) -> str:
    if name in FLAGS:
        return FLAGS[name]
    if name in BODIES:
        return f"«{Body.objects.filter(pk=int(value)).only('name', 'short_name').first() or 'нет такой'}»"
    if name == "figure":
        return FIGURES[value][0]
    if name in ("from", "to"):
        day = _date(value)
        return date_format(day, "j E Y") if day else value
    if name == "topic":
        topics = known_topics()
        return topics[value].name if value in topics else next(t.group for t in topics.values() if GROUP + t.group_code == value)
    if name == "territory":
        return known_places()[value].name
    return {"network": NETWORKS, "channel": CHANNELS, "kind": KINDS, "state": STATES}.get(name, {}).get(value, f"«{value}»")
