from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from gospult.exchange.models import Connection, Wall
from gospult.exchange.testing import make_connection
from gospult.lib.regions import RegionError
from gospult.monitoring import queries
from gospult.monitoring.models import Post
from gospult.monitoring.norms import DAYS_OFF, Facts, Norm, Seen, _read, monday, norm, rules, told
from gospult.registry.testing import make_page

WEEK = date(2026, 11, 2)
RULES = rules(WEEK)
SCHOOL = Facts(frozenset({"active"}), frozenset({"education"}))
HOSPITAL = Facts(frozenset({"active"}), frozenset({"health"}))
AUTUMN = {"school-holidays": {date(2026, 10, 30) + timedelta(days=n) for n in range(9)}}
BEGINS = datetime(2026, 11, 1, 19, tzinfo=UTC)


def test_an_active_page_owes_three_a_flagship_more_and_a_card_none():
    statuses = ("active", "flagship", "card", "not_counted", "")
    assert [norm(Facts(frozenset({name})), WEEK, {}, RULES).posts for name in statuses] == [3, 5, 0, 0, 3]


def test_a_page_of_several_bodies_owes_the_most_of_theirs():
    assert norm(Facts(frozenset({"card", "active"})), WEEK, {}, RULES).posts == 3


def test_school_holidays_lower_the_norm_of_schools_only_and_say_so():
    assert norm(SCHOOL, WEEK, AUTUMN, RULES) == Norm(1, "каникулы: норма 1")
    assert norm(HOSPITAL, WEEK, AUTUMN, RULES) == Norm(3)


def test_two_days_of_holidays_leave_the_norm_as_it_is():
    assert norm(SCHOOL, WEEK, {"school-holidays": {WEEK, WEEK + timedelta(days=1)}}, RULES).posts == 3


def test_a_week_that_is_mostly_off_lowers_the_norm_of_everybody():
    off = {DAYS_OFF: {date(2026, 1, day) for day in range(5, 10)}}
    assert norm(HOSPITAL, date(2026, 1, 5), off, RULES) == Norm(1, "праздничная неделя: норма 1")
    assert norm(HOSPITAL, WEEK, {DAYS_OFF: {date(2026, 11, 4)}}, RULES).posts == 3


def test_before_the_first_version_there_is_no_norm():
    assert rules(date(2024, 1, 1)) is None
    assert norm(SCHOOL, WEEK, {}, None).posts == 0


def test_a_region_without_the_file_has_no_norm_and_a_broken_file_is_named(settings, tmp_path, monkeypatch):
    from gospult.lib import regions

    monkeypatch.setattr(regions, "default_root", lambda: tmp_path)
    (tmp_path / "x").mkdir()
    assert _read("x") == ()
    (tmp_path / "y").mkdir()
    (tmp_path / "y/norms.json").write_text('{"versions": [{}]}')
    with pytest.raises(RegionError, match=r"norms\.json"):
        _read("y")


@pytest.mark.parametrize(
    ("rule", "seen", "words"),
    [
        (Norm(3), Seen(3, since=BEGINS), "3 из 3"),
        (Norm(1, "каникулы: норма 1"), Seen(1, since=BEGINS), "1 из 1; каникулы: норма 1"),
        (Norm(3), Seen(0, since=BEGINS), "0 из 3"),
        (Norm(3), Seen(1, 1), "не видно; через Госпульт 1 из 3"),
        (Norm(0, "нормы нет: визитка"), Seen(2, since=BEGINS), "2; нормы нет: визитка"),
    ],
)
def test_the_progress_explains_itself(rule, seen, words):
    assert told(rule, seen, BEGINS) == words


def test_a_page_connected_in_the_middle_of_the_week_says_from_when_it_is_seen():
    assert told(Norm(3), Seen(1, since=datetime(2026, 11, 4, 9, 30, tzinfo=UTC)), BEGINS) == "1 из 3; видно с ср 4 ноября, 09:30, раньше не видно"


def test_a_week_begins_on_monday():
    assert [monday(date(2026, 11, day)) for day in (2, 8, 9)] == [WEEK, WEEK, date(2026, 11, 9)]


def week_of(page):
    now = timezone.now()
    return queries.weeks_posts([page], {page.pk: now - timedelta(days=3)}, {page.pk: now + timedelta(days=4)})[page.pk]


def test_a_week_counts_what_stands_and_says_what_is_ours(page):
    make_connection(page)
    now = timezone.now()
    Wall.objects.create(page=page, read_at=now, tried_at=now)
    for number, (days, fields) in enumerate([(1, {}), (2, {"own": True}), (1, {"is_repost": True}), (1, {"gone_at": now}), (5, {})]):
        Post.objects.create(page=page, external_id=str(number), published_at=now - timedelta(days=days), **fields)
    seen = week_of(page)
    assert (seen.count, seen.ours, seen.since, seen.as_of) == (2, 1, queries.EVER, now)


def test_a_channel_that_cannot_be_read_is_seen_since_it_is_heard(body):
    page = make_page(network="telegram", external_id="-100783", body=body)
    make_connection(page, tokens={"bot": "783:x"})
    assert week_of(page).since is None
    asked = timezone.now() - timedelta(days=1)
    Connection.objects.update(hook="alive", subscribed_at=asked)
    assert week_of(page).since == asked


def test_a_page_that_is_neither_read_nor_heard_is_not_seen(body):
    page = make_page(network="ok", external_id="783", body=body)
    make_connection(page, tokens={"bot": "x"})
    Connection.objects.update(hook="alive")
    assert week_of(page).since is None
