import random
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from django.db import connection, transaction

from gospult.monitoring.models import PageMonth
from gospult.registry.testing import make_page
from gospult.reports.periods import months_back, period
from gospult.reports.queries import Asked
from gospult.reports.queries.pages import _counted, by_month, page_facts, summed
from gospult.reports.testing import make_month, month_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)
MONTHS = months_back(date(2026, 10, 1), 13)
OCTOBER = Asked(period("month", TODAY, MONTHS[-1]))


def counted():
    return _counted(OCTOBER, MONTHS, "m.month")


def drawn(dice):
    """Fields of a month as months come: figures missing one by one, weeks missed, unseen and without a norm."""
    each_week = dice.choice((None, 0, 2, 3, 7))
    known = {name: dice.choice((None, 0, dice.randrange(1, 5000))) for name in ("members", "views", "likes", "comments", "shares")}
    as_of = dice.choice((None, datetime(2026, 11, dice.randrange(1, 28), tzinfo=UTC)))
    return known | {"each_week": each_week, "norm": dice.choice((0, 3)), "as_of": as_of} if as_of else known | {"each_week": each_week}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_is_what_counting_anew_gives(seed):
    dice = random.Random(seed)
    pages = [make_page() for _ in range(6)]
    PageMonth.objects.bulk_create([month_of(page, month, **drawn(dice)) for page in pages for month in MONTHS if dice.random() < 0.8])
    assert by_month(OCTOBER, MONTHS) == counted()
    for row in dice.sample(list(PageMonth.objects.all()), 12):
        if dice.random() < 0.3:
            row.delete()
            continue
        for name in dice.sample(("members", "posts", "views", "likes"), 2):
            setattr(row, name, dice.choice((None, 3, 40)))
        row.save(update_fields=["members", "posts", "views", "likes"])
        assert by_month(OCTOBER, MONTHS) == counted()
    PageMonth.objects.filter(page=pages[0]).delete()
    PageMonth.objects.filter(month__lt=MONTHS[6]).update(members=None, posts=None)
    assert by_month(OCTOBER, MONTHS) == counted()
    assert by_month(OCTOBER, MONTHS)[MONTHS[-1]] == summed(page_facts(OCTOBER))


def test_a_late_change_of_a_month_is_seen():
    row = make_month(make_page(), MONTHS[0], members=100)
    assert by_month(OCTOBER, MONTHS)[MONTHS[0]].members == 100
    PageMonth.objects.filter(pk=row.pk).update(members=250)
    assert by_month(OCTOBER, MONTHS)[MONTHS[0]].members == 250


def test_a_month_that_moves_leaves_the_one_where_it_was():
    row = make_month(make_page(), MONTHS[0])
    PageMonth.objects.filter(pk=row.pk).update(month=MONTHS[1])
    assert set(by_month(OCTOBER, MONTHS)) == {MONTHS[1]}


def test_a_month_of_which_nothing_is_known_any_more_is_no_zero():
    make_month(make_page(), MONTHS[0], each_week=None, members=5).delete()
    make_month(make_page(), MONTHS[1], each_week=None, members=None)
    assert by_month(OCTOBER, MONTHS) == counted() == {}


def test_a_trend_of_everything_reads_no_page():
    with connection.execute_wrapper(_refuse_pages):
        assert by_month(OCTOBER, MONTHS) == {}


@pytest.mark.django_db(transaction=True)
def test_two_that_write_one_month_at_once_are_both_counted():
    make_month(make_page(), MONTHS[0])
    pages, other = [make_page(), make_page()], None
    with transaction.atomic():
        make_month(pages[0], MONTHS[0])
        other = Thread(target=_write, args=(pages[1],))
        other.start()
        other.join(0.5)
        assert other.is_alive()  # it waits at the row of the month
    other.join(10)
    assert by_month(OCTOBER, MONTHS)[MONTHS[0]].pages == 3
    assert by_month(OCTOBER, MONTHS) == counted()


def _write(page):
    make_month(page, MONTHS[0])
    connection.close()


def _refuse_pages(execute, sql, params, many, context):
    assert "monitoring_pagemonth" not in sql
    return execute(sql, params, many, context)
