"""What a person sees of several rooms at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.desk.models import Answer, Case
from gospult.desk.queries import book, named_days, needs_approval
from gospult.desk.queries.rights import APPROVERS, may
from gospult.informing.queries import can_post, room_in_words, why_not
from gospult.lib.calendar import Calendar
from gospult.monitoring.models import Post
from gospult.monitoring.queries import DAYS_OFF, Facts, Norm, Seen, monday, norm, rules, told, weeks_posts
from gospult.registry.models import Page, PageBody, pages_of_steward, roles_of

HOLIDAYS = "school-holidays"  # the set of days that «Сроки и календари» keeps
ANSWERERS = frozenset({Role.STEWARD, Role.EXECUTOR})


@dataclass(frozen=True)
class Mine:
    """The cases of «Моя страница»: still open ones, the most urgent first, and how many were answered within a week."""

    pages: list[Page]
    open: QuerySet[Case]


def has_own_page(person: Person) -> bool:
    """Whether «Моя страница» is a screen of this person's."""
    return bool(roles_of(person) & ANSWERERS)


def home_of(person: Person) -> str:
    """The name of the screen that the person begins his day with."""
    roles = roles_of(person)
    if roles and roles <= {Role.STEWARD}:
        return "office:my"
    if Role.OPERATOR in roles:
        return "desk:queue"
    if roles & {Role.HEAD, Role.ANALYST}:
        return "office:pulse"
    return "office:branch" if Role.CURATOR in roles else "desk:queue"


def my_page(person: Person) -> Mine:
    """What waits for the person, as far as he may see it."""
    waits = Exists(Answer.objects.filter(case=OuterRef("pk"), state=Answer.State.CHECKED))
    cases = Case.objects.in_scope_of(person).open().select_related("topic", "territory", "page", "body").annotate(handed_in=waits)
    pages = Page.objects.filter(pk__in=pages_of_steward(person)).order_by("sort_name", "pk")
    return Mine(list(pages), cases.order_by("-danger", F("next_due_at").asc(nulls_last=True), "id"))


def publishes_alone(person: Person, case: Case, answer: Answer | None) -> bool:
    """Whether the person's answer leaves without another pair of eyes: he may approve, or the region asks nobody for such a case."""
    return may(person, case, APPROVERS) or not needs_approval(answer or Answer(case=case))


@dataclass(frozen=True)
class PageWeek:
    """This week's posts of a page against its norm. `state` is late, soon, fine or wait; `text` says the same."""

    page: Page
    norm: Norm
    seen: Seen
    text: str
    state: str
    verdict: str


def my_weeks(person: Person) -> list[PageWeek]:
    """The norm of this week for each page that the person keeps."""
    pages = Page.objects.living().filter(pk__in=pages_of_steward(person)).order_by("sort_name", "network", "pk")
    return weeks_of(list(pages[:50]))


def weeks_of(pages: list[Page], now: datetime | None = None) -> list[PageWeek]:
    """The week of each page by the calendar and the zone of its body."""
    now, facts, owners = now or timezone.now(), {page.pk: (set[str](), set[str]()) for page in pages}, dict[int, int]()
    links = PageBody.objects.filter(page__in=pages).order_by("shared", "pk")
    for page, body, status, sphere in links.values_list("page", "body", "body__status", "body__spheres__code"):
        owners.setdefault(page, body)
        facts[page][0].add(status)
        facts[page][1].update([sphere] if sphere else [])
    deadlines = book()
    calendars = {page.pk: deadlines.basis(timezone.localdate(), None, None, owners.get(page.pk)).calendar for page in pages}
    begins = {pk: _week_begins(now, calendar) for pk, calendar in calendars.items()}
    ends = {pk: at + timedelta(days=7) for pk, at in begins.items()}
    seen = weeks_posts(pages, begins, ends)
    holidays = named_days(HOLIDAYS)
    return [_week(page, Facts(*facts[page.pk]), calendars[page.pk], begins[page.pk], seen[page.pk], holidays, now) for page in pages]


def _week_begins(now: datetime, calendar: Calendar) -> datetime:
    return datetime.combine(monday(now.astimezone(calendar.tz).date()), time(), calendar.tz)


def _week(page: Page, facts: Facts, calendar: Calendar, begins: datetime, seen: Seen, holidays: frozenset[date], now: datetime) -> PageWeek:
    week = begins.date()
    working = [day for number in range(7) if calendar.week.get((day := week + timedelta(days=number)).weekday())]
    off = frozenset(day for day in working if not calendar.hours(day))
    owed = norm(facts, week, {HOLIDAYS: holidays, DAYS_OFF: off}, rules(week))
    since = replace(seen, since=seen.since and seen.since.astimezone(calendar.tz))
    state, verdict = _verdict(owed, seen, begins, now)
    return PageWeek(page, owed, since, told(owed, since, begins), state, verdict)


def _verdict(owed: Norm, seen: Seen, begins: datetime, now: datetime) -> tuple[str, str]:
    """How it stands, as a state and a word, "" where the text says it all: what has not been seen whole is never called a debt."""
    if not owed.posts:
        return "wait", ""
    if seen.count >= owed.posts:
        return "fine", "выполнена"
    if seen.since is None or seen.since > begins:
        return "wait", ""
    left = owed.posts - seen.count
    return ("soon" if now >= begins + timedelta(days=4) else "wait"), f"ещё {left}"


def week_posts(page: Page) -> tuple[PageWeek, QuerySet[Post]]:
    """A page's week and the posts that it counts, the latest first."""
    row = weeks_of([page])[0]
    calendar = book().basis(timezone.localdate(), None, None, _owner(page)).calendar
    begins = _week_begins(timezone.now(), calendar)
    found = Post.objects.filter(page=page, published_at__gte=begins, published_at__lt=begins + timedelta(days=7), gone_at=None)
    return row, found.order_by("-published_at", "-pk")


def _owner(page: Page) -> int | None:
    return PageBody.objects.filter(page=page).order_by("shared", "pk").values_list("body", flat=True).first()


def choice_rows(pages: list[Page], chosen: Sequence[int]) -> list[dict[str, Any]]:
    """Pages to tick in «Написать пост»: how much a post holds there, or why nothing can be published."""
    rows = []
    for page in pages:
        ready = can_post(page)
        told = room_in_words(page.network) if ready else why_not(page)
        rows.append({"page": page, "ready": ready, "about": told, "chosen": page.pk in chosen})
    return rows
