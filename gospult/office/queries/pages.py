"""The card of a page and the list of findings, put together for their screens."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from gospult.accounts.models import Role
from gospult.lib.words import plural
from gospult.monitoring.models import PageMonth, Post
from gospult.registry.models import Page
from gospult.registry.models.access import User
from gospult.registry.queries import can
from gospult.reports.queries import READERS

CONFIRMERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)
POSTS = ("запись", "записи", "записей")
HEIGHT, STEP, WIDTH = 80, 24, 18  # of the bars, in their own units
NAMES = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")


@dataclass(frozen=True, slots=True)
class Bar:
    """A month of the chart: `value` is None where nothing was seen."""

    x: int
    y: int
    height: int
    value: int | None
    name: str
    middle: int


def bars(months: Sequence[PageMonth]) -> list[Bar]:
    """Posts by month from the oldest on, drawn from zero."""
    rows = list(reversed(months))
    most = max((row.posts or 0 for row in rows), default=0) or 1
    heights = [round(HEIGHT * (row.posts or 0) / most) for row in rows]
    return [
        Bar(STEP * number, HEIGHT - height + 12, height, row.posts, NAMES[row.month.month - 1], STEP * number + WIDTH // 2)
        for number, (row, height) in enumerate(zip(rows, heights, strict=True))
    ]


def finding_of_months(months: Sequence[PageMonth]) -> str:
    """What the whole months say in one sentence: the chart's title."""
    running = timezone.localdate().replace(day=1)
    seen = [row for row in months if row.posts is not None and row.month < running]
    if len(seen) < 2:
        return "Записи по месяцам: сравнивать пока не с чем"
    last, usual = seen[0].posts or 0, int(median(row.posts or 0 for row in seen[1:]))
    word = "больше обычного" if last > usual else "меньше обычного" if last < usual else "как обычно"
    return f"{date_format(seen[0].month, 'F').capitalize()}: {plural(last, POSTS)}, {word} (обычно {usual} в месяц)"


def standing_posts(user: User, page: Page) -> QuerySet[Post]:
    """The posts of a page that stand in the network, the latest first."""
    return Post.objects.visible_to(user).filter(page=page, gone_at=None).order_by("-published_at", "-pk")


def may_confirm(user: User, page: Page) -> bool:
    """Whether the person's word about the mark and the connection is taken."""
    return can(user, *CONFIRMERS, page=page)


def sees_findings(user: User, roles: Any) -> bool:
    """Whether the list of findings is a screen of the person's."""
    return bool(set(roles) & set(READERS)) or user.is_superuser
