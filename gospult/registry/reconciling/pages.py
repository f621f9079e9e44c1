"""Pages: which are meant, whose they are, what is said of them."""

from typing import Any

from ..importing import Row
from ..matching import Key
from ..models import Body, Page, PageBody, PageHandle
from ..models.pages import State
from .registry import PageKey, Plan

ABSENT = "Нет в последней выгрузке"
AGAIN = "Снова есть в выгрузке"


def pages(plan: Plan) -> None:
    """Every page of the file, new or known, with its facts and owners."""
    rows = [row for row in plan.export.rows if row.page]
    speaker: dict[PageKey, Row] = {}
    for row in sorted(rows, key=lambda r: not r.address.handle):  # of several rows, one with a handle says most
        speaker.setdefault(row.page, row)  # type: ignore[arg-type]
    for key, row in speaker.items():
        plan.pages[key] = _page(plan, row, key)
        _address(plan, row, plan.pages[key])
        _facts(plan, row, plan.pages[key])
    wanted: dict[int, tuple[Page, dict[Key, Body]]] = {}
    for row in rows:
        page = plan.pages[row.page]  # type: ignore[index]
        wanted.setdefault(id(page), (page, {}))[1][row.key] = plan.bodies[row.key]
    _owners(plan, list(wanted.values()))


def _page(plan: Plan, row: Row, key: PageKey) -> Page:
    network, kind, value = key
    known = plan.registry
    by_handle = known.by_handle.get((network, row.address.handle.lower())) if row.address.handle else None
    page = known.by_id.get((network, value)) if kind == "id" else by_handle
    if kind == "id" and not page and by_handle and not by_handle.external_id:
        page = by_handle
    return page or _new(plan, row, key)


def _new(plan: Plan, row: Row, key: PageKey) -> Page:
    network, kind, value = key
    page = Page(network=network, external_id=value if kind == "id" else None, name=row.name, url=row.address.url, from_export=True, facts_date=None)
    plan.ledger.add(page)
    return page


def _address(plan: Plan, row: Row, page: Page) -> None:
    differs = False
    if row.page and row.page[1] == "id" and not page.external_id:
        differs |= plan.ledger.set(page, external_id=row.page[2])
    if page.external_id:
        plan.registry.by_id[page.network, page.external_id] = page
    if row.address.handle and row.address.handle.lower() != page.handle.lower():
        differs |= _rename(plan, row, page, row.address.handle)
    if row.address.url and not row.address.trouble and row.address.url != page.address:
        differs |= plan.ledger.set(page, url=row.address.url[:500])
    state = {State.DRAFT: State.PUBLISHED, State.ARCHIVED: State.UNDER_REVIEW}.get(State(page.state))
    if page.state == State.UNDER_REVIEW and page.review_reason == ABSENT:
        state = State.PUBLISHED
    if state:
        differs |= plan.ledger.set(page, state=state, review_reason=AGAIN if state == State.UNDER_REVIEW else "")
    plan.ledger.set(page, quiet=True, from_export=True)
    plan.note(row.key, differs)


def _rename(plan: Plan, row: Row, page: Page, handle: str) -> bool:
    """Networks give a freed handle to another page, so a holder that the file does not know by it loses it."""
    holder = plan.registry.by_handle.get((page.network, handle.lower()))
    if holder and holder is not page:
        plan.export.problems.add("handle_conflict", row.number, handle)
        _end_handle(plan, holder)
        plan.ledger.set(holder, handle="")
    _end_handle(plan, page)
    plan.ledger.add(PageHandle(page=page, handle=handle, since=plan.now))
    plan.registry.by_handle[page.network, handle.lower()] = page
    return plan.ledger.set(page, handle=handle)


def _end_handle(plan: Plan, page: Page) -> None:
    last = plan.registry.handles.get(page.pk) if page.pk else None
    if page.handle:
        plan.registry.by_handle.pop((page.network, page.handle.lower()), None)
    if last:
        plan.ledger.set(last, until=plan.now)


def _facts(plan: Plan, row: Row, page: Page) -> None:
    """Only what the export says: a blank cell is no news. The date shows since when the facts are as they are."""
    facts: dict[str, Any] = row.facts
    if plan.ledger.set(page, **facts):
        plan.ledger.set(page, facts_date=plan.now.date())
        plan.note(row.key, True)


def _owners(plan: Plan, wanted: list[tuple[Page, dict[Key, Body]]]) -> None:
    links: dict[int, list[PageBody]] = {}
    for link in plan.registry.links:
        links.setdefault(link.page_id, []).append(link)
    present = {body.pk: key for key, body in plan.bodies.items() if body.pk}
    for page, owners in wanted:
        known = links.get(page.pk, []) if page.pk else []
        kept = _keep(plan, known, {b.pk for b in owners.values() if b.pk}, present)
        _link(plan, page, owners, kept)


def _keep(plan: Plan, known: list[PageBody], owners: set[int], present: dict[int, Key]) -> list[PageBody]:
    """Links that stay; a body that the file names without this page has handed it over."""
    kept = [link for link in known if link.body_id in owners or link.body_id not in present]
    for link in known:
        if link not in kept:
            plan.ledger.remove(link)
            plan.note(present[link.body_id], True)
    return kept


def _link(plan: Plan, page: Page, owners: dict[Key, Body], kept: list[PageBody]) -> None:
    linked = {link.body_id for link in kept}
    owned = any(not link.shared for link in kept)
    for key, body in owners.items():
        if body.pk and body.pk in linked:
            continue
        plan.ledger.add(PageBody(page=page, body=body, shared=owned))
        plan.note(key, bool(page.pk or body.pk))
        owned = True
    if not owned and kept:
        plan.ledger.set(kept[0], shared=False)
