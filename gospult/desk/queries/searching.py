"""Cases by the words of their messages: rare words by the index, common ones by a walk from the newest case, and the hit itself in its words."""

import re
from collections.abc import Sequence

from django.contrib.postgres.search import SearchHeadline
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Left
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..models import Case, Message
from .spelling import Asked, Search, by_bitmap, listed, said, understand

COMMON = 5000  # messages that hold the word: from here a walk from the newest meets enough of them sooner than the index gives all
PORTION, FARTHEST = 800, 20_000  # cases
HIT = re.compile("\x02([^\x02\x03]*)\x03")


def numbered(search: str) -> list[int]:
    """Cases by the number of the case or of one of its messages; words give none."""
    digits = "".join(c for c in search if c.isdigit())
    if not digits or any(c.isalpha() for c in search):
        return []
    return [
        *Case.objects.filter(number=search).values_list("pk", flat=True),
        *Message.objects.filter(number=digits).exclude(case=None).values_list("case_id", flat=True),
    ]


def condition(search: str) -> Q:
    """What a search asks of a case: its number, or the words of its messages."""
    return _asked(search, understand(search))


def _asked(search: str, meant: Search) -> Q:
    numbers = numbered(search)
    if numbers or meant.query is None:
        return Q(pk__in=numbers)
    return Q(pk__in=said(meant.query).values("case"))


def search_page(rows: QuerySet[Case], search: str, start: int, stop: int) -> tuple[list[Case], Search]:
    """Rows start to stop of what is found among `rows` (which know nothing of the search), newest first, and how it was understood."""
    meant = understand(search)
    rows = rows.order_by("-opened_at", "-pk")
    if meant.query is not None and not numbered(search):
        cases = listed(meant.query, COMMON) if meant.at_least < COMMON else []
        if meant.at_least < COMMON and len(cases) < COMMON:
            return list(rows.filter(pk__in=set(cases))[start:stop]), meant
        walked = _walk(rows, meant.query, start, stop)
        if walked is not None:
            return walked, meant
    return list(rows.filter(_asked(search, meant))[start:stop]), meant


def _walk(rows: QuerySet[Case], query: Asked, start: int, stop: int) -> list[Case] | None:
    """From the newest case on until enough are found; None when that is too far."""
    found: list[int] = []
    portion, walked, near = PORTION, 0, rows
    while len(found) < stop and walked < FARTHEST:
        ids = list(near.values_list("pk", "opened_at")[:portion])
        with by_bitmap():
            hits = set(said(query).filter(case__in=[pk for pk, _ in ids]).values_list("case_id", flat=True))
        found += [pk for pk, _ in ids if pk in hits]
        if len(ids) < portion:
            break
        pk, at = ids[-1]
        near, walked, portion = rows.filter(opened_at__lte=at).exclude(opened_at=at, pk__gte=pk), walked + portion, min(2 * portion, 4000)
    else:
        if len(found) < stop:
            return None
    kept = {case.pk: case for case in rows.filter(pk__in=found[start:stop])}
    return [kept[pk] for pk in found[start:stop] if pk in kept]


def show_hits(cases: Sequence[Case], query: Asked | None) -> None:
    """Each case gets `hit`: the words around what was found in it, escaped, what was found in <mark>; without one it keeps its first words."""
    if query is None or not cases:
        return
    # Without brackets: the headline of PostgreSQL swallows what looks like a tag.
    clean = Func(Left("text", 4000), Value("<>\x02\x03"), Value("  "), function="translate", output_field=TextField())
    words = SearchHeadline(clean, query, config="russian", start_sel="\x02", stop_sel="\x03", max_words=22, min_words=10)
    rows = said(query).filter(case__in=[case.pk for case in cases]).order_by("case_id", "-sent_at").distinct("case_id")
    hits = dict(rows.annotate(hit=words, of=F("case_id")).values_list("of", "hit"))
    for case in cases:
        if hits.get(case.pk):
            case.hit = _marked(hits[case.pk])  # type: ignore[attr-defined]


def _marked(text: str) -> SafeString:
    parts = HIT.split(text)  # by turns what stands around and what was found
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", part) if at % 2 else part,) for at, part in enumerate(parts)))
