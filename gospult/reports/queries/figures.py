"""Figures and tables of a period and a place, each with its definition, coverage, age and rows."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from gospult.registry.models import Sphere, Territory
from gospult.registry.models.pages import NETWORK_NAMES

from ..catalogue import MEASURES, Measure
from ..periods import NAMES, last_whole_month, months_back
from ..shapes import Column, Figure, Link, Report, Table
from ..wording import changed, form, grouped, lower_first, number, ratio
from .desk import cut, desk, on_time
from .pages import PageFacts, Sums, by_month, page_facts, spheres_of, summed
from .people import People, people
from .scope import Asked
from .scores import Scored, scores

TREND = 13  # months
TOPICS = 15
Known = Mapping[str, Any]


def report(asked: Asked) -> Report:
    """Everything that is known of the period and the place."""
    earlier = asked.at(asked.period.cut_year_before())
    pages, before = page_facts(asked), page_facts(earlier, asked.period.judged().cut_year_before())
    given, crowd = scores(asked), people(asked)
    now, ago = values(asked, pages) | desk(asked) | registry(asked), values(earlier, before) | desk(earlier)
    now |= ({"leaders": given.leaders} if given and given.leaders is not None else {}) | (crowd.values if crowd else {})
    sums = summed(pages)
    figures = tuple(_figure(asked, one, now, ago, sums, given, crowd) for one in MEASURES if one.code in now)
    made = {one.code: one for one in figures}
    period, made_at = asked.period, timezone.now()
    return Report(
        title=f"{asked.place}: {period.title}", finding=finding(made), place=asked.place, period_title=period.title, within=period.within,
        since=period.since, until=period.until, running=period.running, made_at=made_at, figures=figures,
        tables=tuple(tables(asked, pages, given)),
    )  # fmt: skip


def values(asked: Asked, pages: list[PageFacts]) -> dict[str, Any]:
    """What the pages give, by the codes of the catalogue."""
    sums, total = summed(pages), len(pages) or None
    found: dict[str, Any] = {"pages": total}
    for code in NETWORK_NAMES:
        if count := sum(page.network == code for page in pages):  # a network in which there are no pages is no figure
            found |= {f"pages_{code}": count, f"share_{code}": 100 * count / len(pages)}
    known = {name: [v for p in pages if (v := getattr(p, name)) is not None] for name in ("has_mark", "connected", "widgets", "sector")}
    if asked.period.running:  # of the past only months know, and the registry's own marks are those of today
        found |= {"marked": _share(known["has_mark"]), "connected": _share(known["connected"])}
    found |= {name: _share(known[name]) for name in ("widgets", "sector") if known[name] or asked.period.running}
    found |= {"kept_share": sums.kept_share, "kept": sums.kept if sums.kept_known else None}
    return found | {"posts": sums.posts, "views": sums.views, "er": sums.er, "members": sums.members}


def registry(asked: Asked) -> dict[str, Any]:
    """Who is obliged, as of today; of the past the registry keeps no such figure."""
    if not asked.period.running:
        return {}
    present = asked.bodies.present()
    exempt, debt = present.exempt().count(), present.without_page().count()
    obliged = present.owing().count()
    return {"obliged": obliged, "with_page": obliged - debt, "debt": debt, "exempt": exempt} if present.exists() else {}


def _share(known: list[bool]) -> float | None:
    return 100 * sum(known) / len(known) if known else None


COVERED = {
    "kept_share": "kept_known",
    "kept": "kept_known",
    "posts": "posts_known",
    "views": "views_known",
    "er": "er_known",
    "members": "members_known",
}
BY_MONTHS = ("posts", "views", "er")  # of a year a page may know a few months only


def _figure(asked: Asked, one: Measure, now: Known, ago: Known, sums: Sums, given: Scored | None, crowd: People | None) -> Figure:
    months = max(len(asked.period.months()), 1) if one.code in BY_MONTHS else 1
    known, of, as_of = coverage_of(one.code, sums, given, crowd)
    before = ago.get(one.code)
    if before is not None and one.adds and asked.period.running:
        before = None  # a month that is not over is compared with no whole one
    earlier = (asked.period.judged() if one.code in ("kept_share", "kept") else asked.period).cut_year_before()
    return Figure(
        one.code, one.section, one.title, now[one.code], one.unit, one.definition, before, earlier.title,
        known, of * months if of else of, as_of, rows_of(asked, one.code, given), "месяцев страниц: " if months > 1 else "",
    )  # fmt: skip


def coverage_of(code: str, sums: Sums, given: Scored | None = None, crowd: People | None = None) -> tuple[int | None, int | None, datetime | None]:
    """Of how many of all a figure is known, and how old the oldest of it is; nothing where it does not depend on collection."""
    if code == "leaders" and given:
        return given.confirmed, given.of, None
    if crowd and code in crowd.values:
        return crowd.known, crowd.of, crowd.as_of
    return (getattr(sums, COVERED[code]), sums.pages, sums.as_of) if code in COVERED else (None, None, None)


def rows_of(asked: Asked, code: str, given: Scored | None = None) -> Link:
    """The registry's own lists where they ask the same, else the rows of the figure."""
    place = ({"branch": str(asked.body.pk)} if asked.body else {}) | (
        {"territory": str(asked.territory.pk)} if asked.territory and asked.narrowed else {}
    )
    if code in ("debt", "exempt", "obliged", "with_page"):
        return Link("registry:bodies", query={"has": code, **place})
    if code == "leaders":
        return Link("scores:table", query=({"method": given.code} if given else {}) | {"month": f"{asked.period.since:%Y-%m}"})
    if code.startswith("people"):
        return Link("audience:show", query={"territory": str(asked.territory.pk)} if asked.territory else {})
    return Link("reports:rows", (code,), asked.address())


def finding(made: Mapping[str, Figure]) -> str:
    """What the report has found, in one line: it is its title."""
    kept, pages, cases = made.get("kept_share"), made.get("pages"), made.get("on_time")
    if kept and kept.value is not None:
        return f"{kept.shown} страниц ведутся активно" + (f", год назад {kept.shown_before}" if kept.before is not None else "")
    if cases and cases.value is not None:
        return f"{cases.shown} обращений без нарушения срока" + (f", год назад {cases.shown_before}" if cases.before is not None else "")
    if pages and pages.value:
        more = ratio(pages.value, pages.before) if pages.before else ""
        return f"Официальных страниц {pages.shown}" + (f", {more} больше, чем год назад" if more else "")
    return "За этот период данных нет"


def tables(asked: Asked, pages: list[PageFacts], given: Scored | None) -> Iterable[Table]:
    """The cuts of the report."""
    yield trend(asked)
    yield _networks(asked, pages)
    if not (asked.territory and asked.narrowed):
        groups = _grouped(pages, lambda p: [p.municipality] if p.municipality else [])
        yield places(asked, {place: summed(own) for place, own in groups.items()}, len(pages), given)
    yield _spheres(asked, pages)
    yield _levels(pages)
    yield topics(asked)


PAGE_COLUMNS = (
    Column("pages", "Страниц", "страниц"), Column("kept_share", "Активно", "%"), Column("posts", "Записей", "записей"), Column("er", "ER", "%%"),
    Column("members", "Подписок", "подписок"),
)  # fmt: skip


def _cut(pages: Iterable[PageFacts]) -> dict[str, Any]:
    return _of(summed(pages))


def _of(sums: Sums) -> dict[str, Any]:
    return {"pages": sums.pages, "kept_share": sums.kept_share, "posts": sums.posts, "er": sums.er, "members": sums.members}


def _grouped(pages: Iterable[PageFacts], keys: Callable[[PageFacts], Iterable[Any]]) -> dict[Any, list[PageFacts]]:
    found: dict[Any, list[PageFacts]] = {}
    for page in pages:
        for key in keys(page):
            found.setdefault(key, []).append(page)
    return found


def _networks(asked: Asked, pages: list[PageFacts]) -> Table:
    groups = sorted(_grouped(pages, lambda p: [p.network]).items(), key=lambda pair: -len(pair[1]))
    rows = tuple({"name": NETWORK_NAMES.get(code, code), "share": 100 * len(own) / len(pages), **_cut(own)} for code, own in groups)
    links = {n: Link("registry:pages", query={"network": code} | _place(asked)) for n, (code, _) in enumerate(groups)}
    columns = (Column("name", "Сеть"), PAGE_COLUMNS[0], Column("share", "Доля", "%"), *PAGE_COLUMNS[1:])
    lead = f"Больше всего страниц: {rows[0]['name']}, {number(rows[0]['share'], '%')}" if rows else "По сетям"
    return Table("networks", lead, columns, rows, links=links)


def _place(asked: Asked) -> dict[str, str]:
    found = {"territory": str(asked.territory.pk)} if asked.territory and asked.narrowed else {}
    return found | ({"branch": str(asked.body.pk)} if asked.body else {})


SCORE, OFFICIAL, GROUP = Column("score", "Балл", "балл"), Column("official", "Официально", "балл"), Column("group", "Группа")


def places(asked: Asked, groups: Mapping[int, Sums], pages: int, given: Scored | None) -> Table:
    """The heat table: municipalities in the order of their names; `pages` are those of the whole place."""
    inside = asked.municipalities
    cases: dict[int, dict[str, int]] = {}
    for territory, row in cut(asked, "body__territory").items():
        own = cases.setdefault(inside.get(territory, 0), {"cases": 0, "answered": 0, "late": 0})
        for name in own:
            own[name] += row[name]
    names = Territory.objects.filter(pk__in={*groups, *cases}).order_by("sort_name")
    scored = (SCORE, *((OFFICIAL,) if given.official else ()), GROUP) if given else ()
    rows = [_municipality(place, groups.get(place.pk, Sums()), cases.get(place.pk), given) for place in names]
    columns = (
        Column("name", "Муниципалитет"), *scored, *PAGE_COLUMNS, Column("cases", "Обращений", "обращений"), Column("on_time", "В срок", "%"),
        Column("answered", "С реакцией", "%"),
    )  # fmt: skip
    note = " ".join(
        filter(None, [f"Балл: {given.method}." if given else "", _elsewhere(pages - sum(s.pages for s in groups.values()), cases.get(0))])
    )
    links = {n: Link("reports:report", query=asked.address() | {"territory": str(row["pk"])}) for n, row in enumerate(rows)}
    return Table("places", _best_place(rows), columns, tuple(rows), note, links)


def _best_place(rows: Iterable[Known]) -> str:
    """Whose pages are kept best; of several equals none is named before the others."""
    known = [row for row in rows if row["kept_share"] is not None]
    most = max((row["kept_share"] for row in known), default=None)
    best = [row["name"] for row in known if row["kept_share"] == most]
    if len(best) == 1:
        return f"Лучше всех ведут страницы: {best[0]}, {number(most, '%')} активных"
    names = f"{len(best)} {form(len(best), ('муниципалитет', 'муниципалитета', 'муниципалитетов'))} из {len(known)}"
    return f"Лучше всех ведут страницы {names}: {number(most, '%')} активных" if best else "По муниципалитетам"


def _elsewhere(pages: int, cases: Mapping[str, int] | None) -> str:
    """What stands in no row of the heat table."""
    found = [f"страниц {grouped(pages)} (региональных органов или без организации)"] if pages else []
    found += [f"обращений {grouped(cases['cases'])}"] if cases and cases["cases"] else []
    return f"Вне муниципалитетов: {', '.join(found)}." if found else ""


def _municipality(place: Territory, sums: Sums, cases: dict[str, int] | None, given: Scored | None) -> dict[str, Any]:
    total = given.totals.get(place.pk) if given else None
    official = given.official.get(place.pk) if given else None
    marked = {"score": _float(total), "official": _float(official), "group": given.groups.get(place.pk, "")} if given else {}
    return {"pk": place.pk, "name": place.name, **marked, **_of(sums)} | {"cases": cases["cases"] if cases else None, **_shares(cases)}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _spheres(asked: Asked, pages: list[PageFacts]) -> Table:
    of_body = spheres_of(asked)
    groups = _grouped(pages, lambda p: of_body.get(p.body or 0, []))
    found = Sphere.objects.filter(pk__in=groups).order_by("sort_name")
    rows = tuple({"name": sphere.name, **_cut(groups[sphere.pk])} for sphere in found)
    links = {n: Link("registry:pages", query={"sphere": str(sphere.pk)} | _place(asked)) for n, sphere in enumerate(found)}
    note = "Учреждение может стоять в нескольких сферах: строки не складываются." if sum(row["pages"] for row in rows) > len(pages) else ""
    best = max((row for row in rows if row["kept_share"] is not None), key=lambda row: row["kept_share"], default=None)
    title = f"По сферам: впереди {lower_first(best['name'])}, {number(best['kept_share'], '%')} активных" if best else "По сферам"
    return Table("spheres", title, (Column("name", "Сфера"), *PAGE_COLUMNS), rows, note, links)


def _levels(pages: list[PageFacts]) -> Table:
    groups = _grouped(pages, lambda p: [p.level or "не указан"])
    rows = tuple({"name": name, **_cut(own)} for name, own in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0])))
    return Table("levels", "По уровням", (Column("name", "Уровень"), *PAGE_COLUMNS), rows)


TOPIC_COLUMNS = (
    Column("name", "Группа тем"), Column("cases", "Обращений", "обращений"), Column("on_time", "В срок", "%"), Column("answered", "С реакцией", "%"),
)  # fmt: skip


def topics(asked: Asked) -> Table:
    """What residents write about, the most frequent first."""
    found = sorted(((name, row) for name, row in cut(asked, "topic__group").items() if name), key=lambda pair: (-pair[1]["cases"], pair[0]))
    rows = tuple({"name": name, "cases": row["cases"], **_shares(row)} for name, row in found[:TOPICS])
    title = f"Чаще всего пишут: {rows[0]['name']}" if rows else "Темы обращений"
    return Table("topics", title, TOPIC_COLUMNS, rows, f"Показаны первые {TOPICS} групп из {len(found)}." if len(found) > TOPICS else "")


def _shares(row: Known | None) -> dict[str, float | None]:
    return {"on_time": on_time(row) if row else None, "answered": 100 * row["answered"] / row["cases"] if row and row["cases"] else None}


def trend(asked: Asked, found: Mapping[date, Sums] | None = None) -> Table:
    """Thirteen months that are over, up to the period's end."""
    last = min(last_whole_month(asked.period.today), asked.period.touched()[-1])
    months = months_back(last, TREND)
    found = by_month(asked, months) if found is None else found
    rows = tuple(_of_month(month, found.get(month)) for month in months)
    known = [row for row in rows if row["kept_share"] is not None]
    title = "По месяцам"
    if len(known) > 1:
        first, end = known[0], known[-1]
        title = f"За {len(known)} мес. активных стало {changed(end['kept_share'], first['kept_share'])}: {number(end['kept_share'], '%')}"
    columns = (
        Column("name", "Месяц"), Column("pages", "Страниц", "страниц"), Column("kept_share", "Активно", "%"), Column("posts", "Записей", "записей"),
        Column("views", "Просмотров", "просмотров"), Column("er", "ER", "%%"), Column("members", "Подписок", "подписок"),
    )  # fmt: skip
    return Table("months", title, columns, rows)


def _of_month(month: date, sums: Sums | None) -> dict[str, Any]:
    made: dict[str, Any] = {"month": month, "name": f"{NAMES[month.month - 1]} {month.year}"}
    if not sums:
        return made | dict.fromkeys(("pages", "kept_share", "posts", "views", "er", "members"))
    return made | _of(sums) | {"views": sums.views}
