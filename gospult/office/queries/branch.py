"""«Моя ветвь»: how the bodies of a curator stand, in a handful of statements however many they are; every figure opens its rows."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.models import Bounce, Case
from gospult.desk.queries.branch import FIGURES, bounces_by_body, bounces_of_bodies, cases_behind, figures_by_body
from gospult.exchange.queries import BROKEN, Fault, PageState, faults, page_states
from gospult.lib import regions
from gospult.registry.models import Body, Grant, Page, PageBody, Steward, live_on
from gospult.registry.models.access import User
from gospult.registry.models.bodies import BodyQuerySet, Status
from gospult.registry.queries import WAY, has_role, scope_q, unpaged, with_steps

from ..models import Remedy
from ..trouble import rank, reasons, share

LEADERS = (Role.CURATOR, Role.HEAD)
NO_TASKS = {"tasks": 0, "tasks_late": 0}
WITHOUT_NORM = {Status.CARD, Status.NOT_COUNTED}  # a business card owes no posts


@dataclass(frozen=True, slots=True)
class Norms:
    """The region's file `branch.json`: days without a post that are silence; the hour of the curator's digest."""

    silent_days: int = 7
    digest_hour: int = 8


@dataclass(slots=True)
class Row:
    """One body: figures by code (None: nothing is heard of it), its pages with everything that is wrong with them."""

    pk: int
    name: str
    territory: str
    above: str
    depth: int
    path: str
    figures: dict[str, int] | None
    counts: dict[str, int] = field(default_factory=dict)
    pages: list[tuple[PageState, list[Fault]]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    heard_at: datetime | None = None

    @property
    def week(self) -> int | None:
        """Percent answered on time within 7 days."""
        return share(self.counts["week_on_time"], self.counts["week"])

    @property
    def seen_at(self) -> datetime | None:
        """How fresh the stalest of its pages is; None where one of them was never read."""
        seen = [state.seen_at for state, _ in self.pages]
        return None if None in seen else min((at for at in seen if at), default=None)

    @property
    def month(self) -> int | None:
        """The same within 30 days."""
        return share(self.counts["month_on_time"], self.counts["month"])

    @property
    def trend(self) -> int | None:
        """Points by which the week differs from the week before."""
        before = share(self.counts["before"] - self.counts["before_late"], self.counts["before"])
        return None if self.week is None or before is None else self.week - before


@dataclass(frozen=True, slots=True)
class Branch:
    """The rows, the worst first, and their sums; `walls` have been read, of `unread` pages nothing ever was."""

    rows: list[Row]
    counts: Counter[str]
    kinds: Counter[str]
    pages: int
    walls: int
    unread: int
    oldest: datetime | None

    @property
    def week(self) -> int | None:
        """Percent answered on time within 7 days in the whole branch."""
        return share(self.counts["week_on_time"], self.counts["week"])

    @property
    def trend(self) -> int | None:
        """Points by which it differs from the week before."""
        before = share(self.counts["before"] - self.counts["before_late"], self.counts["before"])
        return None if self.week is None or before is None else self.week - before


def leads(user: User) -> bool:
    """Whether «Моя ветвь» is a screen of this person's."""
    return has_role(user, *LEADERS)


def bodies_led(user: User, under: Body | None = None) -> BodyQuerySet:
    """The bodies of the branches that the person leads: by these grants only, whatever else he may see."""
    led = Body.objects.filter(scope_q(user, "", None, LEADERS))
    return led.under(under) if under else led


def norms() -> Norms:
    """What the region asks."""
    return _norms(settings.REGION)


@lru_cache(maxsize=4)
def _norms(region: str) -> Norms:
    path = regions.default_root() / region / "branch.json"
    data = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Norms(**{name: int(data[name]) for name in ("silent_days", "digest_hour") if name in data})


def branch(led: BodyQuerySet) -> Branch:
    """How these bodies stand."""
    figures, bounces, states = figures_by_body(led), bounces_by_body(led), _pages(led)
    tasks = tasks_by_body(led)
    debtors = set(unpaged(led).values_list("pk", flat=True))
    known = Q(gone_at=None, listed=True) | Q(pk__in=[*figures, *bounces, *states, *tasks])
    shown: QuerySet[Any, Any] = led.filter(known).values(
        "pk", "name", "short_name", "status", "path", "territory__name", "parent__name", "parent__short_name"
    )
    rows = [
        _row(
            body,
            figures.get(body["pk"]),
            bounces.get(body["pk"], 0),
            states.get(body["pk"], []),
            {"debt": int(body["pk"] in debtors), **tasks.get(body["pk"], NO_TASKS)},
        )
        for body in shown
    ]
    rows.sort(key=lambda row: (rank(row.counts), row.name))
    return _summed(rows)


def _summed(rows: list[Row]) -> Branch:
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.counts)
    pages = {state.page: (state, found) for row in rows for state, found in row.pages}  # a shared page is one page
    seen = [state.seen_at for state, _ in pages.values()]
    kinds = Counter(code for _, found in pages.values() for code in {fault.code for fault in found})
    return Branch(
        rows,
        counts,
        kinds,
        len(pages),
        sum(state.wall_at is not None for state, _ in pages.values()),
        seen.count(None),
        min((at for at in seen if at), default=None),
    )


def tasks_by_body(led: BodyQuerySet) -> dict[int, dict[str, int]]:
    """How many tasks wait, and of how many the day has passed, by body."""
    late = Count("pk", filter=Q(due_date__lt=timezone.localdate()))
    rows = Remedy.objects.open().filter(body__in=led).order_by().values_list("body").annotate(n=Count("pk"), late=late)
    return {body: {"tasks": tasks, "tasks_late": passed} for body, tasks, passed in rows}


def _pages(led: BodyQuerySet) -> dict[int, list[PageState]]:
    """The pages of each body that live, its own and the shared ones."""
    links = PageBody.objects.filter(body__in=led).exclude(page__state__in=["archived", "draft"])
    states = {state.page: state for state in page_states(Page.objects.filter(pk__in=links.values("page")))}
    found: dict[int, list[PageState]] = {}
    for body, page in links.order_by("page").values_list("body", "page"):
        if page in states:  # archived between the two statements
            found.setdefault(body, []).append(states[page])
    return found


def _row(body: dict[str, Any], figures: dict[str, int] | None, bounces: int, states: list[PageState], more: dict[str, int]) -> Row:
    now = timezone.now()
    silent_after = None if body["status"] in WITHOUT_NORM else norms().silent_days
    pages = [(state, faults(state, now, silent_after=silent_after)) for state in states]
    codes = [{fault.code for fault in found} for _, found in pages]
    counts = dict(figures or dict.fromkeys(FIGURES, 0))
    counts |= more | {"bounces": bounces, "broken": sum(bool(c & BROKEN) for c in codes), "silent": sum("silent" in c for c in codes)}
    row = Row(
        body["pk"], body["short_name"] or body["name"], body["territory__name"] or "", body["parent__short_name"] or body["parent__name"] or "",
        body["path"].count("/"), body["path"], figures, counts, pages,
    )  # fmt: skip
    row.heard_at = max((state.proof_at for state in states if state.proof_at), default=None)
    if figures is None and row.heard_at and not any("deaf" in c or "apart" in c for c in codes):
        row.figures = counts  # its pages are heard and nobody writes: that is a real nought
    row.reasons = reasons(counts, [fault.words for _, found in pages for fault in found if fault.code != "apart"], row.trend)
    return row


def cases_of(user: User, led: BodyQuerySet, figure: str) -> QuerySet[Case]:
    """The rows behind a figure of these bodies, the most urgent first."""
    rows = Case.objects.visible_to(user).filter(cases_behind(figure), body__in=led.values("pk"))
    return rows.select_related("topic", "body", "territory").order_by(
        "next_due_at" if figure in ("open", "overdue", "soon") else "-answered_at", "pk"
    )


def bounces_of(led: BodyQuerySet) -> QuerySet[Bounce]:
    """What these bodies returned within 30 days."""
    return bounces_of_bodies(led)


def by_tree(rows: list[Row]) -> list[Row]:
    """The same rows as the tree stands: each body before those below it, brothers by name; depth is counted from the top of the branch."""
    names = {row.pk: row.name for row in rows}

    def place(row: Row) -> list[tuple[str, int]]:
        return [(names.get(int(part), ""), int(part)) for part in row.path.strip("/").split("/") if part]

    top = min((row.depth for row in rows), default=0)
    ordered = sorted(rows, key=place)
    for row in ordered:
        row.depth -= top
    return ordered


@dataclass(frozen=True, slots=True)
class Owing:
    """An obliged body without a page in force: the step it is at and everything that keeps it there."""

    body: Body
    step: str
    wrong: list[str]


def owing(led: BodyQuerySet, step: str = "") -> QuerySet[Any]:
    """Obliged bodies without a ground and without a page in force, by step and name; of one step where it is named."""
    rows = with_steps(unpaged(led)).select_related("territory", "parent")
    return (rows.filter(step=step) if step else rows).order_by("step", "sort_name", "pk")


def explained(bodies: list[Any]) -> list[Owing]:
    """The bodies of one page of the list with all that is wrong: two statements for all of them."""
    links = PageBody.objects.filter(body__in=bodies).exclude(page__state="published").select_related("page").order_by("page")
    kept = set(Steward.objects.filter(live_on(), page__in=links.values("page")).values_list("page", flat=True))
    answering = set(Grant.objects.filter(live_on(), role=Role.EXECUTOR, body__in=bodies).values_list("body", flat=True))
    by_body: dict[int, list[Page]] = {}
    for link in links:
        by_body.setdefault(link.body_id, []).append(link.page)
    return [Owing(body, WAY[body.step], _wrong(body, by_body.get(body.pk, []), kept, body.pk in answering)) for body in bodies]


def _wrong(body: Body, pages: list[Page], kept: set[int], answered_for: bool) -> list[str]:
    found = []
    for page in pages:
        if page.state == "archived":
            found.append(f"«{page.name}» в архиве" + (f": {page.review_reason}" if page.review_reason else ""))
            continue
        if page.state == "under_review":
            found.append(f"«{page.name}» на проверке: {page.review_reason or 'причина не записана'}")
        if page.pk not in kept:
            found.append(f"у «{page.name}» нет администратора")
        if not (page.external_id or page.handle):
            found.append(f"у «{page.name}» нет адреса в сети")
    found += [] if pages else ["страница не заведена"]
    found += [] if answered_for else ["исполнитель не назначен"]
    return found + ([] if body.contact_phone or body.contact_email else ["нет телефона и почты"])
