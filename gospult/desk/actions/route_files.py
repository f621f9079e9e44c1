"""Rules of routing as a table: taken away, mended in a spreadsheet, and brought back. Bringing it twice changes nothing."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.sheets import grids
from gospult.lib.tables import write_csv
from gospult.registry.models import Sphere

from ..models import RoutingRule
from ..queries import known_places, known_topics
from ..queries.routes import body_by_words, find_rules, newest, words_for
from .routes import RuleDraft, add_rule, change_rule, says

TITLES = {
    "rule": "Правило", "priority": "Приоритет", "topic": "Тема (код)", "group": "Группа тем (код)", "territory": "Территория (код)",
    "sphere": "Сфера (код)", "body": "Кто отвечает", "overflow": "При перегрузке", "from": "С", "to": "По",
}  # fmt: skip
MOST = 5_000
MOST_CHANGES = 300  # in one request


@transaction.atomic
def export_rules(*, by: Person) -> IO[bytes]:
    """The rules that hold or will hold, those that the person may see, as an open CSV."""
    file = TemporaryFile()  # noqa: SIM115  (the answer reads it and closes it)
    count = write_csv(file, TITLES, map(_row, find_rules(by, {})))
    file.seek(0)
    journal.write(by, "rules_exported", None, rows=count)
    return file


def _row(rule: RoutingRule) -> dict[str, Any]:
    return {
        "rule": rule.pk, "priority": str(rule.priority), "topic": rule.topic.code if rule.topic else "", "group": rule.group_code,
        "territory": rule.territory.code if rule.territory else "", "sphere": rule.sphere.code if rule.sphere else "",
        "body": words_for(rule.body), "overflow": words_for(rule.overflow),
        "from": f"{rule.from_date:%d.%m.%Y}" if rule.from_date else "", "to": f"{rule.to_date:%d.%m.%Y}" if rule.to_date else "",
    }  # fmt: skip


class _Tried(Exception):
    """Takes back what a trial run has written."""


def import_rules(*, content: bytes, sure: bool = False, only_try: bool = False, by: Person) -> dict[str, int]:
    """All rows or none: a row with a number is a new version of that rule, one without is a new rule; rules that are not in the file stay.

    Returns {"added", "changed", "same"}; Refused names the row. `only_try` writes nothing.
    """
    counts = {"added": 0, "changed": 0, "same": 0}
    try:
        with transaction.atomic():
            for line, cells in _rows(content):
                try:
                    counts[_take(cells, sure=sure, by=by)] += 1
                except Refused as no:
                    raise Refused(f"Строка {line}: {no} Ничего не загружено.") from no
                if counts["added"] + counts["changed"] > MOST_CHANGES:
                    raise Refused(f"В файле больше {MOST_CHANGES} новых и изменённых правил: загрузите его частями. Ничего не загружено.")
            if only_try:
                raise _Tried
            journal.write(by, "rules_imported", None, **counts)
    except _Tried:
        pass
    return counts


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    grid = next(iter(grids(content)), [])
    heads = [str(cell or "").strip().lower() for cell in grid[0]] if grid else []
    places = {name: heads.index(title.lower()) for name, title in TITLES.items() if title.lower() in heads}
    missing = [title for name, title in TITLES.items() if name not in places]
    if missing:
        raise Refused("В файле нет столбцов: " + ", ".join(f"«{title}»" for title in missing) + ". Скачайте таблицу правил и исправьте её.")
    if len(grid) > MOST:
        raise Refused(f"В файле больше {MOST} строк: это не таблица правил.")
    for line, row in enumerate(grid[1:], start=2):
        cells = {name: _cell(row[at]) if at < len(row) else "" for name, at in places.items()}
        if any(cells.values()):
            yield line, cells


def _cell(value: Any) -> str:
    if isinstance(value, date | datetime):
        return f"{value:%d.%m.%Y}"
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value if value is not None else "")
    return text.strip().removeprefix("'")  # as the export defuses what looks like a formula


def _take(cells: Mapping[str, str], *, sure: bool, by: Person) -> str:
    draft = _draft(cells)
    if number := cells["rule"].removeprefix("№").strip():
        rules = RoutingRule.objects.visible_to(by).select_related("topic", "territory", "sphere", "body", "overflow")
        rule = rules.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
        if rule is None:
            raise Refused(f"Правила № {number[:20]} нет: оставьте ячейку пустой, чтобы добавить новое.")
        rule = newest(rule)  # a file that was loaded already names the version before
        if says(draft.as_row()) == says(rule):
            return "same"
        change_rule(rule=rule, draft=draft, sure=sure, by=by)
        return "changed"
    if any(says(draft.as_row()) == says(rule) for rule in _alike(draft, by)):
        return "same"
    add_rule(draft=draft, sure=sure, by=by)
    return "added"


def _alike(draft: RuleDraft, by: Person) -> Iterator[RoutingRule]:
    rules = RoutingRule.objects.visible_to(by).standing(timezone.localdate())
    yield from rules.filter(body=draft.body, topic=draft.topic, group_code=draft.group, territory=draft.territory, sphere=draft.sphere)


def _draft(cells: Mapping[str, str]) -> RuleDraft:
    """What the row says; a first day that has passed is left out, for a version begins today at the earliest."""
    first = _day(cells["from"])
    try:
        priority = int(cells["priority"].replace("−", "-"))
    except ValueError as error:
        raise Refused("Приоритет — целое число.") from error
    if not cells["body"]:
        raise Refused("Напишите, кто отвечает: слова названия или ОГРН.")
    topic = _known(known_topics(), cells["topic"], "Темы")
    groups = {t.group_code: t.group_code for t in known_topics().values()}
    spheres = {s.code: s for s in Sphere.objects.filter(code=cells["sphere"])} if cells["sphere"] else {}
    return RuleDraft(
        body=body_by_words(cells["body"]), topic=topic, group="" if topic else _known(groups, cells["group"], "Группы тем") or "",
        territory=_known(known_places(), cells["territory"], "Территории"), sphere=_known(spheres, cells["sphere"], "Сферы"), priority=priority,
        overflow=body_by_words(cells["overflow"]) if cells["overflow"] else None,
        from_date=first if first and first > timezone.localdate() else None, to_date=_day(cells["to"]),
    )  # fmt: skip


def _known(known: Mapping[str, Any], code: str, whose: str) -> Any:
    if code and code not in known:
        raise Refused(f"{whose} с кодом «{code[:60]}» нет: возьмите код из скачанной таблицы.")
    return known[code] if code else None


def _day(text: str) -> date | None:
    if not text:
        return None
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Refused(f"Дату «{text[:20]}» напишите так: 24.11.2026.")
