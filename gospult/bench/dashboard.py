"""How long «Пульт» and a month's report take: 7,000 pages of 43 municipalities × 13 months, 365 days of snapshots, 100,000 cases."""

import gc
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.models import Case
from gospult.monitoring.models import PageMonth, Snapshot
from gospult.registry.models import Body, Page, Territory
from gospult.registry.testing import make_person
from gospult.reports.actions import export_report
from gospult.reports.queries import Asked, last_whole_month, months_back, period, report
from gospult.reports.testing import month_of

from .crowd import fill
from .figures import database_mb, machine, peak_mb, say, spread, timed

MONTHS, DAYS = 13, 365
ROUNDS = 30
TARGET_MS = 200.0
SEED = 20261128


def run() -> dict[str, Any]:
    """p50, p95, p99 in milliseconds of «Пульт» for a head of the region and for a curator of a branch; seconds of a report in each format."""
    seconds, _ = timed(fill_region)
    gc.collect()
    gc.freeze()  # as in `desk`: what the filling has left is none of a site's
    head = make_person(username="head", role=Role.HEAD)
    curator = make_person(username="curator", role=Role.CURATOR, body=Body.objects.filter(parent=None, children__isnull=False).first())
    screens = {name: spread(_opened(person)) for name, person in {"head": head, "curator": curator}.items()}
    for name, found in screens.items():
        say(f"Пульт: {name}, p95 {found['p95_ms']} мс")
    asked = Asked(period("month", timezone.localdate(), last_whole_month(timezone.localdate())))
    files = {form: round(timed(_file(asked, form))[0], 2) for form in ("json", "xlsx", "pdf", "registry", "parts")}
    p95 = max(float(one["p95_ms"]) for one in screens.values())
    return {
        "machine": machine(), "size": sizes(), "p95_ms": p95, "target_ms": TARGET_MS, "enough": p95 <= TARGET_MS, "screens": screens,
        "query_s": round(timed(lambda: report(asked))[0], 2), "files_s": files, "fill_s": round(seconds, 1), "peak_mb": peak_mb(),
        "database_mb": database_mb(),
    }  # fmt: skip


def sizes() -> dict[str, int]:
    """Rows of what is looked at."""
    return {"pages": Page.objects.count(), "months": PageMonth.objects.count(), "snapshots": Snapshot.objects.count(), "cases": Case.objects.count()}


def _opened(person: Any) -> Iterator[float]:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    _visit(client)  # warms the caches of the process
    for _ in range(ROUNDS):
        yield timed(lambda: _visit(client))[0]


def _visit(client: Client) -> None:
    answer = client.get(reverse("office:pulse"))
    if answer.status_code != 200:
        raise RuntimeError(f"«Пульт»: {answer.status_code}")


def _file(asked: Asked, form: str) -> Callable[[], bytes]:
    return lambda: export_report(asked=asked, form=form, by=None)


def fill_region(*, cases: int = 100_000, days: int = DAYS, months: int = MONTHS) -> None:
    """The desk's crowd; its bodies are spread over the municipalities, its pages get months and snapshots."""
    fill(cases, said=False)
    places = list(Territory.objects.filter(level="municipality").order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_body SET territory_id = (%s::int[])[id %% %s + 1] WHERE territory_id IS NULL", [places, len(places)])
    _months(months)
    say("Пульт: месяцы готовы, пишу снимки")
    _snapshots(days)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _months(count: int) -> None:
    dice, today = random.Random(SEED), timezone.localdate()
    months = [*months_back(last_whole_month(today), count), today.replace(day=1)]
    pages = list(Page.objects.order_by("pk"))
    diligence = {page.pk: dice.random() for page in pages}
    for number, month in enumerate(months):
        rows = [_month(dice, page, month, diligence[page.pk] + 0.035 * number) for page in pages]
        PageMonth.objects.bulk_create(rows, batch_size=2000)


def _month(dice: random.Random, page: Page, month: date, diligence: float) -> PageMonth:
    each_week = 0 if diligence < 0.2 else dice.choice((1, 2, 3)) if diligence < 0.5 else dice.choice((3, 4, 6))
    views = 4 * each_week * dice.randrange(50, 900)
    made = month_of(
        page, month, each_week=each_week, views=views, likes=int(views * 0.02), comments=int(views * 0.002), shares=int(views * 0.003),
        members=int((page.members or 300) * (0.8 + 0.4 * min(1.0, diligence))), parts=[[each_week, 3, 1, 1, views // 5]] * 5,
    )  # fmt: skip
    if month == timezone.localdate().replace(day=1):
        made.as_of = timezone.now()
    return made


def _snapshots(days: int) -> None:
    """Cards by day, inside the database: the screens read none of them, they are the ballast of a real year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_snapshot (page_id, date, source, at, name, handle, members, status, marks) "
            "SELECT p.id, current_date - d, 'card', now() - d * interval '1 day', p.name, p.handle, p.members, '', '{}'::jsonb "
            "FROM registry_page p CROSS JOIN generate_series(1, %s) d",
            [days],
        )
