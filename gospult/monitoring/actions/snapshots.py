"""Pages on a day: what their cards showed, what an export said, what a person confirmed. Rows of a past day are never rewritten by a later one."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.models import Card
from gospult.lib.errors import Refused
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page, PageFacts, RegistryImport
from gospult.registry.models.imports import ImportState

from ..design import Sectors, marks, sectors
from ..models import Snapshot
from ..queries.owners import Whose, owners_of
from ..widgets import check

MOSCOW = ZoneInfo("Europe/Moscow")  # the day of the networks and of the official export
PORTION = 2000  # cards
FACTS = ("members", "has_mark", "connected", "design", "widgets", "activity", "weekly_reach", "post_reach")
COLUMNS = (
    "page_id", "date", "source", "at", "name", "handle", "members", "gone", "closed", "comments_open", "messages_open", "has_mark", "connected",
    "status", "design", "widgets", "activity", "weekly_reach", "post_reach", "marks",
)  # fmt: skip
# A card that says that the page is gone speaks of the moment at which it was asked for.
DUE = """
SELECT c.page_id FROM (SELECT page_id, CASE WHEN gone AND fault = 'gone' THEN tried_at ELSE read_at END AS at FROM exchange_card) c
LEFT JOIN monitoring_snapshot s ON s.page_id = c.page_id AND s.source = 'card' AND s.date = (c.at AT TIME ZONE 'Europe/Moscow')::date
WHERE c.at IS NOT NULL AND (s.at IS NULL OR s.at < c.at) ORDER BY c.page_id
"""


def take_cards() -> int:
    """The cards that were read since become the day's snapshots; returns how many. 175,000 of them take less than a minute."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        due = [row[0] for row in cursor.fetchall()]
    rules = sectors()
    for start in range(0, len(due), PORTION):
        portion = due[start : start + PORTION]
        cards = list(Card.objects.filter(page__in=portion).select_related("page"))
        whose = owners_of(portion)
        with transaction.atomic():
            _upsert([_of_card(card, whose[card.page_id], rules) for card in cards])
    return len(due)


def _of_card(row: Card, whose: Whose, rules: Sectors) -> dict[str, Any]:
    at = row.tried_at if row.gone and row.fault == "gone" else row.read_at or row.tried_at
    base = {"page_id": row.page_id, "date": at.astimezone(MOSCOW).date(), "source": "card", "at": at, "gone": row.gone}
    kind = NETWORKS.get(row.page.network)
    if row.gone or kind is None:
        return base
    told = {name: getattr(row, name) for name in ("name", "handle", "members", "closed", "comments_open", "messages_open")}
    if not row.raw:  # of the page itself nothing is kept: its looks and its links are not known, which is not the same as missing
        return base | told
    card = kind.parse_card(row.raw)
    verdict = check((url for _, url in card.menu_links), whose.owner)
    found = marks(row.page.network, card, whose.bodies, verdict, rules)
    return base | told | {"widgets": verdict.valid if row.page.network == "vk" else None, "marks": found}


def take_imports() -> int:
    """What applied exports say of pages becomes snapshots of their dates; what an undone one said is taken back. Returns how many imports."""
    done = 0
    while _take_import():
        done += 1
    return done


@transaction.atomic
def _take_import() -> bool:
    due = RegistryImport.objects.filter(state__in=[ImportState.APPLIED, ImportState.UNDONE], taken_at=None).order_by("pk")
    row = due.select_for_update(skip_locked=True, of=("self",)).defer("content", "problems", "sample").first()
    if row is None:
        return False
    if row.state == ImportState.UNDONE:
        _take_back(row)
    else:
        _upsert([_of_export(facts, row) for facts in PageFacts.objects.filter(imported=row)])
    RegistryImport.objects.filter(pk=row.pk).update(taken_at=timezone.now())
    return True


def day_of(row: RegistryImport) -> date:
    """The day that an export speaks of."""
    return row.date or row.at.astimezone(MOSCOW).date()


def _of_export(facts: PageFacts, row: RegistryImport) -> dict[str, Any]:
    told = {name: facts.facts.get(name) for name in FACTS}
    return (
        {"page_id": facts.page_id, "date": day_of(row), "source": "export", "at": row.at, "name": facts.name, "handle": facts.handle}
        | told
        | {"status": facts.status}
    )


def _take_back(row: RegistryImport) -> None:
    """An earlier export of the same day speaks again."""
    pages = PageFacts.objects.filter(imported=row).values("page")
    Snapshot.objects.filter(source=Snapshot.Source.EXPORT, date=day_of(row), at=row.at, page__in=pages).delete()
    others = RegistryImport.objects.filter(state=ImportState.APPLIED, pk__lt=row.pk).defer("content")
    same = [other.pk for other in others.only("pk", "date", "at") if day_of(other) == day_of(row)]
    RegistryImport.objects.filter(pk__in=same).update(taken_at=None)


@transaction.atomic
def confirm(*, page: Page, day: date, has_mark: bool | None, connected: bool | None, by: Person) -> Snapshot:
    """A person says how the mark and the connection of a page stood on a day; Refused for a day to come or when nothing is said."""
    if day > timezone.localdate():
        raise Refused("Этот день ещё не наступил: укажите день, в который вы это видели.")
    if has_mark is None and connected is None:
        raise Refused("Отметьте, что вы видели: госметку или подключение к «Госпабликам».")
    told = {"has_mark": has_mark, "connected": connected}
    told = {name: value for name, value in told.items() if value is not None}
    row, _ = Snapshot.objects.update_or_create(page=page, date=day, source=Snapshot.Source.PERSON, defaults={**told, "at": timezone.now()})
    journal.write(by, "monitoring.confirmed", page, day=day.isoformat(), **told)
    return row


def _upsert(rows: Sequence[dict[str, Any]]) -> None:
    """By COPY, as the cards themselves; the caller holds the transaction and asks for nothing meanwhile."""
    names = ", ".join(COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[3:])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE fresh_snapshots ON COMMIT DROP AS SELECT {names} FROM monitoring_snapshot WITH NO DATA")
        with cursor.copy(f"COPY fresh_snapshots ({names}) FROM STDIN") as copy:
            for row in _values(rows):
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO monitoring_snapshot ({names}) SELECT {names} FROM fresh_snapshots ORDER BY page_id"
            f" ON CONFLICT (page_id, date, source) DO UPDATE SET {changes}"
        )
        cursor.execute("DROP TABLE fresh_snapshots")


def _values(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[Any]]:
    texts: dict[str, Any] = {"name": "", "handle": "", "status": ""}
    for row in rows:
        yield [json.dumps(row.get("marks", {})) if name == "marks" else row.get(name, texts.get(name)) for name in COLUMNS]
