"""The index follows the registry: lines of changed bodies are written anew, words are learnt, terms are counted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from gospult.registry.models import Body, Page, PageBody, Territory

from .. import folding
from ..describing import Described, Facts, describe
from ..lexicon import lexicon
from ..links import skeleton
from ..models import Entry, EntryBody, Shape, Spelling, Stale, Term
from ..ranking import Standing, rank

BATCH = 2000
LONGEST = 40  # letters of a word that is kept
RECOUNT = 500  # lines written at once from which all terms are counted anew


@dataclass(slots=True)
class _Line:
    body: Body
    described: Described
    standing: Standing


class _Places:
    """All territories in memory: names by the way up, names inside, and where the region's own bodies sit."""

    def __init__(self) -> None:
        self.rows = {t.pk: t for t in Territory.objects.all()}
        self.children: dict[int, list[Territory]] = defaultdict(list)
        for row in self.rows.values():
            if row.parent_id:
                self.children[row.parent_id].append(row)
        self.roots = {
            r
            for t in self.rows.values()
            if self.local(t)
            for name in self.names(t)
            for w in folding.pieces(name)
            for r in folding.roots(folding.lemma(w))
        }
        self.capital = self._capital()

    @staticmethod
    def local(territory: Territory) -> bool:
        return territory.level in ("municipality", "settlement")

    @staticmethod
    def names(territory: Territory) -> list[str]:
        return [territory.name, *(a for a in territory.aliases if not re.search(r"[*|+=]", a) and len(a.split()) < 3)]

    def upwards(self, pk: int | None) -> list[Territory]:
        found: list[Territory] = []
        while pk and pk in self.rows and self.rows[pk] not in found:
            found.append(self.rows[pk])
            pk = self.rows[pk].parent_id
        return [t for t in found if self.local(t)]

    def forms(self) -> dict[str, str]:
        """Every form of a place's name in one word → its lemma."""
        names = [name for t in self.rows.values() if self.local(t) for name in self.names(t)]
        words = {word for name in names for word in folding.pieces(name) if len(word) > 2 and not word.isdigit()}
        return {form: folding.lemma(word) for word in words for form in folding.cases(word)}

    def _capital(self) -> tuple[str, ...]:
        """Roots of the place where the region's bodies sit: the most people, else the most bodies."""
        local = [t for t in self.rows.values() if self.local(t)]
        if not local:
            return ()
        largest = max(local, key=lambda t: t.population or 0)
        if not largest.population:
            sizes: dict[int, int] = defaultdict(int)
            for pk in Body.objects.filter(territory__in=local).values_list("territory", flat=True):
                sizes[pk or 0] += 1
            largest = max(local, key=lambda t: sizes[t.pk])
        return tuple(f"h{root}" for w in folding.pieces(largest.name) for root in folding.roots(folding.lemma(w)))


def catch_up(*, most: int | None = None) -> int:
    """Lines of every body that changed are written anew; returns how many. Safe to run twice and in two processes."""
    done, places = 0, None
    while most is None or done < most:
        if not Stale.objects.exists():
            break
        if places is None:
            places = _Places()
            _learn([places.forms(), {form: folding.lemma(form) for form in lexicon().words}], again=True)
        size = _portion(places)
        if not size:
            break
        done += size
    if done >= RECOUNT:
        count_terms()
    return done


@transaction.atomic
def _portion(places: _Places) -> int:
    taken = list(Stale.objects.select_for_update(skip_locked=True).order_by("id")[:BATCH])
    if not taken:
        return 0
    pks = {row.body_id for row in taken}
    pks |= set(EntryBody.objects.filter(entry__rows__body_id__in=pks).values_list("body_id", flat=True))
    _write(pks, places)
    Stale.objects.filter(pk__in=[row.pk for row in taken]).delete()
    return len(taken)


def _write(pks: set[int], places: _Places) -> None:
    lines = _lines(pks, places)
    lines += _lines(_namesakes(lines) - pks, places)
    hidden = pks - {line.body.pk for line in lines}
    Entry.objects.filter(rows__body_id__in=hidden).delete()
    groups = _grouped(lines)
    heads = [min(group, key=lambda line: (line.standing.dead, rank(line.standing), line.body.pk)) for group in groups]
    _store(heads, groups)
    _learn([line.described.words for line in lines])


def _namesakes(lines: Sequence[_Line]) -> set[int]:
    """Bodies of the same words in the same places or of the same ОГРН: one of them may be the same body."""
    same = EntryBody.objects.filter(entry__core__in={line.described.core for line in lines})
    near = Q(body__territory__in={line.body.territory_id for line in lines} - {None}) | Q(body__ogrn__in={line.body.ogrn for line in lines} - {""})
    return set(same.filter(near).values_list("body_id", flat=True))


def _lines(pks: Iterable[int], places: _Places) -> list[_Line]:
    bodies = list(Body.objects.filter(pk__in=list(pks), listed=True).select_related("parent"))
    pages: dict[int, list[Page]] = defaultdict(list)
    for link in PageBody.objects.filter(body__in=bodies).select_related("page").prefetch_related("page__handles"):
        pages[link.body_id].append(link.page)
    return [_line(body, pages[body.pk], places) for body in bodies]


def _line(body: Body, pages: list[Page], places: _Places) -> _Line:
    up = places.upwards(body.territory_id)
    near = [name for t in up for name in places.names(t)]
    inside = [t.name for t in places.children[up[0].pk]] if up and up[0].level == "municipality" else []
    facts = Facts(
        name=body.name,
        short_name=body.short_name,
        places=tuple(dict.fromkeys(near)),
        inside=tuple(inside),
        other=(body.parent.name if body.parent else "", *(p.name for p in pages), *(p.settings_address for p in pages)),
        keys=tuple(_keys(body, pages)),
        municipal=bool(up),
    )
    made = describe(facts)
    if not up:
        _settle(made, places)
    made.words |= {key: key for key in facts.keys if key.startswith("~")}
    alive = [p for p in pages if p.state == "published"]
    standing = Standing(body.level, body.status, len(alive), max((p.members or 0 for p in alive), default=0), made.length, body.gone_at is not None)
    return _Line(body, made, standing)


def _settle(made: Described, places: _Places) -> None:
    """A body of the region names its place in its own name, else it sits in the capital."""
    if set(made.terms) & places.roots:
        made.terms.remove("t:*")
        made.bag = made.bag.replace("t:*", "").rstrip()
    else:
        made.terms += places.capital
        made.bag = " ".join([made.bag, *places.capital])


def _keys(body: Body, pages: Iterable[Page]) -> Iterable[str]:
    yield from [body.ogrn] if body.ogrn else []
    for phone in re.findall(r"[\d() +\-]{6,}", body.contact_phone):
        yield re.sub(r"\D", "", phone)[-10:]
    for page in pages:
        handles = [page.handle, *(old.handle for old in page.handles.all())]
        yield from (f"@{handle}" for handle in handles if handle)
        if page.external_id:
            yield f"@{page.external_id}"
        if page.handle and page.state == "published":
            yield f"~{skeleton(page.handle)}"  # a name that the eye takes for this one meets it here


def _grouped(lines: Sequence[_Line]) -> list[list[_Line]]:
    """The same words and numbers of one ОГРН, or of one place where an ОГРН is missing, are one body."""
    groups: dict[tuple[object, ...], list[_Line]] = defaultdict(list)
    for line in lines:
        place = line.body.territory_id or line.body.parent_id
        groups[(line.described.core, line.body.ogrn or ("", place))].append(line)
    with_number: dict[tuple[str, object], list[tuple[object, ...]]] = defaultdict(list)
    for key, group in groups.items():
        if not isinstance(key[1], tuple):
            with_number[str(key[0]), group[0].body.territory_id or group[0].body.parent_id].append(key)
    for key in [key for key in groups if isinstance(key[1], tuple)]:
        of = groups[key][0].body
        twins = with_number.get((str(key[0]), of.territory_id or of.parent_id), [])
        if len(twins) == 1:
            groups[twins[0]] += groups.pop(key)
    return list(groups.values())


def _store(heads: Sequence[_Line], groups: Sequence[Sequence[_Line]]) -> None:
    Entry.objects.filter(rows__body_id__in=[line.body.pk for group in groups for line in group]).exclude(body__in=[h.body for h in heads]).delete()
    rows = []
    for head, group in zip(heads, groups, strict=True):
        terms = list(dict.fromkeys(t[:120] for line in group for t in line.described.terms))
        extra = " ".join(t for t in terms if t not in set(head.described.terms))
        bag = f"{head.described.bag} {extra}".rstrip()
        rows.append(Entry(body=head.body, terms=terms, bag=bag, core=head.described.core, rank=rank(head.standing), dead=head.standing.dead))
    fields = ["terms", "bag", "core", "rank", "dead"]
    Entry.objects.bulk_create(rows, batch_size=500, update_conflicts=True, unique_fields=["body"], update_fields=fields)
    pks = dict(Entry.objects.filter(body__in=[h.body for h in heads]).values_list("body_id", "pk"))
    links = [EntryBody(body=line.body, entry_id=pks[head.body.pk]) for head, group in zip(heads, groups, strict=True) for line in group]
    EntryBody.objects.bulk_create(links, batch_size=1000, update_conflicts=True, unique_fields=["body"], update_fields=["entry"])
    named = sorted({term for row in rows for term in row.terms if not term.startswith("#")})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO directory_term (term, count) SELECT unnest(%s::varchar[]), 1 ON CONFLICT DO NOTHING", [named])


def _learn(found: Iterable[dict[str, str]], *, again: bool = False) -> None:
    """Words that are new are kept with their shapes; `again`: those that are known by another lemma are mended."""
    words = {form: lemma for more in found for form, lemma in more.items() if 2 < len(form) <= LONGEST and len(lemma) <= LONGEST}
    known = dict(Spelling.objects.filter(form__in=list(words)).values_list("form", "lemma"))
    new = [form for form in sorted(words) if form not in known or (again and known[form] != words[form])]
    Shape.objects.filter(form__in=[form for form in new if form in known]).delete()
    update = "ON CONFLICT (form) DO UPDATE SET lemma = excluded.lemma"
    _insert("directory_spelling (form, lemma)", [(form, words[form]) for form in new], update)
    _insert("directory_shape (shape, form, lemma)", [(shape, form, words[form]) for form in new for shape in folding.shapes(form)])


def _insert(table: str, rows: list[tuple[str, ...]], conflict: str = "") -> None:
    """Many rows by one statement."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    marks = ", ".join(["%s::varchar[]"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM unnest({marks}) {conflict}", columns)


@transaction.atomic
def count_terms() -> int:
    """How many lines hold each term is counted anew; returns how many terms there are."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE directory_term IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM directory_term")
        cursor.execute(
            "INSERT INTO directory_term (term, count) SELECT term, count(*) FROM directory_entry, unnest(terms) AS term"
            " WHERE term NOT LIKE '#%%' GROUP BY term"
        )
        for table in ("directory_entry", "directory_term", "directory_spelling", "directory_shape"):
            cursor.execute(f"ANALYZE {table}")
    return Term.objects.count()
