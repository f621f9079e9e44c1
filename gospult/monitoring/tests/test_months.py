from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as asked
from hypothesis import strategies as st

from gospult.exchange.models import Wall
from gospult.monitoring import actions
from gospult.monitoring.models import PageMonth, Post, Snapshot
from gospult.monitoring.months import Day, Sight, counted, month_before, next_month, weeks_of
from gospult.registry.models import Page
from gospult.registry.testing import make_body, make_page, make_territory

OCTOBER = date(2026, 10, 1)
CHELYABINSK = ZoneInfo("Asia/Yekaterinburg")
WHOLE = Sight(Wall.EVER, datetime(2030, 1, 1, tzinfo=UTC), CHELYABINSK)
figures = st.none() | st.integers(0, 500)
day_rows = st.builds(Day, st.integers(0, 5), st.integers(0, 3), st.integers(0, 2), figures, figures, figures, figures)
months = st.dates(date(2024, 1, 1), date(2027, 12, 1)).map(lambda day: day.replace(day=1))


def three(week):
    return 3


@given(months, st.data())
@asked(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_parts_add_up_to_the_month_and_weeks_cover_it(month, data):
    first, last = month - timedelta(days=8), next_month(month) + timedelta(days=8)
    days = data.draw(st.dictionaries(st.dates(first, last), day_rows, max_size=40))
    found = counted(month, days, WHOLE, three)
    assert sum(part[0] for part in found["parts"]) == found["posts"]
    for place, name in enumerate(("likes", "comments", "shares", "views"), 1):
        assert sum(part[place] or 0 for part in found["parts"]) == (found[name] or 0)
    assert sum(week[2] for week in found["weeks"]) == (next_month(month) - month).days
    assert sum(week[1] for week in found["weeks"]) >= found["posts"]
    assert set(found) == {"posts", "reposts", "placed", "views", "likes", "comments", "shares", "weeks", "parts"}
    assert month_before(next_month(month)) == month


def test_a_month_that_nobody_saw_is_null_and_one_without_posts_zero():
    unseen = counted(OCTOBER, {}, Sight(None, None, CHELYABINSK), three)
    assert (unseen["posts"], unseen["views"], unseen["parts"], {week[1] for week in unseen["weeks"]}) == (None, None, [], {None})
    later = Sight(datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC), CHELYABINSK)
    assert counted(OCTOBER, {}, later, three)["posts"] is None
    middle = Sight(datetime(2026, 10, 15, tzinfo=CHELYABINSK), datetime(2026, 11, 20, tzinfo=UTC), CHELYABINSK)
    partial = counted(OCTOBER, {date(2026, 10, 20): Day(4, likes=5)}, middle, three)
    assert (partial["posts"], partial["reposts"], partial["likes"], partial["parts"], partial["weeks"][3][1]) == (None, None, None, [], 4)
    edge = Sight(datetime(2026, 10, 1, tzinfo=CHELYABINSK), datetime(2026, 11, 20, tzinfo=UTC), CHELYABINSK)
    assert counted(OCTOBER, {date(2026, 10, 20): Day(4)}, edge, three)["posts"] == 4
    stopped = Sight(Wall.EVER, datetime(2026, 9, 20, tzinfo=UTC), CHELYABINSK)
    assert counted(OCTOBER, {}, stopped, three)["posts"] is None
    seen = counted(OCTOBER, {}, WHOLE, three)
    assert (seen["posts"], seen["views"], seen["parts"][0]) == (0, 0, [0, 0, 0, 0, 0])


def test_what_the_network_does_not_count_is_null_and_no_zero():
    found = counted(OCTOBER, {date(2026, 10, 3): Day(2, likes=5)}, WHOLE, three)
    assert (found["likes"], found["views"], found["parts"][0], found["parts"][1]) == (5, None, [2, 5, None, None, None], [0, 0, 0, 0, 0])


def test_a_week_that_was_not_seen_whole_is_no_debt_but_may_be_enough():
    sight = Sight(datetime(2026, 10, 7, tzinfo=CHELYABINSK), datetime(2026, 10, 23, tzinfo=CHELYABINSK), CHELYABINSK)
    days = {date(2026, 10, 8): Day(3), date(2026, 10, 13): Day(1), date(2026, 10, 20): Day(1)}
    weeks = {week[0]: week[1] for week in counted(OCTOBER, days, sight, three)["weeks"]}
    assert weeks == {"2026-09-28": None, "2026-10-05": 3, "2026-10-12": 1, "2026-10-19": None, "2026-10-26": None}


def test_weeks_of_a_month_begin_on_mondays():
    assert [week.day for week in weeks_of(date(2026, 2, 1))] == [26, 2, 9, 16, 23]
    assert [week.day for week in weeks_of(date(2027, 2, 1))] == [1, 8, 15, 22]


# With the database


def post(page, at, name=None, **fields):
    return Post.objects.create(page=page, external_id=name or f"{at.timestamp()}", published_at=at, read_at=at, **fields)


def seen(page, since=Wall.EVER, at=None):
    at = at or timezone.now()
    Wall.objects.update_or_create(page=page, defaults={"read_at": at, "tried_at": at, "seen_since": since})


def count(month=OCTOBER, **more):
    actions.count_months(months=[month], days={}, **more)
    return {row["page_id"]: row for row in PageMonth.objects.filter(month=month).values()}


def plain(rows):
    return {page: {name: value for name, value in row.items() if name not in ("counted_at", "id")} for page, row in rows.items()}


@pytest.mark.django_db
def test_a_month_counts_standing_posts_of_its_own_in_the_bodys_zone():
    page = make_page(body=make_body(territory=make_territory(time_zone="", parent=make_territory(time_zone="Asia/Yekaterinburg"))))
    seen(page)
    edge = datetime(2026, 9, 30, 20, 30, tzinfo=UTC)  # already October there
    post(page, edge, views=10, likes=1)
    post(page, edge - timedelta(hours=2), views=999)
    post(page, edge + timedelta(days=8), views=20, likes=None, is_pinned=True)
    post(page, edge + timedelta(days=9), is_repost=True, views=500)
    post(page, edge + timedelta(days=10), is_placed=True, is_repost=True, views=500)
    post(page, edge + timedelta(days=11), gone_at=timezone.now(), views=500)
    row = count()[page.pk]
    assert (row["posts"], row["reposts"], row["placed"], row["views"], row["likes"], row["comments"]) == (2, 1, 1, 30, 1, None)
    assert [part[0] for part in row["parts"]] == [1, 1, 0, 0, 0]
    assert row["weeks"][0] == ["2026-09-28", 2, 4, 3]  # the post of September is of the same week


@pytest.mark.django_db
def test_counting_again_and_counting_after_arrival_give_the_same_as_from_scratch():
    pages = [make_page(body=make_body()) for _ in range(4)]
    for number, page in enumerate(pages[:3]):
        seen(page)
        for day in range(0, 28, number + 1):
            post(page, datetime(2026, 10, 1 + day, 9, tzinfo=UTC), views=day * 10)
        if number == 1:
            count()
    step = plain(count())
    assert plain(count()) == step
    PageMonth.objects.all().delete()
    assert plain(count()) == step
    assert step[pages[0].pk]["posts"] == 28


@pytest.mark.django_db
def test_a_newer_card_makes_no_post_newer():
    stopped, cards_only, now = make_page(body=make_body()), make_page(body=make_body()), datetime(2026, 10, 30, 9, tzinfo=UTC)
    read_at = now - timedelta(days=20)
    seen(stopped, at=read_at)
    for page in (stopped, cards_only):
        Snapshot.objects.create(page=page, source="card", date=now.date(), at=now, members=5, gone=False, closed=False)
    rows = count()
    assert (rows[stopped.pk]["as_of"], rows[cards_only.pk]["as_of"]) == (read_at, now)


@pytest.mark.django_db
def test_a_month_takes_the_latest_that_was_told_by_its_end():
    page = make_page(body=make_body(status="active"), has_mark=True, facts_date=date(2026, 11, 20))
    told = {"page": page, "source": "export"}
    Snapshot.objects.create(**told, date=date(2026, 5, 31), has_mark=False, connected=True, design=80, widgets=1, status="card", members=70)
    Snapshot.objects.create(page=page, source="person", date=date(2026, 10, 5), has_mark=True)
    Snapshot.objects.create(**told, date=date(2026, 11, 2), has_mark=False, connected=False, status="flagship")
    for day, members, marks in ((date(2026, 9, 30), 90, {}), (date(2026, 10, 30), 100, {"cover": True})):
        Snapshot.objects.create(page=page, source="card", date=day, members=members, widgets=2, gone=False, closed=False, marks=marks)
    row = count()[page.pk]
    assert (row["has_mark"], row["connected"], row["design"], row["widgets"], row["status"]) == (True, True, 80, 2, "card")
    assert (row["members"], row["members_before"], row["marks"], row["alive"]) == (100, 90, {"cover": True}, True)
    may = count(date(2026, 5, 1))[page.pk]
    assert (may["widgets"], may["members"], may["members_before"], may["alive"], may["marks"], may["posts"]) == (1, 70, None, None, {}, None)


@pytest.mark.django_db
def test_a_page_that_was_not_known_yet_has_no_month_and_one_that_is_gone_is_not_alive():
    page, old = make_page(), make_page(state="archived")
    Snapshot.objects.create(page=old, source="card", date=date(2026, 10, 9), gone=True, at=timezone.now())
    Page.objects.update(created_at=datetime(2026, 11, 5, tzinfo=UTC))
    rows = count()
    assert set(rows) == {old.pk}
    assert rows[old.pk]["alive"] is False
    assert set(count(date(2026, 11, 1))) == {page.pk}


@pytest.mark.django_db
def test_the_current_and_the_previous_month_are_counted_by_themselves(page):
    Page.objects.update(created_at=timezone.now() - timedelta(days=90))
    assert actions.count_months(days={}) == 2
    assert PageMonth.objects.count() == 2
