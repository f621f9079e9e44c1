"""What is noticed on pages today: each kind is one statement over the whole registry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from gospult.exchange.models import Card
from gospult.registry.models import Page

from ..models import Finding
from ..noticing import Thresholds

Kind = Finding.Kind


@dataclass(frozen=True, slots=True)
class Suspect:
    """One thing noticed: see `Finding`."""

    page: int
    kind: str
    mark: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    other: int | None = None


def suspects(limits: Thresholds) -> Iterator[Suspect]:
    """Everything that is noticed of living pages now."""
    for look in LOOKS:
        yield from look(limits)


def _cards(limits: Thresholds) -> Iterator[Suspect]:
    rows = Card.objects.filter(page__in=Page.objects.living()).select_related("page").defer("raw")
    closed_before = timezone.now() - timedelta(days=limits["comments"]["days"])
    odd = Q(gone=True) | Q(closed=True) | Q(comments_closed_at__lt=closed_before) | (~Q(handle="") & ~Q(handle__iexact=F("page__handle")))
    for card in rows.filter(odd).iterator(chunk_size=2000):
        if card.gone:
            yield Suspect(card.page_id, Kind.GONE, evidence={"read_at": _day(card.read_at)})
            continue
        if card.closed:
            yield Suspect(card.page_id, Kind.CLOSED)
        if card.comments_open is False and card.comments_closed_at and card.comments_closed_at < closed_before:
            yield Suspect(card.page_id, Kind.COMMENTS, evidence={"since": _day(card.comments_closed_at)})
        was, now = card.page.handle, card.handle
        if was and now and was.lower() != now.lower() and now.lower() not in (f"club{card.page.external_id}", f"public{card.page.external_id}"):
            yield Suspect(card.page_id, Kind.HANDLE, now.lower()[:120], {"was": was, "now": now})


def _unknown(limits: Thresholds) -> Iterator[Suspect]:
    for page in Page.objects.living().filter(external_id=None).only("pk", "url", "handle", "network"):
        yield Suspect(page.pk, Kind.UNKNOWN, evidence={"url": page.address or "адреса тоже нет"})


NAMES = """
SELECT n.page_id, w.name, n.name FROM exchange_card n JOIN registry_page p ON p.id = n.page_id AND p.state <> 'archived'
JOIN LATERAL (
    SELECT s.name FROM monitoring_snapshot s WHERE s.page_id = n.page_id AND s.source = 'card' AND s.name <> '' AND s.date >= %(from)s
    ORDER BY s.date LIMIT 1
) w ON w.name <> n.name
WHERE n.name <> '' AND NOT n.gone
"""


def _names(limits: Thresholds) -> Iterator[Suspect]:
    for page, was, now in _rows(NAMES, {"from": _ago(30)}):
        yield Suspect(page, Kind.NAME, now[:120], {"was": was, "now": now})


EMPTIED = """
SELECT o.page_id, count(*) FILTER (WHERE o.gone_at >= %(from)s), count(*) FILTER (WHERE o.gone_at IS NULL)
FROM monitoring_post o WHERE o.page_id IN (SELECT page_id FROM monitoring_post WHERE gone_at >= %(from)s)
GROUP BY 1 HAVING count(*) FILTER (WHERE o.gone_at >= %(from)s) >= %(least)s
    AND count(*) FILTER (WHERE o.gone_at >= %(from)s) >= %(share)s * count(*) FILTER (WHERE o.gone_at IS NULL OR o.gone_at >= %(from)s)
"""


def _emptied(limits: Thresholds) -> Iterator[Suspect]:
    bound = limits["emptied"]
    for page, gone, standing in _rows(EMPTIED, {"from": _ago(bound["days"]), "least": bound["least_posts"], "share": bound["share"]}):
        yield Suspect(page, Kind.EMPTIED, evidence={"days": int(bound["days"]), "gone": gone, "standing": standing})


# Handles of one network that differ in a letter or two, numbers apart: pages of other bodies. So that a country's pairs stay few, only those are
# compared that share one of their rarest threes of letters: two sets of threes that are alike to a share of t must share one of the first
# size - ceil(t * size) + 1 of each, in whatever order all of them are put (Chaudhuri, Ganti, Kaushik 2006: prefix filter).
ALIKE = """
WITH h AS (
    SELECT p.id, p.network, p.name, lower(p.handle) AS handle, regexp_replace(p.handle, '\\D', '', 'g') AS digits, o.body_id,
        show_trgm(p.handle) AS threes
    FROM registry_page p LEFT JOIN registry_pagebody o ON o.page_id = p.id AND NOT o.shared
    WHERE p.state <> 'archived' AND length(p.handle) >= %(letters)s AND p.handle !~* '^(club|public|event)\\d+$'
), g AS (
    SELECT h.id, h.network, h.handle, h.body_id, left(h.handle, 4) AS head, h.digits, cardinality(h.threes) AS size, three
    FROM h, unnest(h.threes) AS three
), often AS (SELECT three, count(*) AS n FROM g GROUP BY 1),
placed AS (SELECT g.*, row_number() OVER (PARTITION BY g.id ORDER BY often.n, g.three) AS place FROM g JOIN often USING (three)),
seldom AS MATERIALIZED (SELECT * FROM placed WHERE place <= size - ceil(%(alike)s * size - 0.000001) + 1),
near AS MATERIALIZED (
    SELECT a.id AS one, b.id AS other FROM seldom a JOIN seldom b USING (network, head, digits, three)
    WHERE a.id < b.id AND a.body_id IS DISTINCT FROM b.body_id AND similarity(a.handle, b.handle) >= %(alike)s
), owned AS (
    SELECT p.id, p.network, p.name, p.sort_name, p.handle, k.id AS body_id, k.territory_id
    FROM registry_page p JOIN registry_pagebody o ON o.page_id = p.id AND NOT o.shared JOIN registry_body k ON k.id = o.body_id
    WHERE p.state <> 'archived' AND k.territory_id IS NOT NULL
), pair AS (  -- a clinic and a club of one town have handles alike, and nobody takes one for the other
    SELECT a.id AS one, a.name AS name_of_one, lower(a.handle) AS handle_of_one,
        b.id AS other, b.name AS name_of_other, lower(b.handle) AS handle_of_other
    FROM near JOIN registry_page a ON a.id = near.one JOIN registry_page b ON b.id = near.other
    WHERE similarity(a.sort_name, b.sort_name) >= %(name)s
)
SELECT one, other, name_of_other, handle_of_other FROM pair UNION SELECT other, one, name_of_one, handle_of_one FROM pair
UNION
SELECT a.id, b.id, b.name, lower(b.handle) FROM owned a JOIN owned b USING (network, sort_name, territory_id) WHERE a.body_id <> b.body_id
"""


def _alike(limits: Thresholds) -> Iterator[Suspect]:
    bound = limits["look_alike"]
    for page, other, name, handle in _rows(ALIKE, {"alike": bound["handle"], "letters": bound["least_letters"], "name": bound["name"]}):
        yield Suspect(page, Kind.LOOK_ALIKE, str(other), {"name": name, "handle": handle or "без короткого имени"}, other)


TWINS = """
SELECT a.page_id, b.page_id, d.name, q.name FROM registry_pagebody a JOIN registry_page p ON p.id = a.page_id AND p.state <> 'archived'
JOIN registry_pagebody b ON b.body_id = a.body_id AND b.page_id < a.page_id AND NOT b.shared
JOIN registry_page q ON q.id = b.page_id AND q.network = p.network AND q.state <> 'archived'
JOIN registry_body d ON d.id = a.body_id WHERE NOT a.shared
"""


def _twins(limits: Thresholds) -> Iterator[Suspect]:
    for page, other, body, name in _rows(TWINS, {}):
        yield Suspect(page, Kind.TWIN, str(other), {"body": body, "name": name}, other)


# Robust z: how far from the median of the page's own days, in its own median absolute deviations (1.4826 makes them standard ones).
JUMPS = """
WITH d AS (
    SELECT page_id, date, members, lag(members) OVER w AS was, (members - lag(members) OVER w)::float / (date - lag(date) OVER w) AS diff
    FROM monitoring_snapshot WHERE source = 'card' AND members IS NOT NULL AND date >= %(from)s WINDOW w AS (PARTITION BY page_id ORDER BY date)
), m AS (
    SELECT page_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY diff) AS med FROM d WHERE diff IS NOT NULL GROUP BY 1 HAVING count(*) >= %(days)s
), s AS (
    SELECT d.page_id, m.med, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(d.diff - m.med)) AS mad
    FROM d JOIN m USING (page_id) WHERE d.diff IS NOT NULL GROUP BY 1, 2
)
SELECT d.page_id, d.date, d.was, d.members, s.med, abs(d.diff - s.med) / greatest(1.4826 * s.mad, 1)
FROM d JOIN s USING (page_id) WHERE d.date >= %(recent)s AND abs(d.diff) >= %(least)s AND abs(d.diff) >= %(share)s * d.was
    AND abs(d.diff - s.med) >= %(z)s * greatest(1.4826 * s.mad, 1)
"""


def _jumps(limits: Thresholds) -> Iterator[Suspect]:
    bound = limits["jump"]
    asked = {"from": _ago(bound["days"]), "recent": _ago(bound["recent"]), "days": bound["least_days"]}
    for page, date, was, now, usual, z in _rows(JUMPS, asked | {name: bound[name] for name in ("least", "share", "z")}):
        numbers = {"was": was, "now": now, "diff": now - was, "usual": round(usual, 1), "z": round(z, 1)}
        yield Suspect(page, Kind.JUMP, date.isoformat(), {"date": f"{date:%d.%m.%Y}", **numbers})


# Reactions to a post against the page's own posts; more of them than views is odd in itself.
ENGAGEMENT = """
WITH e AS (
    SELECT page_id, external_id, published_at, views, likes + comments + reposts AS reactions,
        100.0 * (likes + comments + reposts) / nullif(views, 0) AS er
    FROM monitoring_post WHERE gone_at IS NULL AND NOT is_repost AND published_at >= %(from)s
), m AS (
    SELECT page_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY er) AS med FROM e WHERE er IS NOT NULL GROUP BY 1 HAVING count(*) >= %(posts)s
), s AS (
    SELECT e.page_id, m.med, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(e.er - m.med)) AS mad
    FROM e JOIN m USING (page_id) WHERE e.er IS NOT NULL GROUP BY 1, 2
)
SELECT e.page_id, e.external_id, e.published_at, e.reactions, e.views, e.er, s.med FROM e JOIN s USING (page_id)
WHERE e.published_at >= %(recent)s AND e.reactions >= %(least)s
    AND (e.er - s.med >= %(z)s * greatest(1.4826 * s.mad, 0.5) OR e.reactions > e.views)
"""


def _engagement(limits: Thresholds) -> Iterator[Suspect]:
    bound = limits["engagement"]
    asked = {"from": _ago(bound["days"]), "recent": _ago(bound["recent"]), "posts": bound["least_posts"], "least": bound["least"], "z": bound["z"]}
    for page, post, at, reactions, views, er, usual in _rows(ENGAGEMENT, asked):
        numbers = {"reactions": reactions, "views": views, "er": round(float(er), 1), "usual": round(float(usual), 1)}
        yield Suspect(page, Kind.ENGAGEMENT, post[:120], {"date": _day(at), **numbers})


LOOKS: list[Callable[[Thresholds], Iterator[Suspect]]] = [_cards, _unknown, _names, _emptied, _alike, _twins, _jumps, _engagement]


def _rows(sql: str, asked: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return cursor.fetchall()


def _ago(days: float) -> Any:
    return timezone.localdate() - timedelta(days=int(days))


def _day(at: Any) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y}" if at else "никогда"
