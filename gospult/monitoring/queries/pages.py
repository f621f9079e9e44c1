"""One page as its card screen shows it: facts by source and date, checklist, widgets, its last months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from gospult.exchange.models import Card
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..design import ITEMS, SHOWN, button, marks, sectors
from ..models import PageMonth, Snapshot
from ..widgets import KINDS, Verdict, check
from .owners import owners_of

MONTHS = 13
SOURCES = {"card": "В сети", "export": "В выгрузке", "person": "Со слов человека"}
FACTS = {
    "name": "название", "handle": "короткое имя", "members": "подписчики", "has_mark": "госметка", "connected": "подключение к «Госпабликам»",
    "status": "статус", "comments_open": "комментарии открыты", "messages_open": "сообщения открыты", "closed": "закрыта", "widgets": "виджеты ПОС",
    "design": "оформление, %", "activity": "активность, %", "weekly_reach": "охват за неделю", "post_reach": "средний охват записи",
}  # fmt: skip
SAID = {True: "да", False: "нет"}
STATUSES = {"active": "активный", "flagship": "флагманский", "card": "визитка", "not_counted": "не учитывается"}


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist: `state` is fine, late or wait (cannot be told); `text` says why where that helps."""

    code: str
    name: str
    state: str
    word: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """`facts`: (title, a value by source or None) in the order of SOURCES; `dates` by source; `widgets` is None where the network has none."""

    facts: list[tuple[str, list[str | None]]]
    dates: list[date | None]
    checklist: list[Item]
    read_at: Any
    widgets: Verdict | None
    proposals: list[tuple[str, str, tuple[str, ...]]]
    months: list[PageMonth]
    has: int
    told: int


def page_view(page: Page) -> PageView:
    """Everything that monitoring tells of a page."""
    latest = [_latest(page, source) for source in SOURCES]
    card = Card.objects.filter(page=page).first()
    items, verdict = _checks(page, card)
    told = [item for item in items if item.state != "wait"]
    proposals = [(KINDS[row.kind], row.url, row.lacks) for row in verdict.right] if verdict else []
    months = list(PageMonth.objects.filter(page=page, month__lte=timezone.localdate()).order_by("-month")[:MONTHS])
    return PageView(
        _facts(latest), [row.date if row else None for row in latest], items, card.read_at if card else None, verdict, proposals, months,
        sum(item.state == "fine" for item in told), len(told),
    )  # fmt: skip


def _latest(page: Page, source: str) -> Snapshot | None:
    return Snapshot.objects.filter(page=page, source=source).order_by("-date").first()


def _facts(latest: Sequence[Snapshot | None]) -> list[tuple[str, list[str | None]]]:
    rows = [(title, [_said(name, row) for row in latest]) for name, title in FACTS.items()]
    return [row for row in rows if any(value is not None for value in row[1])]


def _said(name: str, row: Snapshot | None) -> str | None:
    value = getattr(row, name) if row else None
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return SAID[value]
    return STATUSES.get(value, value) if isinstance(value, str) else f"{value:,}".replace(",", "\u00a0")


def _checks(page: Page, card: Card | None) -> tuple[list[Item], Verdict | None]:
    """The checklist and the widgets as the latest card shows them; nothing where no card was read."""
    kind = NETWORKS.get(page.network)
    if card is None or card.read_at is None or card.gone or kind is None:
        return [], None
    told, whose = kind.parse_card(card.raw), owners_of([page.pk])[page.pk]
    verdict = check((url for _, url in told.menu_links), whose.owner)
    rules = sectors()
    found = marks(page.network, told, whose.bodies, verdict, rules)
    wanted = button(whose.bodies, rules)
    why = {"sector": wanted.name if wanted else "", "widgets": verdict.text}
    shown = SHOWN.get(page.network, frozenset({"name"}))
    return [_item(code, found[code], why.get(code, "")) for code in ITEMS if code in shown], verdict if page.network == "vk" else None


def _item(code: str, value: bool | None, why: str) -> Item:
    state, word = {True: ("fine", "есть"), False: ("late", "нет"), None: ("wait", "нет данных")}[value]
    return Item(code, ITEMS[code], state, word, why)
