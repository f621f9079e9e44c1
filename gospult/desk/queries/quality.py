"""Quality of answers: what may be drawn, who looks at what, and what it says of a body."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.registry import queries as registry
from gospult.registry.models import Body
from gospult.registry.models.access import User

from .. import quality
from ..models import BY_LOT, SCORED, WITHOUT_CLOCK, Answer, Case, CaseEvent, Draw, Inspection, Mark
from .rights import may

INSPECTORS = (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.ADMIN)
DECIDERS = (*INSPECTORS, Role.HEAD)
BODYS_SIDE = (Role.EXECUTOR, Role.STEWARD)
State = Inspection.State
LOOK_BACK = timedelta(days=90)  # of the figures of bodies
LISTS = {
    "waiting": ("Ждут проверки", Q(state=State.WAITING)),
    "objected": ("Орган возражает", Q(state=State.OBJECTED)),
    "done": ("Проверено", Q(state__in=SCORED)),
}


def last_week(today: date) -> tuple[date, date]:
    """Monday and Sunday of the week before this one."""
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def drawable(since: date, until: date, bodies: QuerySet[Body] | None = None) -> list[quality.Item]:
    """Answers that residents saw in these days, of a body, to problems and questions, and that no earlier draw took; by number."""
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (since, until + timedelta(days=1)))
    rows = Answer.objects.filter(state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE], published_at__gte=start, published_at__lt=end)
    rows = rows.filter(case__body__isnull=False, inspection=None).exclude(text="").exclude(case__kind__in=WITHOUT_CLOCK)
    if bodies is not None:
        rows = rows.filter(case__body__in=bodies)
    again = CaseEvent.objects.filter(case=OuterRef("case"), kind="reopened", at__gte=OuterRef("published_at"))
    disliked = Mark.objects.filter(Q(value__lte=2) | Q(solved=False), answer=OuterRef("pk"))
    told = rows.annotate(disliked=Exists(disliked), again=Exists(again)).order_by("pk").values_list("pk", "case__body", "disliked", "again")
    return [quality.Item(pk, body, quality.MARK if bad else quality.REOPENED if again else "") for pk, body, bad, again in told]


def repeats(draw: Draw) -> bool:
    """Whether the draw's seed gives the very rows that it gave."""
    items = [quality.Item(answer, body, forced) for answer, body, forced in draw.frame]
    again = {item.answer: why for item, why in quality.lot(items, seed=draw.seed, least=draw.least, share=draw.share)}
    return again == dict(draw.inspections.values_list("answer", "why"))


def in_list(user: Person, code: str, body: int | None = None) -> QuerySet[Inspection]:
    """A list of the screen: what waits is offered without the person's own answers; the body's side sees only what is reviewed."""
    rows = Inspection.objects.visible_to(user).filter(LISTS[code][1]).select_related("case__topic", "answer", "body", "by")
    if body:
        rows = rows.filter(body=body)
    return rows.not_by(user).order_by("pk") if code == "waiting" else rows.order_by("object_by" if code == "objected" else "-at", "pk")


def hands_of(answer: Answer) -> set[int]:
    """Who wrote, checked or approved the answer."""
    known = {answer.author_id, answer.checked_by_id, answer.approved_by_id, *answer.approvals.values_list("by", flat=True)}
    return {pk for pk in known if pk}


def may_see(user: User, case: Case) -> bool:
    """Whether the reviews of a case are the person's business: those who review, the head, the body's own people."""
    return may(user, case, (*DECIDERS, *BODYS_SIDE))


def abilities(user: Person, row: Inspection) -> dict[str, bool]:
    """What the screen of a review offers; every action asks again for itself."""
    own = user.pk in hands_of(row.answer)
    return {
        "inspect": row.state == State.WAITING and not own and may(user, row.case, INSPECTORS),
        "object": row.state == State.DONE and in_time(row) and may(user, row.case, BODYS_SIDE),
        "decide": row.state == State.OBJECTED
        and not own
        and user.pk not in (row.by_id, row.objected_by_id)
        and may(user, row.case, DECIDERS),
    }  # fmt: skip


def in_time(row: Inspection) -> bool:
    """Whether the body may still object."""
    return row.object_by is not None and timezone.now() <= row.object_by


def checklist_of(row: Inspection) -> quality.Checklist | None:
    """The version by which the answer is judged: that of its draw."""
    return quality.checklist_by(row.draw.checklist) or quality.checklist_on(timezone.localdate(row.draw.at))


def reviews_of(user: User, case: Case) -> list[Inspection]:
    """The finished reviews of a case for its screen, for those whose business they are."""
    if not may_see(user, case):
        return []
    return list(case.inspections.filter(state__in=SCORED).select_related("by").order_by("-at"))


def least_reviewed() -> int:
    """With fewer reviewed answers a body has no score."""
    checklist = quality.checklist_on(timezone.localdate())
    return checklist.least if checklist else 0


def by_body(user: User) -> list[dict[str, Any]]:
    """Bodies over LOOK_BACK days, the lowest score first, those with too few reviews last.

    Keys: body, name, n (reviewed by lot), forced, score (None: too few), least, failed [{title, n, of, share}]
    """
    least = least_reviewed()
    rows = Inspection.objects.visible_to(user).filter(state__in=SCORED, at__gte=timezone.now() - LOOK_BACK)
    grouped: dict[int, list[tuple[str, int, list[Any]]]] = {}
    for body, why, score, marks in rows.order_by("pk").values_list("body", "why", "score", "marks"):
        grouped.setdefault(body, []).append((why, score or 0, marks))
    names = {pk: short or name for pk, short, name in Body.objects.filter(pk__in=list(grouped)).values_list("pk", "short_name", "name")}
    found = [_figures(body, names[body], told, least) for body, told in grouped.items()]
    return sorted(found, key=lambda row: (row["score"] is None, row["score"] or 0, row["name"]))


def _figures(body: int, name: str, told: Iterable[tuple[str, int, list[Any]]], least: int) -> dict[str, Any]:
    rows = list(told)
    by_lot = [(score, marks) for why, score, marks in rows if why in BY_LOT]
    n = len(by_lot)
    enough = n >= max(1, least)
    return {
        "body": body, "name": name, "n": n, "forced": len(rows) - n, "least": least,
        "score": sum(score for score, _ in by_lot) / n if enough else None,
        "failed": _failed(marks for _, marks in by_lot) if enough else [],
    }  # fmt: skip


def _failed(marks: Iterable[list[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """How often each criterion failed, of the answers that it applied to; the most often first."""
    counts: dict[str, dict[str, Any]] = {}
    for line in (line for lines in marks for line in lines if line["verdict"] != quality.NOT_APPLICABLE):
        row = counts.setdefault(line["code"], {"title": line["title"], "n": 0, "of": 0})
        row["of"] += 1
        row["n"] += line["verdict"] == quality.FAILED
    return sorted((row | {"share": row["n"] / row["of"]} for row in counts.values() if row["n"]), key=lambda row: (-row["share"], row["title"]))


def counts_of(user: Person) -> dict[str, int]:
    """How many reviews each list holds."""
    return {code: in_list(user, code).order_by().count() for code in LISTS}


def may_draw(user: User) -> bool:
    """Whether the person draws samples of the bodies that he sees."""
    return registry.has_role(user, *INSPECTORS)
