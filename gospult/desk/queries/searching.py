"""Cases by the words of their messages, and the hit itself in its words."""

import re
from collections.abc import Sequence

from django.contrib.postgres.search import SearchHeadline, SearchVector
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Left
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..models import Case, CaseWords, Message
from .filters import Among
from .spelling import Asked, Search, understand

SELDOM, NARROW = 5000, 8000  # cases: above both the newest that hold the words are met soon
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
    return Q(words__words=meant.query)


def search_page(rows: QuerySet[Case], search: str, start: int, stop: int) -> tuple[list[Case], Search]:
    """Rows start to stop of what is found among `rows` (which know nothing of the search), newest first, and how it was understood."""
    meant = understand(search)
    return rows_of(_found(rows.order_by("-opened_at", "-pk"), search, meant), start, stop), meant


def rows_of(found: QuerySet[Case], start: int, stop: int) -> list[Case]:
    """Rows start to stop: first which they are, then they themselves, so that nothing wide is joined and sorted for a few."""
    keys = list(found.values_list("pk", flat=True)[start:stop])
    kept = {row.pk: row for row in found.order_by().filter(pk__in=keys)}
    return [kept[key] for key in keys if key in kept]


def _found(rows: QuerySet[Case], search: str, meant: Search) -> QuerySet[Case]:
    numbers = numbered(search)
    if meant.query is None or numbers:
        return rows.filter(pk__in=numbers)
    if meant.often:
        return rows.filter(words__words=meant.query)
    # Said seldom: the cases are taken from the index of words. The planner would walk from the newest case on, also to find none.
    few = list(CaseWords.objects.filter(words=meant.query).values_list("case", flat=True)[: SELDOM + 1])
    if len(few) <= SELDOM:
        return rows.filter(Among("pk", few))
    # Said often, but the person sees little, or asks for little: the words of just these are looked at.
    narrow = list(rows.order_by().values_list("pk", flat=True)[: NARROW + 1])
    if len(narrow) <= NARROW:
        holding = CaseWords.objects.filter(Among("case", narrow), words=meant.query)
        return rows.filter(Among("pk", list(holding.values_list("case", flat=True))))
    return rows.filter(words__words=meant.query)


def show_hits(cases: Sequence[Case], query: Asked | None) -> None:
    """Each case gets `hit`: the words around what was found in it, escaped, what was found in <mark>; without one it keeps its first words."""
    if query is None or not cases:
        return
    # Without brackets: the headline of PostgreSQL swallows what looks like a tag.
    clean = Func(Left("text", 4000), Value("<>\x02\x03"), Value("  "), function="translate", output_field=TextField())
    words = SearchHeadline(clean, query, config="russian", start_sel="\x02", stop_sel="\x03", max_words=22, min_words=10)
    # Of each case from the newest message on, to the first that holds them: to read the words of all takes a tenth of a second.
    said = (
        Message.objects.filter(case=OuterRef("pk"))
        .annotate(said=SearchVector("text", config="russian"))
        .filter(said=query)
        .order_by("-sent_at", "-pk")
    )
    hits = dict(
        Case.objects.filter(pk__in=[case.pk for case in cases])
        .annotate(hit=Subquery(said.annotate(hit=words).values("hit")[:1]))
        .values_list("pk", "hit")
    )
    for case in cases:
        if hits.get(case.pk):
            case.hit = _marked(hits[case.pk])  # type: ignore[attr-defined]


def _marked(text: str) -> SafeString:
    parts = HIT.split(text)  # by turns what stands around and what was found
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", part) if at % 2 else part,) for at, part in enumerate(parts)))
