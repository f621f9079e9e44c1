"""A list of cases as a table: what is written into XLSX and CSV, read in portions."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gospult.registry.models.pages import NETWORK_NAMES

from ..models import Case

PORTION = 500  # rows read at a time: the memory is that of a portion, however long the list
COLUMNS = {
    "number": "Номер", "state": "Состояние", "kind": "Тип", "group": "Группа тем", "topic": "Тема", "territory": "Территория", "place": "Место",
    "body": "Орган", "network": "Сеть", "page": "Страница", "opened_at": "Поступило", "next_due_at": "Срок", "first_reaction_at": "Первая реакция",
    "answered_at": "Отвечено", "late": "С опозданием", "closed_at": "Закрыто", "messages": "Сообщений", "reopened": "Открыто повторно",
    "urgent": "Срочная тема", "danger": "Опасность", "headline": "Первые слова",
}  # fmt: skip


def table(rows: QuerySet[Case]) -> Iterator[dict[str, Any]]:
    """One dict of COLUMNS for each case; moments are in the centre's zone. The author's name is in no column."""
    for case in rows.select_related("topic", "body", "territory", "page").iterator(chunk_size=PORTION):
        yield _row(case)


def _row(case: Case) -> dict[str, Any]:
    page, topic = case.page, case.topic
    moments = {name: getattr(case, name) for name in ("opened_at", "next_due_at", "first_reaction_at", "answered_at", "closed_at")}
    return {
        "number": case.number, "state": case.get_state_display(), "kind": case.get_kind_display(), "group": topic.group if topic else "",
        "topic": topic.name if topic else "", "territory": str(case.territory or ""), "place": case.place, "body": str(case.body or ""),
        "network": NETWORK_NAMES.get(page.network, page.network) if page else "", "page": page.name if page else "", "headline": case.headline,
        "messages": case.message_count, "reopened": case.reopened,
        **{name: "да" if getattr(case, name) else "" for name in ("late", "urgent", "danger")},
        **{name: at and timezone.localtime(at).replace(tzinfo=None, microsecond=0) for name, at in moments.items()},
    }  # fmt: skip
