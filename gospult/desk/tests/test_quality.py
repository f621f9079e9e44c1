"""What always holds of the lot and of the score, whatever the answers."""

import json
import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.desk import quality
from gospult.desk.quality import FAILED, MARK, NOT_APPLICABLE, OK, REOPENED, Checklist, Criterion, Item, judge, lot, worths
from gospult.lib import regions
from gospult.lib.errors import Refused

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
items = st.lists(st.builds(Item, st.integers(1, 10**6), st.integers(1, 6), st.sampled_from(["", "", MARK, REOPENED])), unique_by=lambda i: i.answer)
seeds = st.text(max_size=12)
leasts = st.integers(1, 4)
shares = st.floats(0, 1)


def criteria_of(weights) -> tuple[Criterion, ...]:
    return tuple(Criterion(f"c{n}", f"Критерий {n}", "", w, optional=n % 2 == 0) for n, w in enumerate(weights))


def checklist_of(weights) -> Checklist:
    return Checklist("v", "Чек-лист", "", date(2026, 11, 1), criteria_of(weights), 5, 3, 3, 0.05)


weights = st.lists(st.floats(0.5, 50), min_size=1, max_size=9)


@calm
@given(items, seeds, leasts, shares, st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_answers_in_any_order(found, seed, least, share, chance):
    mixed = list(found)
    chance.shuffle(mixed)
    assert lot(mixed, seed=seed, least=least, share=share) == lot(found, seed=seed, least=least, share=share)


@calm
@given(items, seeds, leasts, shares)
def test_each_body_gives_its_least_the_rest_its_share_and_what_was_disliked_all(found, seed, least, share):
    drawn = lot(found, seed=seed, least=least, share=share)
    why = {item.answer: w for item, w in drawn}
    assert len(why) == len(drawn)
    for body in {item.body for item in found}:
        of = [item for item in found if item.body == body]
        assert sum(why.get(item.answer) == "lot" for item in of) == min(least, len(of))
    left = len(found) - sum(w == "lot" for w in why.values())
    assert sum(w == "share" for w in why.values()) == int(share * left + 0.5)
    assert all(item.answer in why for item in found if item.forced)
    assert all(item.forced == why[item.answer] for item in found if why.get(item.answer) in (MARK, REOPENED))


@calm
@given(st.lists(st.integers(1, 10**6), unique=True, min_size=8, max_size=40), leasts)
def test_a_dislike_changes_nothing_in_the_lot_of_a_body(answers, least):
    plain, forced = ([Item(n, 1, why) for n in answers] for why in ("", MARK))
    by_lot = [[item.answer for item, w in lot(rows, seed="s", least=least, share=0.2) if w in ("lot", "share")] for rows in (plain, forced)]
    assert by_lot[0] == by_lot[1]


def test_over_many_seeds_no_answer_of_a_body_is_favoured():
    rows = [Item(n, 1) for n in range(1, 21)]
    times = dict.fromkeys(range(1, 21), 0)
    for seed in range(2000):
        for item, _ in lot(rows, seed=str(seed), least=4, share=0):
            times[item.answer] += 1
    assert all(320 < n < 480 for n in times.values()), times  # 400 each on average, four deviations are 72


@calm
@given(weights)
def test_the_points_are_whole_and_a_hundred_together(found):
    points = worths(criteria_of(found))
    total = sum(found)
    assert sum(points) == 100
    assert all(abs(p - 100 * w / total) < 1 for p, w in zip(points, found, strict=True))


@calm
@given(weights, st.randoms(use_true_random=False))
def test_what_was_lost_explains_the_score(found, chance):
    checklist = checklist_of(found)
    told = {c.code: (chance.choice([OK, FAILED, NOT_APPLICABLE] if c.optional else [OK, FAILED]), "не так") for c in checklist.criteria}
    if all(verdict == NOT_APPLICABLE for verdict, _ in told.values()):
        with pytest.raises(Refused, match="хотя бы одно"):
            judge(checklist, told)
        return
    score, lines = judge(checklist, told)
    assert 0 <= score <= 100
    assert score + sum(line.lost for line in lines) == 100
    assert sum(line.worth for line in lines) == 100
    assert all((line.lost == line.worth) if line.verdict == FAILED else line.lost == 0 for line in lines)


@calm
@given(weights, st.randoms(use_true_random=False))
def test_one_more_failure_never_raises_the_score(found, chance):
    checklist = checklist_of(found)
    told = {c.code: (chance.choice([OK, FAILED]), "не так") for c in checklist.criteria}
    worse = told | {chance.choice(checklist.criteria).code: (FAILED, "не так")}
    assert judge(checklist, worse)[0] <= judge(checklist, told)[0]


def test_a_failure_without_a_remark_is_refused():
    with pytest.raises(Refused, match="напишите, что не так"):
        judge(checklist_of([1, 2]), {"c0": (FAILED, "  ")})


def test_what_must_be_judged_cannot_be_left_out():
    with pytest.raises(Refused, match="отметьте, выполнено или нет"):
        judge(checklist_of([1, 2]), {"c1": (NOT_APPLICABLE, "")})


def test_the_regions_checklist_is_dated_and_adds_up(settings):
    checklist = quality.checklist_on(date(2026, 11, 20))
    assert checklist == quality.checklist_on(date(2020, 1, 1)) == quality.checklist_by("2026-11")
    assert sum(worths(checklist.criteria)) == 100
    assert any(one.optional for one in checklist.criteria)


def test_the_version_of_the_day_holds(settings, tmp_path, monkeypatch):
    shipped = json.loads((regions.default_root() / "chelyabinsk" / "quality.json").read_text(encoding="utf-8"))["versions"][0]
    later = shipped | {"code": "2027-01", "from_date": "2027-01-01"}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "quality.json").write_text(json.dumps({"versions": [later, shipped]}), encoding="utf-8")
    monkeypatch.setattr(regions, "default_root", lambda: tmp_path)
    settings.REGION = "other"
    assert [quality.checklist_on(day).code for day in (date(2026, 12, 31), date(2027, 1, 1))] == ["2026-11", "2027-01"]
    settings.REGION = "without"
    assert quality.checklist_on(date(2026, 12, 31)) is None
    quality._read.cache_clear()


@pytest.mark.parametrize(
    "change",
    [{"criteria": []}, {"sample": {"least": 0, "share": 0.1}}, {"sample": {"least": 1, "share": 1.5}},
     {"criteria": [{"code": "a", "title": "А", "words": "", "weight": 0}]}],
)  # fmt: skip
def test_a_checklist_that_cannot_be_right_is_refused(change):
    shipped = json.loads((regions.default_root() / "chelyabinsk" / "quality.json").read_text(encoding="utf-8"))["versions"][0]
    with pytest.raises(ValueError, match=r"вес больше нуля|доля выборки"):
        quality.checklist_from(shipped | change)


def test_a_draw_of_a_big_week_is_quick():
    chance = random.Random(1)
    rows = [Item(n, chance.randrange(400)) for n in range(10_000)]
    assert len(lot(rows, seed="s", least=3, share=0.05)) > 1000
