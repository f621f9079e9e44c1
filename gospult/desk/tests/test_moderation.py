from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.desk import actions
from gospult.desk.models import Message
from gospult.desk.queries import moderation
from gospult.desk.testing import make_message, make_topic
from gospult.exchange.models import Card
from gospult.exchange.testing import make_connection

pytestmark = pytest.mark.django_db
PATH = "/moderation/"


@pytest.fixture
def hiding(page, operator):
    make_topic()
    make_connection(page)
    row = actions.hide(message=make_message(page, "Секретные слова Ковалёвой", author_name="Анна Ковалёва"), ground="swearing", by=operator)
    actions.hidden_by_hand(hiding=row, by=operator)
    return row


def shown(client, person, **address):
    client.force_login(person)
    return client.get(reverse("desk:moderation"), address).content.decode()


def test_anybody_reads_the_monthly_count_and_no_words_nor_names(client, hiding, operator):
    text = client.get(PATH).content.decode()
    assert "Скрыто комментариев: 1" in text
    assert hiding.page.name in text
    for secret in ("Секретные", "Ковал", str(operator), hiding.case.number):
        assert secret not in text


def test_a_month_holds_what_happened_in_it(hiding):
    month = moderation.month_of("")
    before = (month - timedelta(days=1)).replace(day=1)
    assert [moderation.open_count(m)["total"]["hidden"] for m in (month, before)] == [1, 0]


def test_what_was_given_back_and_appealed_is_counted(hiding, operator, administrator):
    appeal = actions.record_appeal(hiding=hiding, said="не согласен", by=operator)
    actions.decide_appeal(appeal=appeal, granted=True, why="верно", by=administrator)
    hiding.refresh_from_db()
    actions.returned_by_hand(hiding=hiding, by=operator)
    counted = moderation.open_count(moderation.month_of(""))
    assert counted["total"] == {"hidden": 1, "returned": 1, "banned": 0, "appeals": 1, "granted": 1}
    assert counted["grounds"] == [{"title": "Нецензурная брань", "hidden": 1, "banned": 0}]


@pytest.mark.parametrize("month", ["2026-13", "мусор", "9999-01", "\0"])
def test_a_strange_month_is_this_month(client, month):
    assert client.get(PATH, {"month": month}).status_code == 200


def test_an_empty_month_says_so(client, db):
    assert "ничего не скрывали" in client.get(PATH).content.decode()


def test_a_stranger_sees_nobody_elses_hidings(client, stranger, operator, hiding, curator):
    assert hiding.case.number in shown(client, operator)
    client.force_login(stranger)
    assert client.get(reverse("desk:moderation")).status_code == 403
    assert moderation.hidings(stranger, {}).count() == 0


def test_filters_narrow_the_list(client, operator, hiding):
    assert hiding.case.number in shown(client, operator, ground="swearing", network="vk")
    for wrong in ({"ground": "fraud"}, {"second": "1"}, {"network": "ok"}, {"state": "asked"}):
        assert hiding.case.number not in shown(client, operator, **wrong)


@pytest.mark.parametrize("tab", ["hidden", "bans", "appeals", "closed", "deletions", "мусор"])
def test_every_tab_opens_empty(client, operator, tab):
    assert "Модерация" in shown(client, operator, tab=tab)


def test_closed_comments_are_shown_with_the_day_they_were_seen_closed(client, operator, stranger, page):
    since = timezone.now() - timedelta(days=3)
    Card.objects.create(page=page, comments_open=False, comments_closed_at=since, tried_at=timezone.now(), read_at=timezone.now())
    assert page.name in shown(client, operator, tab="closed")
    assert moderation.closed_pages(stranger, {}).count() == 0


def delete(page, authors):
    for number, author in enumerate(authors):
        make_message(page, f"Слова номер {number}", external_id=f"c70{number}", thread_id=f"w7_{number}", author_id=author)
    hour = timezone.now().replace(minute=5)
    Message.objects.filter(page=page).update(deleted_at=hour)


def test_many_comments_of_several_authors_deleted_in_an_hour_are_noticed(client, operator, stranger, page):
    make_topic()
    delete(page, ["1", "2", "3", "4", "5"])
    [found] = moderation.mass_deletions(operator, {})
    assert (found["number"], found["authors"]) == (5, 5)
    assert page.name in shown(client, operator, tab="deletions")
    assert not moderation.mass_deletions(stranger, {})


def test_one_who_deletes_his_own_words_is_no_moderation(operator, page):
    make_topic()
    delete(page, ["1"] * 6)
    assert not moderation.mass_deletions(operator, {})
