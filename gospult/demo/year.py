"""The demo's year: what the pages have published and how they grew, so that scores, audience and reports have something to say.

Posts and snapshots go in by COPY, as a year of sweeps would have left them; months and scores are then counted by the actions
that the clock calls every night. All of it is drawn by lot from one seed: the story is the same every day.
"""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from gospult.exchange.models import Card, Wall
from gospult.lib.errors import Refused
from gospult.monitoring import actions as monitoring
from gospult.monitoring.models import PageMonth, Post, Snapshot
from gospult.office import actions as office
from gospult.registry.models import Body, Page
from gospult.scores import actions as scores
from gospult.scores.models import Score
from gospult.scores.queries import methods

from .published import publish
from .register import YOUNG, fate, in_trouble
from .wall import face

SEED = 74
MONTHS, SCORED = 14, 3  # the last whole month has its fellow of a year ago
WEEKS = 63  # fourteen months and the weeks that they begin in
DAILY = 60  # days that have a snapshot each; before them one a month
ZONE = ZoneInfo("Asia/Yekaterinburg")
FIRST_POST = 100_000  # numbers of posts that stand on no wall of the sandbox
# How a page is kept → share of such pages, posts a week at first and at last.
KEPT = {"steady": (0.57, 5, 6), "woken": (0.32, 1, 6), "sleepy": (0.07, 1, 1), "fading": (0.04, 6, 1)}
IN_TROUBLE = {"steady": (0.25, 5, 5), "woken": (0.10, 1, 3), "sleepy": (0.35, 1, 1), "fading": (0.30, 5, 0)}
POSTS = (
    "page_id", "external_id", "album", "published_at", "kind", "length", "is_repost", "is_placed", "is_pinned", "own", "views", "likes", "comments",
    "reposts", "seen_at", "read_at",
)  # fmt: skip
SNAPSHOTS = (
    "page_id", "date", "source", "at", "name", "handle", "members", "gone", "closed", "comments_open", "messages_open", "status", "widgets", "marks",
)  # fmt: skip


@dataclass(frozen=True)
class Life:
    """How one page went through the year; `members` are those of today."""

    page: Page
    dice: random.Random
    first: int
    last: int
    members: int
    growth: float
    jump: int  # days ago at which somebody bought subscribers, 0 for nobody
    age: int  # days since the page was opened

    def posts_of(self, week: int) -> int:
        """Posts of its own in a week, counted from the first."""
        share = week / (WEEKS - 1)
        usual = self.first + (self.last - self.first) * min(1.0, max(0.0, (share - 0.15) * 2))
        return max(0, round(usual + self.dice.choice((-1, 0, 0, 0, 0, 1))))

    def members_at(self, days_ago: int) -> int:
        """Subscribers so many days ago."""
        whole = self.members / (1 + self.growth * days_ago / 365)
        return round(whole * (0.62 if self.jump and days_ago > self.jump else 1.0))


def fill_year(*, say: Callable[[str], None]) -> None:
    """The year is written whole or not at all, once."""
    if Post.objects.filter(page__is_demo=True, published_at__lt=timezone.now() - timedelta(days=60)).exists():
        return
    pages = list(Page.objects.living().filter(is_demo=True).prefetch_related("bodies__parent").order_by("pk"))
    say(f"Год наблюдений: {len(pages)} страниц, записи и подписчики за четырнадцать месяцев…")
    lives = [_life(page, number) for number, page in enumerate(pages)]
    now = timezone.now()
    with transaction.atomic():
        _copy(Post, POSTS, (row for life in lives for row in _posts(life, now)))
        _copy(Snapshot, SNAPSHOTS, (row for life in lives for row in _snapshots(life, now)))
        _freshness(lives, now)
    with connection.cursor() as cursor:  # the database still takes them for empty, and looking for jumps took it minutes
        cursor.execute("ANALYZE monitoring_post, monitoring_snapshot")


def live_a_year(*, say: Callable[[str], None]) -> None:
    """The year, and what the nights would have counted of it: months, scores, findings."""
    fill_year(say=say)
    _count_year(say)
    publish(say=say)


def _count_year(say: Callable[[str], None]) -> None:
    today = timezone.localdate()
    months = sorted({day.replace(day=1) for day in (today, *_months_back(today, MONTHS - 1))})
    # The worker counts the last two months by itself; the first one and the scores tell that the year was counted to its end.
    if PageMonth.objects.filter(month=months[0]).exists() and Score.objects.filter(month=months[-SCORED]).exists():
        return
    monitoring.take_imports()
    monitoring.take_cards()
    office.count_months(months=months)
    monitoring.notice()
    for month in reversed(months[-SCORED:]):
        for method in methods().methods.values():
            with suppress(Refused):  # a method that is not in force then, or asks for figures that no page tells
                scores.count_scores(method=method.code, month=month, by=None)
    say(f"Год сосчитан: {len(months)} месяцев. «Пульт», «Баллы» и «Отчёты» в меню.")


def _life(page: Page, number: int) -> Life:
    dice = random.Random(f"{SEED}/{page.network}/{page.handle}")
    owner: Body | None = next(iter(page.bodies.all()), None)
    kept = IN_TROUBLE if owner and in_trouble(owner) else KEPT
    throw, chosen = dice.random(), "steady"
    for name, (share, _, _) in kept.items():
        chosen = name
        throw -= share
        if throw < 0:
            break
    _, first, last = kept[chosen]
    members = page.members or {"vk": 2400, "ok": 1300, "telegram": 700, "max": 500}.get(page.network, 400) + dice.randrange(900)
    lot = fate(owner.name) if owner else 1.0
    age = 60 + int(300 * lot / YOUNG) if lot < YOUNG else 500
    if page.network == "max":  # the network itself is young here
        age = min(age, 150 + number % 100)
    return Life(page, dice, first, last, members, 0.3 + dice.random() * 0.6, 9 if number % 71 == 5 else 0, age)


def _posts(life: Life, now: datetime) -> Iterator[tuple[Any, ...]]:
    monday = (now.astimezone(ZONE) - timedelta(days=now.astimezone(ZONE).weekday())).date()
    number, dice = FIRST_POST, life.dice
    for week in range(WEEKS):
        begins = monday - timedelta(weeks=WEEKS - 1 - week)
        for _ in range(life.posts_of(week)):
            at = datetime.combine(begins + timedelta(days=dice.randrange(7)), time(8 + dice.randrange(11), dice.randrange(60)), ZONE)
            number += 1
            if now - timedelta(days=life.age) < at < now - timedelta(hours=1):
                yield _post(life, number, at, now, dice)


def _post(life: Life, number: int, at: datetime, now: datetime, dice: random.Random) -> tuple[Any, ...]:
    views = int(life.members_at((now - at).days) * (0.15 + 0.5 * dice.random()))
    likes = int(views * (0.02 + 0.025 * dice.random()))
    repost = dice.random() < 0.08
    kind = dice.choice(("photo", "photo", "photo", "text", "video", "link"))
    counted = (views, likes, int(likes * 0.05), int(likes * 0.08)) if life.page.network != "max" else (views, None, None, None)
    return (life.page.pk, str(number), "", at, kind, 120 + dice.randrange(900), repost, False, False, False, *counted, at, now)


def _snapshots(life: Life, now: datetime) -> Iterator[tuple[Any, ...]]:
    today = now.date()
    marks = json.dumps({"avatar": True, "cover": life.dice.random() < 0.9, "description": True, "phone": life.dice.random() < 0.8})
    for day in sorted({*_months_back(today, 14), *(today - timedelta(days=ago) for ago in range(1, DAILY))}):
        at = datetime.combine(day, time(22), ZONE)
        if (today - day).days >= life.age:
            continue
        yield (
            life.page.pk, day, "card", at, life.page.name, life.page.handle, life.members_at((today - day).days), False, False, True, True, "",
            (2 if life.page.pk % 9 else 1) if life.page.network == "vk" else None, marks,
        )  # fmt: skip


def _months_back(today: date, count: int) -> Iterator[date]:
    """The last days of the months before, and their middles."""
    first = today.replace(day=1)
    for _ in range(count):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        yield from (last, first + timedelta(days=14))


def _freshness(lives: list[Life], now: datetime) -> None:
    """Each page was read last night, as the sweeps leave it."""
    read = {"read_at": now - timedelta(hours=3), "tried_at": now - timedelta(hours=3)}
    walls = [Wall(page=life.page, posts=50, last_post_at=now - timedelta(days=1), **read) for life in lives]
    Wall.objects.bulk_create(walls, ignore_conflicts=True)
    known = {"comments_open": True, **read}
    cards = [Card(page=p.page, name=p.page.name, handle=p.page.handle, members=p.members, raw=_raw(p), **known) for p in lives]
    Card.objects.bulk_create(cards, ignore_conflicts=True)


def _raw(life: Life) -> dict[str, Any]:
    """A card of VK as the network tells it; of the others nothing is kept."""
    if life.page.network != "vk":
        return {}
    told = face(life.page)
    cover = {"enabled": 1, "images": [{"url": "https://example.org/cover.jpg", "width": 1590}]} if life.page.pk % 10 else {}
    menu = {"items": [{"title": title, "url": url} for title, url in told.get("menu", ())]}
    named = {"name": life.page.name, "screen_name": life.page.handle, "members_count": life.members, "photo_200": "https://example.org/avatar.jpg"}
    return {**named, "description": told["description"], "cover": cover, "menu": menu, "wall": 1, "can_message": 1}


def _copy(model: Any, names: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    columns = ", ".join(names)
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
