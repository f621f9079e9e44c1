"""Everything that is wrong with a page at once: no fault hides another, and what nobody has read is no fault but unknown."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from gospult.lib.words import day_in_words, plural
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page
from gospult.registry.models.pages import NETWORK_NAMES

from ..models import Token

DEAD = ("auth", "access", "gone", "closed")  # a network that does not answer today says nothing against a key
FIELDS = {
    "pk": "page", "name": "name", "network": "network", "connection__created_at": "connected_at", "connection__problem": "problem",
    "dead_key": "dead_key", "proof_at": "proof_at", "card__gone": "gone", "card__closed": "closed", "card__comments_open": "comments_open",
    "card__read_at": "card_at", "wall__last_post_at": "last_post_at", "wall__read_at": "wall_at", "has_mark": "has_mark",
}  # fmt: skip
# The kinds of faults, the worst first, as a list of pages is called.
FAULTS = {
    "gone": "не открываются в сети", "closed": "закрыты в сети", "key": "ключ не работает", "problem": "с ошибкой подключения",
    "deaf": "не слышны", "comments": "комментарии закрыты", "silent": "без новых записей", "apart": "не подключены",
}  # fmt: skip
BROKEN = frozenset(FAULTS) - {"silent", "apart"}


@dataclass(frozen=True, slots=True)
class PageState:
    """What is known of a page; None is «nobody has read it», never «no». `seen_at` is how fresh the freshest of it is."""

    page: int
    name: str
    network: str
    connected_at: datetime | None = None
    problem: str | None = None
    dead_key: str | None = None
    proof_at: datetime | None = None
    gone: bool | None = None
    closed: bool | None = None
    comments_open: bool | None = None
    card_at: datetime | None = None
    last_post_at: datetime | None = None
    wall_at: datetime | None = None
    has_mark: bool | None = None

    @property
    def network_name(self) -> str:
        """The network as people call it."""
        return NETWORK_NAMES.get(self.network, self.network)

    @property
    def seen_at(self) -> datetime | None:
        """When anything was last heard or read of the page."""
        return max((at for at in (self.proof_at, self.card_at, self.wall_at) if at), default=None)

    @property
    def silent_days(self) -> int | None:
        """Days from the latest post to the reading of the wall; None where the wall was never read or holds no posts."""
        return (self.wall_at - self.last_post_at).days if self.wall_at and self.last_post_at else None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a page, a key of FAULTS and its words."""

    code: str
    words: str


def page_states(pages: QuerySet[Page]) -> list[PageState]:
    """What is known of each of the pages, in one statement."""
    dead = Token.objects.filter(page=OuterRef("pk"), problem__in=DEAD).order_by("pk").values("problem")[:1]
    known = pages.annotate(dead_key=Subquery(dead), proof_at=Greatest("connection__last_proof_at", "connection__heard_at"))
    return [PageState(**dict(zip(FIELDS.values(), row, strict=True))) for row in known.values_list(*FIELDS)]


def faults(state: PageState, now: datetime, *, silent_after: int | None) -> list[Fault]:
    """All that is wrong with the page, the worst first; `silent_after` days without a post are silence, None: the page owes no posts."""
    found = [
        ("gone", state.gone and "в сети не открывается"),
        ("closed", state.closed and "закрыта в сети"),
        ("key", state.dead_key and "ключ не работает"),
        ("problem", state.problem),
        ("deaf", _deaf(state, now)),
        ("comments", state.comments_open is False and "комментарии закрыты"),
        ("silent", _silent(state, silent_after)),
        ("apart", state.connected_at is None and state.network in NETWORKS and "не подключена"),
    ]
    return [Fault(code, words) for code, words in found if words]


def _deaf(state: PageState, now: datetime) -> str:
    since = state.proof_at or state.connected_at
    if state.connected_at is None or since is None or now - since <= timedelta(seconds=settings.SILENT_AFTER):
        return ""
    return f"нет признаков жизни с {day_in_words(timezone.localdate(since), timezone.localdate(now).year)}"


def _silent(state: PageState, silent_after: int | None) -> str:
    if silent_after is None or state.wall_at is None:
        return ""
    if state.last_post_at is None:
        return "на стене нет записей"
    days = state.silent_days or 0
    return f"нет новых записей {plural(days, ('день', 'дня', 'дней'))}" if days >= silent_after else ""
