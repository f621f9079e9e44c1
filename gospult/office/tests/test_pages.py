from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.exchange.models import Card, Wall
from gospult.monitoring import actions as monitoring
from gospult.monitoring.models import Finding, PageMonth, Post, Snapshot
from gospult.office import actions
from gospult.office.queries.pages import bars
from gospult.office.queries.scoring import standings
from gospult.registry.models import Territory
from gospult.registry.testing import make_ogrn, make_page, make_territory
from gospult.scores.actions import count_scores
from gospult.scores.models import OfficialScore, Score

pytestmark = pytest.mark.django_db
FORM = "https://pos.gosuslugi.ru/form/?opaId=1&utm_me%20dium=75&utm_source=vk&utm_campaign={}"


@pytest.fixture
def known(page, body):
    """A page with a card, a wall with posts, an export and months."""
    body.ogrn = make_ogrn(5)
    body.save(update_fields=["ogrn"])
    now = timezone.now()
    raw = {"description": "Пишите нам", "photo_200": "x", "menu": {"items": [{"title": "ПОС", "url": FORM.format(make_ogrn(5))}]}}
    Card.objects.create(page=page, name=page.name, handle=page.handle, members=1200, closed=True, read_at=now, tried_at=now, raw=raw)
    Wall.objects.create(page=page, read_at=now, tried_at=now, seen_since=Wall.EVER)
    for number in range(3):
        Post.objects.create(page=page, external_id=str(number), published_at=now - timedelta(hours=number), views=1500, likes=None)
    Snapshot.objects.create(page=page, source="export", date=now.date(), has_mark=True, design=85)
    monitoring.take_cards()
    monitoring.notice()
    actions.count_months()
    return page


def card_of(client, person, page, **data):
    client.force_login(person)
    return client.get(reverse("office:page_card", args=[page.pk]), data)


def test_the_card_tells_everything_of_a_page_with_its_source(client, operator, known):
    text = card_of(client, operator, known).content.decode()
    assert "закрыта в сети" in text
    assert "Пробел внутри имени параметра: utm_medium." in text
    assert f"opaId=1&amp;utm_source=vk&amp;utm_medium=75&amp;utm_campaign={make_ogrn(5)}" in text
    assert "1\u00a0200" in text
    assert "Подтвердить госметку" in text
    assert "<svg" in text


def test_a_page_of_which_nothing_is_known_says_so(client, operator):
    text = card_of(client, operator, make_page()).content.decode()
    assert "Карточку этой страницы сеть ещё не показывала" in text
    assert "Чек-лист появится" in text


def test_the_steward_sees_his_card_and_confirms_nothing(client, steward, known):
    assert "Подтвердить госметку" not in card_of(client, steward, known).content.decode()
    assert client.post(reverse("office:page_confirm", args=[known.pk]), {"day": "2026-11-01", "has_mark": "yes"}).status_code == 404


def test_a_stranger_meets_neither_card_nor_findings(client, stranger, known):
    assert card_of(client, stranger, known).status_code == 404
    found = Finding.objects.first()
    assert client.post(reverse("office:finding_decide", args=[found.pk]), {"confirm": "1"}).status_code == 404
    assert client.post(reverse("office:page_confirm", args=[known.pk])).status_code == 404
    listed = client.get(reverse("office:findings"))
    assert listed.status_code == 404 or known.name not in listed.content.decode()


def test_a_steward_has_no_list_of_findings(client, steward):
    client.force_login(steward)
    assert client.get(reverse("office:findings")).status_code == 404


def test_a_person_confirms_the_mark(client, operator, known):
    client.force_login(operator)
    day = timezone.localdate() - timedelta(days=1)
    client.post(reverse("office:page_confirm", args=[known.pk]), {"day": day.isoformat(), "has_mark": "yes", "connected": ""})
    assert list(Snapshot.objects.filter(source="person").values_list("date", "has_mark", "connected")) == [(day, True, None)]
    told = client.post(reverse("office:page_confirm", args=[known.pk]), {"day": "вчера"}, follow=True).content.decode()
    assert "Дату напишите так" in told


def test_findings_are_listed_by_kind_and_decided_by_one_press(client, operator, known):
    client.force_login(operator)
    address = reverse("office:findings")
    assert known.name in client.get(address, {"kind": "closed"}).content.decode()
    assert known.name not in client.get(address, {"kind": "gone"}).content.decode()
    found = Finding.objects.get(kind="closed")
    back = client.post(reverse("office:finding_decide", args=[found.pk]), {"reason": "Так и должно быть", "back": f"{address}?kind=closed"})
    assert back.url == f"{address}?kind=closed"
    assert Finding.objects.get(kind="closed").state == "dismissed"
    assert "Так и должно быть" in client.get(address, {"state": "dismissed"}).content.decode()
    client.post(reverse("office:finding_decide", args=[found.pk]), {"again": "1", "back": "https://example.org/"})
    client.post(reverse("office:finding_decide", args=[found.pk]), {"confirm": "1"})
    assert Finding.objects.get(kind="closed").state == "confirmed"


def test_bars_begin_at_zero_and_what_nobody_saw_is_no_bar():
    months = [PageMonth(month=date(2026, 11, 1), posts=4), PageMonth(month=date(2026, 10, 1), posts=None)]
    first, second = bars(months)
    assert (first.value, first.height, first.name, second.value, second.height) == (None, 0, "окт", 4, 80)


@pytest.fixture
def scored(known, body):
    """The page's month counted by all methods, its municipality with a published result."""
    place = make_territory(name="Примерный район")
    body.territory = place
    body.save(update_fields=["territory"])
    month = timezone.localdate().replace(day=1)
    count_scores(method="traffic-light", month=month, by=None)
    OfficialScore.objects.create(method="chelyabinsk-61-2026", month=month, territory=place, total=Decimal("80.07"))
    return known


def test_the_card_shows_scores_and_what_mending_gives(client, operator, scored):
    text = card_of(client, operator, scored).content.decode()
    assert reverse("scores:page", args=[scored.pk]) in text
    assert "Что исправить на странице" in text
    assert "80,07" in text
    assert [one.whose for one in standings(operator, scored)][:1] == ["Эта страница"]


def test_an_old_official_result_does_not_hide_our_newer_score(operator, scored):
    place, month = Territory.objects.get(name="Примерный район"), timezone.localdate().replace(day=1)
    before, method = (month - timedelta(days=1)).replace(day=1), "chelyabinsk-61-2026"
    OfficialScore.objects.update(month=before)
    Score.objects.create(method=method, month=month, territory=place, total=Decimal("91.5"), kind="computed")
    lines = [one for one in standings(operator, scored) if one.whose == place.name and one.link.query["method"] == method]
    assert [(one.month, one.total, one.official) for one in lines] == [(month, Decimal("91.5"), None), (before, None, Decimal("80.07"))]
    assert [one.link.query["month"] for one in lines] == [f"{month:%Y-%m}", f"{before:%Y-%m}"]
    OfficialScore.objects.update(month=month)
    lines = [one for one in standings(operator, scored) if one.whose == place.name and one.link.query["method"] == method]
    assert [(one.month, one.total, one.official) for one in lines] == [(month, Decimal("91.5"), Decimal("80.07"))]


def test_weeks_that_nobody_saw_are_no_weeks_with_the_norm(client, operator, known):
    weeks = [[f"2026-10-{day:02}", None, 7, 3] for day in (5, 12, 19, 26)]
    month = PageMonth.objects.filter(page=known).first()
    month.weeks = weeks
    month.save(update_fields=["weeks"])
    assert "0 из 4" not in card_of(client, operator, known).content.decode()
    month.weeks = [weeks[0], *([day, posts, 7, 3] for (day, *_), posts in zip(weeks[1:], (5, 1, 0), strict=True))]
    month.save(update_fields=["weeks"])
    assert "2 из 3" in card_of(client, operator, known).content.decode()


def test_a_score_that_was_not_counted_is_no_zero(client, operator):
    found = standings(operator, make_page())
    assert [(one.month, one.total, one.official) for one in found] == [(None, None, None)]
    assert "ещё не считали" in card_of(client, operator, make_page()).content.decode()


def test_an_official_result_of_a_place_that_is_not_his_is_not_shown_to_the_steward(client, steward, scored):
    assert "80,07" not in card_of(client, steward, scored).content.decode()
    assert {one.whose for one in standings(steward, scored)} == {"Эта страница"}
