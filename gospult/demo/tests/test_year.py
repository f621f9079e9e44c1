from datetime import date, timedelta

import pytest
from django.utils import timezone

from gospult.demo.fill import fill
from gospult.demo.register import YOUNG, fate
from gospult.demo.year import live_a_year
from gospult.monitoring.models import Finding, PageMonth, Post, Snapshot
from gospult.office import actions as office
from gospult.registry.models import Body, Page, RegistryImport
from gospult.scores.models import OfficialScore, Score

pytestmark = pytest.mark.django_db


def active(month: date) -> float:
    """Share of the pages with a norm that met it in every whole week."""
    rows = list(PageMonth.objects.filter(month=month, weeks_due__gt=0, weeks_unseen=0))
    return sum(not row.weeks_missed for row in rows) / len(rows)


def test_the_demos_year_has_something_to_say_and_is_written_once():
    fill()
    office.count_months()  # the worker is quicker with its two months
    live_a_year(say=lambda text: None)
    this = timezone.localdate().replace(day=1)
    last, then = (this - timedelta(days=1)).replace(day=1), (this - timedelta(days=364)).replace(day=1)
    pages = Page.objects.filter(is_demo=True).count()
    assert pages > 330
    assert Body.objects.present().without_page().count() in range(5, 25)
    assert Snapshot.objects.filter(source="export").values("date").distinct().count() == RegistryImport.objects.count() == 6
    assert PageMonth.objects.filter(month=last, members__isnull=False).count() == pages
    assert PageMonth.objects.filter(month=then, members__isnull=False).count() < 0.75 * pages
    assert active(last) > 0.75 > active(then)
    assert PageMonth.objects.filter(month=last.replace(year=last.year - 1)).exists()
    assert Score.objects.filter(month=last, total__isnull=False).exists()
    assert Finding.objects.filter(kind="jump").exists()
    widgets = list(PageMonth.objects.filter(month=this, page__network="vk").values_list("widgets", flat=True))
    assert 0.8 < sum(one == 2 for one in widgets) / len(widgets) < 1
    official = OfficialScore.objects.filter(month=last)
    assert official.count() > 20
    assert all("вымышлены" in one.source for one in official)
    ours = dict(Score.objects.filter(month=last, territory__isnull=False, method=official[0].method).values_list("territory", "total"))
    assert {one.total == ours[one.territory_id] for one in official.filter(method=official[0].method)} == {True, False}
    before = Post.objects.count(), Snapshot.objects.count(), PageMonth.objects.count()
    live_a_year(say=lambda text: None)
    assert (Post.objects.count(), Snapshot.objects.count(), PageMonth.objects.count()) == before


def test_young_pages_are_a_third_and_the_same_every_day():
    lots = [fate(f"Школа № {number}") for number in range(500)]
    assert 0.3 < sum(lot < YOUNG for lot in lots) / 500 < 0.4
    assert fate("Школа № 901") == fate("Школа № 901")
