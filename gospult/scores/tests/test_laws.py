"""What holds for every score whatever the figures: range, order, emptiness, redistribution, recount."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gospult.lib.regions import default_root
from gospult.scores import gains, peers
from gospult.scores.counting import Facts, score, score_spells
from gospult.scores.formulas import rounded
from gospult.scores.method import library
from gospult.scores.pages import PageFacts, Week, gathered, missed, regular, spells

KNOWN = library(default_root() / "chelyabinsk" / "methods")
CITY, LIGHT, POS = (KNOWN.get(code) for code in ("chelyabinsk-61-2026", "traffic-light", "pos-350"))
calm = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
counts = st.integers(0, 10**7)
maybe = st.one_of(st.none(), st.booleans())


@st.composite
def city(draw, least="0"):
    pages = draw(st.integers(0, 300))
    cards = draw(st.integers(0, pages))
    figures = {
        "pages": pages, "cards": cards, "regular_pages": draw(st.integers(0, pages - cards)), "views": draw(counts), "likes": draw(counts),
        "comments": draw(counts), "reposts": draw(counts), "factor": draw(st.decimals(D(least), 1, places=4)),
    }  # fmt: skip
    return {name: D(value) for name, value in figures.items()}


@st.composite
def month_of_weeks(draw):
    first = date(2026, 3, 30)
    return tuple(
        Week(first + timedelta(days=7 * n), draw(st.one_of(st.none(), st.integers(0, 9))), days, draw(st.one_of(st.none(), st.integers(0, 5))), True)
        for n, days in enumerate((5, 7, 7, 7, 4))
    )


@st.composite
def a_page(draw, number=1):
    return PageFacts(
        page=number, network=draw(st.sampled_from(["vk", "ok", "telegram"])), status=draw(st.sampled_from(["active", "flagship", "card"])),
        weeks=draw(month_of_weeks()), mark=draw(maybe), connected=draw(maybe), design=draw(st.one_of(st.none(), st.integers(0, 100))),
        avatar=draw(maybe), description=draw(maybe), cover=draw(maybe), widgets=draw(st.one_of(st.none(), st.integers(0, 2))),
        members=draw(st.one_of(st.none(), st.integers(0, 10**5))), reach=draw(st.one_of(st.none(), st.integers(0, 10**5))),
        views=draw(st.one_of(st.none(), counts)), likes=draw(counts), comments=draw(counts), reposts=draw(counts),
    )  # fmt: skip


@calm
@given(city())
def test_a_score_stays_in_its_range_and_a_recount_is_the_first_count(figures):
    result = score(CITY, Facts(figures))

    assert result == score(CITY, Facts(dict(figures)))
    assert result.total is None or CITY.bounds[0] <= result.total <= CITY.bounds[1]
    assert (result.total is None) == (result.group == "")
    assert all(part.value is None or -22 <= part.value <= 100 for part in result.parts)


@calm
@given(city("0.92"), st.sampled_from(["regular_pages", "likes", "comments", "reposts", "factor"]))
def test_more_of_what_is_good_never_takes_points_away(figures, name):
    assume(figures["views"] > 0 and figures["pages"] > figures["cards"])
    more = figures | {name: min(figures[name] + (D("0.01") if name == "factor" else 1), D(1) if name == "factor" else D(10**9))}
    assume(more["regular_pages"] <= more["pages"] - more["cards"])

    assert score(CITY, Facts(more)).total >= score(CITY, Facts(figures)).total


@calm
@given(city("0.92"), st.sampled_from(["regular_pages", "likes", "factor", "pages", "views"]))
def test_empty_is_never_a_score(figures, name):
    result = score(CITY, Facts(figures | {name: None}))

    assert result.total is None
    assert any(part.value is None and part.applies and "нет данных" in part.why for part in result.parts)


@calm
@given(city("1"))
def test_weights_that_are_given_to_others_still_make_a_hundred(figures):
    assume(figures["views"] > 0)
    only_cards = figures | {"cards": figures["pages"], "regular_pages": D(0), "likes": figures["views"]}

    assert score(CITY, Facts(only_cards)).total == 100


@calm
@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=12, max_size=12))
def test_the_platform_gives_from_nothing_to_a_hundred_or_is_not_confirmed(values):
    figures = {name: None if value is None else D(value) for name, value in zip(POS.asks, values, strict=True)}
    total = score(POS, Facts(figures)).total

    assert (total is None) == (None in values)
    assert total is None or 0 <= total <= 100


@calm
@given(a_page())
def test_a_light_stays_in_its_range_and_a_missing_week_is_no_zero(page):
    result = score_spells(LIGHT, spells(page, LIGHT))
    seen = [week for week in page.weeks if week.posts is not None]

    assert result.total is None or (0 <= result.total <= 100 and result.total == int(result.total))
    if page.status != "card" and result.total is not None and seen:
        known = replace(page, weeks=tuple(seen))
        assert score_spells(LIGHT, spells(known, LIGHT)).total == result.total


@calm
@given(a_page())
def test_every_promised_gain_is_what_the_recount_gives(page):
    before = score_spells(LIGHT, spells(page, LIGHT)).total
    found = gains.of_page(LIGHT, page)

    assert found == sorted(found, key=lambda one: -one.points)
    assert all(one.points > 0 and before + one.points <= 100 for one in found)
    if before == 100:
        assert found == []


@calm
@given(st.lists(a_page(), min_size=1, max_size=12))
def test_figures_of_many_pages_add_up_and_gains_come_from_the_recount(pages):
    pages = [replace(page, page=n) for n, page in enumerate(pages)]
    rules = replace(CITY.pages, least_coverage=D(0))
    found = gathered(pages, rules)
    seen = [page for page in pages if page.views is not None]

    assert found.facts.figures["views"] == (sum(page.views for page in seen) if seen else None)
    assert (found.facts.figures["regular_pages"] or 0) <= (found.facts.figures["pages"] or 0) - (found.facts.figures["cards"] or 0)
    assert gathered(list(reversed(pages)), rules) == found
    method = replace(CITY, pages=rules)
    before = score(method, found.facts).total
    for one in gains.of_many(method, pages):
        assert before + one.points <= 100


@calm
@given(month_of_weeks(), st.integers(1, 7), st.booleans())
def test_a_page_is_regular_when_no_week_of_the_month_is_missed(weeks, least, by_norm):
    rules = replace(CITY.pages, least_days=least, by_norm=by_norm)
    page = PageFacts(page=1, weeks=weeks)
    mine = [week for week in weeks if week.days >= least]

    if regular(page, rules):
        assert all(week.posts is not None and week.posts >= (min(3, week.norm) if by_norm and week.norm is not None else 3) for week in mine)
    elif regular(page, rules) is False:
        assert missed(page, rules)
    else:
        assert any(week.posts is None for week in mine) or not mine


def test_with_four_days_every_week_belongs_to_exactly_one_month():
    first = date(2025, 12, 29)
    for number in range(60):
        monday = first + timedelta(days=7 * number)
        days = [monday + timedelta(days=n) for n in range(7)]
        months = {(day.year, day.month) for day in days}
        holders = [one for one in months if sum((day.year, day.month) == one for day in days) >= CITY.pages.least_days]
        assert len(holders) == 1


def test_a_running_week_is_asked_only_when_it_is_full():
    done = Week(date(2026, 11, 16), 3, 7)
    runs = Week(date(2026, 11, 23), 1, 7, over=False)

    assert regular(PageFacts(1, weeks=(done, runs)), CITY.pages) is True
    assert regular(PageFacts(1, weeks=(runs,)), CITY.pages) is None


@pytest.mark.parametrize(("value", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("86.965", "86.97")])
def test_halves_are_rounded_up(value, expected):
    assert rounded(D(value), D("0.01")) == D(expected)


@calm
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 50)), min_size=1, max_size=60), st.integers(1, 5), st.integers(2, 12))
def test_peers_are_of_one_size_and_never_few(rows, bands, least):
    found = [peers.Peer(n, D(total), size) for n, (total, size) in enumerate(rows)]
    covered = [peers.band(found, row.key, bands) for row in found]
    stands = peers.standing(found, 0, bands=bands, least=least)

    assert all(row in one for row, one in zip(found, covered, strict=True))
    assert all(covered[a.key] == covered[b.key] for a in found for b in found if a.size == b.size)
    assert stands is None or (stands.number >= least and 0 <= stands.share <= 100)
