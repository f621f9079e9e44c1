"""How long a month of 7,000 pages is counted by each method: read, scored, kept."""

from functools import partial
from statistics import median
from typing import Any

from django.utils import timezone

from gospult.monitoring.models import PageMonth
from gospult.registry.models import Body, Page, PageBody
from gospult.registry.testing import make_territory
from gospult.scores.actions import count_scores
from gospult.scores.models import Score
from gospult.scores.testing import ALL_WELL, weeks_of

from .figures import machine, peak_mb, say, timed

PAGES, PLACES, ROUNDS = 7_000, 43, 3
TARGET_S = 5.0
METHODS = ("traffic-light", "chelyabinsk-61-2026")


def run(pages: int = PAGES) -> dict[str, Any]:
    """Median seconds of each method, the first count (rows made) and the recounts (rows renewed) together."""
    _fill(pages)
    month, found = timezone.localdate().replace(day=1), {}
    for method in METHODS:
        seconds = [timed(partial(count_scores, method=method, month=month, by=None))[0] for _ in range(ROUNDS)]
        found[method] = {"median_s": round(median(seconds), 2), "slowest_s": round(max(seconds), 2)}
        say(f"Баллы: {method}, {pages} страниц, медиана {found[method]['median_s']} с")
    worst = max(one["median_s"] for one in found.values())
    return {
        "machine": machine(), "size": {"pages": pages, "municipalities": PLACES, "scores": Score.objects.count(), "rounds": ROUNDS},
        "methods": found, "median_s": worst, "target_s": TARGET_S, "enough": worst <= TARGET_S, "peak_mb": peak_mb(),
    }  # fmt: skip


def _fill(pages: int) -> None:
    places = [make_territory() for _ in range(PLACES)]
    bodies = Body.objects.bulk_create([Body(name=f"Школа {n}", status="active", territory=places[n % PLACES]) for n in range(pages)], batch_size=1000)
    made = Page.objects.bulk_create([Page(network="vk", external_id=str(n + 1), name=f"Страница {n}") for n in range(pages)], batch_size=1000)
    PageBody.objects.bulk_create([PageBody(page=page, body=body) for page, body in zip(made, bodies, strict=True)], batch_size=1000)
    month, now = timezone.localdate().replace(day=1), timezone.now()
    weeks = [weeks_of(month, (3, n % 5, 3, n % 3 + 1)) for n in range(15)]
    seen = {"seen_since": now.replace(year=now.year - 2), "as_of": now, "counted_at": now, "month": month}
    rows = [PageMonth(page=page, **seen, **{**ALL_WELL, "weeks": weeks[n % 15], "likes": n}) for n, page in enumerate(made)]
    PageMonth.objects.bulk_create(rows, batch_size=1000)
