"""What each network allows a token, as data. A settings line of GOSPULT_LIMITS changes a figure: `vk.service=5, vk.wall.get/day=10000`.

Sources: VK's and Telegram's and MAX's own documentation of their APIs; the limits of OK are published nowhere, so they are learned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

# A call may be late on its way and the next one early: so much slower than allowed we go.
SLACK = 1.1
# How much of a day's calls each task may take: an answer may always take the last one, reading for gaps must leave the walls their part.
SHARES = {"reply": 1.0, "sweep": 0.9, "poll": 0.3}


@dataclass(frozen=True)
class Rate:
    """So many `calls` in any `seconds`, of which `burst` may come at once.

    step  calls a second that each served call adds until `calls` are reached, where nobody says what is allowed; `start` to begin with
    """

    calls: float
    seconds: float = 1.0
    burst: int = 1
    start: float = 0.0
    step: float = 0.0

    @property
    def top(self) -> float:
        """Calls a second that no window of `seconds` can find to be too many."""
        return (self.calls - self.burst + 1) / self.seconds / SLACK

    @property
    def first(self) -> float:
        """Calls a second to begin with."""
        return self.start or self.top


LEARNED = Rate(10, start=3.0, step=0.05)


@dataclass(frozen=True)
class Limits:
    """Of one network.

    tokens  token kind → its rate; None is no limit, a kind that is not named is learned
    peer    writing to one chat; `group` in a chat of many
    daily   method → calls a day of one token, in the day of `zone`
    portion pages of one step of a sweep over cards: what is redone when a process is killed
    """

    tokens: Mapping[str, Rate | None] = field(default_factory=dict)
    peer: Rate | None = None
    group: Rate | None = None
    daily: Mapping[str, int] = field(default_factory=dict)
    zone: str = "Europe/Moscow"
    portion: int = 100

    def rate(self, kind: str) -> Rate | None:
        """The rate of a token of this kind."""
        return self.tokens.get(kind, LEARNED)

    def day(self) -> date:
        """Today, as the network counts."""
        return timezone.now().astimezone(ZoneInfo(self.zone)).date()

    def until_midnight(self) -> float:
        """Seconds until the network's next day."""
        zone = ZoneInfo(self.zone)
        return (datetime.combine(self.day() + timedelta(days=1), time(), zone) - timezone.now()).total_seconds()


NETWORKS = {
    # groups.getById takes 500 ids, `execute` 25 calls
    "vk": Limits({"community": Rate(20), "user": Rate(3), "service": Rate(3)}, daily={"wall.get": 5000}, portion=12_500),
    "telegram": Limits({"bot": Rate(30)}, peer=Rate(1), group=Rate(20, seconds=60, burst=5)),
    "max": Limits({"bot": Rate(30)}, peer=Rate(2)),
    "ok": Limits(),
}
OFF = "*"  # `*=0`: nothing is limited by us, for a sandbox that limits nothing either


def limits(network: str) -> Limits | None:
    """The limits of a network with this installation's changes; None when we keep none."""
    found = NETWORKS.get(network, Limits())
    for words, figure in settings.LIMITS.items():
        code, _, what = words.partition(".")
        if code == OFF and float(figure) == 0:
            return None
        if code == network:
            found = _changed(found, what, float(figure))
    return found


def _changed(found: Limits, what: str, figure: float) -> Limits:
    if what.endswith("/day"):
        return replace(found, daily={**found.daily, what.removesuffix("/day"): int(figure)})
    rate = Rate(figure) if figure else None
    if what == "peer":
        return replace(found, peer=rate)
    if what == "group":
        return replace(found, group=rate and Rate(figure, seconds=60, burst=max(1, int(figure // 4))))
    if what in {"community", "user", "service", "bot"}:
        return replace(found, tokens={**found.tokens, what: rate})
    raise ImproperlyConfigured(f"GOSPULT_LIMITS: «{what}» не годится, есть вид ключа, peer, group или метод/day.")


def left(found: Limits, method: str, *, task: str, own: int, total: int) -> int:
    """Calls of a method that a task may still make today with a token that has made `total`, of them `own` for this task."""
    limit = found.daily[method]
    return max(0, min(int(limit * SHARES[task]) - own, limit - total))
