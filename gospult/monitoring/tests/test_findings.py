from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange.models import Card
from gospult.lib.errors import Refused
from gospult.monitoring import actions, queries
from gospult.monitoring.models import Finding, Post, Snapshot
from gospult.monitoring.noticing import SAYING, say, thresholds
from gospult.registry.testing import make_body, make_page, make_territory

pytestmark = pytest.mark.django_db


def card(page, **fields):
    now = timezone.now()
    return Card.objects.create(page=page, **{"name": page.name, "handle": page.handle, "read_at": now, "tried_at": now, **fields})


def days_of(page, members):
    today = timezone.localdate()
    Snapshot.objects.bulk_create(
        Snapshot(page=page, source="card", date=today - timedelta(days=len(members) - n), members=value, name=page.name)
        for n, value in enumerate(members, 1)
    )


def kinds(page=None):
    rows = Finding.objects.exclude(state="past")
    return sorted((rows.filter(page=page) if page else rows).values_list("kind", flat=True))


def test_a_page_that_is_gone_closed_or_renamed_is_noticed():
    gone, closed, renamed, quiet = (make_page() for _ in range(4))
    card(gone, gone=True)
    card(closed, closed=True, comments_open=False, comments_closed_at=timezone.now() - timedelta(days=5))
    card(renamed, handle="another_name")
    card(quiet, handle=quiet.handle.upper(), comments_open=False, comments_closed_at=timezone.now())
    actions.notice()
    assert (kinds(gone), kinds(closed), kinds(renamed), kinds(quiet)) == (["gone"], ["closed", "comments"], ["handle"], [])


def test_a_changed_name_and_an_unknown_number_are_noticed():
    page, unread = make_page(name="Было"), make_page(external_id=None)
    days_of(page, [10] * 3)
    card(page, name="Стало")
    actions.notice()
    assert (kinds(page), kinds(unread)) == (["name"], ["unknown"])
    assert say("name", Finding.objects.get(kind="name").evidence) == "Было «Было», стало «Стало»."


def test_a_page_whose_posts_fell_away_is_noticed_and_a_tidied_one_is_not():
    emptied, tidied = make_page(), make_page()
    now = timezone.now()
    for page, gone, standing in ((emptied, 12, 3), (tidied, 3, 30)):
        for number in range(gone + standing):
            at = now - timedelta(days=number)
            Post.objects.create(page=page, external_id=str(number), published_at=at, gone_at=now if number < gone else None)
    actions.notice()
    assert (kinds(emptied), kinds(tidied)) == (["emptied"], [])
    assert Finding.objects.get().evidence == {"days": 30, "gone": 12, "standing": 3}


def test_look_alikes_of_other_bodies_are_noticed_and_numbered_schools_are_not():
    town = make_territory()
    one, two, three, four = (make_body(territory=town) for _ in range(4))
    real = make_page(body=one, handle="bolnica_miass", name="Больница")
    fake = make_page(body=two, handle="bolnica_mias", name="Больница города")
    make_page(body=make_body(territory=town), handle="bolnica_mias1", name="Дом культуры")
    make_page(body=make_body(territory=town), handle="bolnic_miass", name="Дом творчества")
    make_page(body=three, handle="schoolmiass_11", name="Школа № 11")
    make_page(body=four, handle="schoolmiass_12", name="Школа № 12")
    actions.notice()
    assert {(row.page, row.other) for row in Finding.objects.all()} == {(real, fake), (fake, real)}


def test_a_second_page_of_a_body_in_the_same_network_is_a_twin():
    body = make_body()
    make_page(body=body, name="Первая")
    second = make_page(body=body, name="Вторая")
    make_page(body=body, network="ok")
    actions.notice()
    assert [(row.page, row.kind) for row in Finding.objects.all()] == [(second, "twin")]


def test_a_jump_of_subscribers_is_told_by_the_pages_own_days():
    still, lively = make_page(), make_page()
    days_of(still, [1000 + n for n in range(30)] + [1600])
    days_of(lively, [1000 + 90 * (n % 2) for n in range(31)])
    actions.notice()
    [found] = Finding.objects.all()
    assert (found.page, found.kind, found.evidence["was"], found.evidence["now"], found.evidence["usual"]) == (still, "jump", 1029, 1600, 1.0)
    assert "1029 → 1600" in say(found.kind, found.evidence)


def test_a_post_with_more_reactions_than_the_page_knows_is_noticed():
    page, now = make_page(), timezone.now()
    for number in range(20):
        figures = {"views": 1000, "likes": 20 + number % 3, "comments": 1, "reposts": 1}
        Post.objects.create(page=page, external_id=str(number), published_at=now - timedelta(days=number), **figures)
    Post.objects.create(page=page, external_id="odd", published_at=now, views=1000, likes=700, comments=0, reposts=0)
    actions.notice()
    assert [(row.kind, row.mark) for row in Finding.objects.all()] == [("engagement", "odd")]


def test_a_finding_closes_by_itself_and_comes_back_open():
    row = card(make_page(), closed=True)
    actions.notice()
    Card.objects.filter(pk=row.pk).update(closed=False)
    assert actions.notice() == 0
    assert Finding.objects.get().state == "past"
    Card.objects.filter(pk=row.pk).update(closed=True)
    actions.notice()
    assert Finding.objects.get().state == "open"


def test_a_person_decides_and_what_was_dismissed_is_not_asked_again(operator):
    card(make_page(), closed=True)
    actions.notice()
    found = Finding.objects.get()
    with pytest.raises(Refused, match="почему"):
        actions.decide(finding=found, confirmed=False, by=operator)
    actions.decide(finding=found, confirmed=False, reason="Так и должно быть", by=operator)
    actions.notice()
    found.refresh_from_db()
    assert (found.state, found.reason, found.decided_by) == ("dismissed", "Так и должно быть", operator)
    stale = Finding.objects.get()
    stale.state = "open"
    with pytest.raises(Refused, match="другом состоянии"):
        actions.decide(finding=stale, confirmed=True, by=operator)
    actions.reconsider(finding=found, by=operator)
    assert Finding.objects.get().state == "open"
    assert Journal.objects.filter(verb__startswith="monitoring.finding").count() == 2


def test_every_kind_has_its_words_and_the_region_its_thresholds(settings):
    assert set(Finding.Kind.values) == set(SAYING)
    assert thresholds()["jump"]["z"] == 8
    settings.REGION = "no-such-region"
    assert thresholds()["emptied"]["share"] == 0.5
    assert say("jump", {"was": 1}) == "was: 1"


def test_counts_and_rows_are_those_that_a_person_sees(operator, stranger, page):
    card(page, closed=True)
    card(make_page(), gone=True)
    actions.notice()
    assert {row["kind"]: row["count"] for row in queries.finding_counts(operator)} == {"gone": 1, "closed": 1}
    assert queries.finding_counts(stranger) == []
    [told] = queries.told_findings(operator, list(queries.findings(operator, kind="closed")))
    assert (told["may_decide"], told["text"]) == (True, "Страница закрыта: записи видят только принятые подписчики.")


def test_coverage_tells_how_much_was_read_and_how_old_it_is(operator, stranger):
    fresh, old, never = make_page(), make_page(), make_page()
    make_page(network="rutube")
    card(fresh, read_at=timezone.now() - timedelta(hours=26))
    card(old, read_at=timezone.now() - timedelta(days=9))
    vk, other, total = queries.coverage(operator)
    assert (vk.network, vk.pages, vk.got, vk.ever, vk.text) == ("vk", 3, 1, 2, "собрано 1 из 3, самое старое 26 ч")
    assert "только из реестра" in other.text
    assert (total.pages, total.got) == (3, 1)
    assert "ещё не собрано" in queries.coverage(operator, what="walls")[0].text
    assert [row.pages for row in queries.coverage(stranger)] == [0]
    assert never
