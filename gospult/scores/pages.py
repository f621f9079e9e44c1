"""What a page's month says to a method: pure thinking on figures that are at hand; what nobody knows stays None all the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .counting import Facts, Spells
from .method import Method, PageRules

SHOWN = ("mark", "connected", "avatar", "description", "cover", "widgets")
REACTIONS = ("views", "likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class Week:
    """posts: its own in the whole week, None where nobody saw it; days: inside the month; norm: None where none is known."""

    monday: date
    posts: int | None
    days: int
    norm: int | None = None
    over: bool = True


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A page in a month; None is «not known»."""

    page: int
    network: str = ""
    status: str = ""
    weeks: tuple[Week, ...] = ()
    mark: bool | None = None
    connected: bool | None = None
    design: int | None = None
    avatar: bool | None = None
    description: bool | None = None
    cover: bool | None = None
    widgets: int | None = None
    members: int | None = None
    reach: int | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    reposts: int | None = None


def asked_of(week: Week, rules: PageRules) -> int:
    """How many posts the week must have."""
    return min(rules.posts, week.norm) if rules.by_norm and week.norm is not None else rules.posts


def weeks_of(page: PageFacts, rules: PageRules) -> list[Week]:
    """The weeks of the month that a page must keep: those that belong to it, without the one that goes on and may still be filled."""
    return [week for week in page.weeks if week.days >= rules.least_days and (week.over or (week.posts or 0) >= asked_of(week, rules))]


def missed(page: PageFacts, rules: PageRules) -> list[tuple[Week, int]]:
    """Weeks with too few posts, each with how many are lacking."""
    return [(w, asked_of(w, rules) - w.posts) for w in weeks_of(page, rules) if w.posts is not None and w.posts < asked_of(w, rules)]


def regular(page: PageFacts, rules: PageRules) -> bool | None:
    """Whether each week has its posts; None while a week is not known and none has been missed, or no week is over yet."""
    if missed(page, rules):
        return False
    weeks = weeks_of(page, rules)
    return True if weeks and all(week.posts is not None for week in weeks) else None


def dressed(page: PageFacts, rules: PageRules) -> tuple[int, int] | None:
    """How many of mark, connection and design the page has; None while one of them is not known."""
    if page.mark is None or page.connected is None or page.design is None:
        return None
    return page.mark + page.connected + (page.design >= rules.designed_from), 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """The figures of many pages; `coverage` says of each figure from how many pages it comes, `pages` how many there are."""

    facts: Facts
    coverage: Mapping[str, int]
    pages: int


def gathered(pages: Sequence[PageFacts], rules: PageRules) -> Gathered:
    """The figures of a municipality or body. A figure known of too few pages is not known."""
    number = len(pages)
    cards = [page for page in pages if page.status in rules.cards]
    known = [kept for page in pages if page.status not in rules.cards and (kept := regular(page, rules)) is not None]
    seen = [page for page in pages if None not in (page.views, page.likes, page.comments, page.reposts)]
    whole = [done for page in pages if (done := dressed(page, rules)) is not None]
    least = rules.least_coverage * number
    figures: dict[str, Decimal | None] = dict.fromkeys((*REACTIONS, "pages", "cards", "regular_pages", "factor"))
    if number and len(known) + len(cards) >= least:
        figures |= {"pages": Decimal(len(known) + len(cards)), "cards": Decimal(len(cards)), "regular_pages": Decimal(sum(known))}
    if seen and len(seen) >= least:
        figures |= {name: Decimal(sum(getattr(page, name) for page in seen)) for name in REACTIONS}
    if whole and len(whole) >= least:
        figures["factor"] = Decimal(sum(done for done, _ in whole)) / len(whole) / 3
    coverage = {"regular_pages": len(known) + len(cards), "views": len(seen), "factor": len(whole)}
    return Gathered(Facts(figures), coverage, number)


def spells(page: PageFacts, method: Method) -> Spells:
    """The days of the month with what holds on them: each week's days carry the posts of that week; never none."""
    fixed = _fixed(page)
    if method.mean_step is None:
        return [(1, Facts(fixed, page.network, page.status))]
    days: dict[Decimal | None, int] = {}
    for week in page.weeks:
        posts = _posts(week, method.pages)
        days[posts] = days.get(posts, 0) + week.days  # weeks that are alike are counted once
    days = {posts: count for posts, count in days.items() if count} or {None: 1}  # a page without a month: nobody knows any of its days
    return [(count, Facts(fixed | {"week_posts": posts}, page.network, page.status)) for posts, count in days.items()]


def _posts(week: Week, rules: PageRules) -> Decimal | None:
    """Posts of a week that is over, or that has reached its norm before; the rest of a running week is not known yet."""
    known = week.posts is not None and (week.over or week.posts >= asked_of(week, rules))
    return Decimal(week.posts or 0) if known else None


def _fixed(page: PageFacts) -> dict[str, Decimal | None]:
    found: dict[str, Decimal | None] = {name: _number(getattr(page, name)) for name in SHOWN}
    found["reach_share"] = Decimal(page.reach) * 100 / page.members if page.reach is not None and page.members else None
    return found


def _number(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(int(value))
