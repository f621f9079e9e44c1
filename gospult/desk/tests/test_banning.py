from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.models import Appeal, Ban
from gospult.desk.testing import make_message, make_topic
from gospult.exchange.models import Deed
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_person

pytestmark = pytest.mark.django_db
POSTS = ["ban_propose", "ban_confirm", "ban_decline", "ban_by_hand", "ban_again", "ban_lift", "appeal", "appeal_decide"]


@pytest.fixture
def hiding(page, operator):
    make_topic()
    make_connection(page, tokens={"community": "token", "user": "user"})
    said = make_message(page, "Такие-то слова про соседей", author_id="4711")
    return actions.hide(message=said, ground="swearing", by=operator)


@pytest.fixture
def second():
    return make_person(role="operator")


@pytest.fixture
def third():
    return make_person(role="operator")


@pytest.fixture
def ban(hiding, operator):
    return actions.propose_ban(hiding=hiding, days=3, by=operator)


@pytest.fixture
def in_force(ban, second):
    actions.confirm_ban(ban=ban, by=second)
    carry_out(ban.deed)
    ban.refresh_from_db()
    return ban


def carry_out(deed, state="done"):
    told = {"proof": "answer", "done_at": timezone.now()} if state == "done" else {"needs_person": True, "error": "Нет прав"}
    Deed.objects.filter(pk=deed.pk).update(state=state, **told)
    actions.settle_deeds()


def now(row):
    row.refresh_from_db()
    return row.state


def test_two_persons_close_the_access_for_a_term(ban, operator, second):
    with pytest.raises(Refused, match="решают двое"):
        actions.confirm_ban(ban=ban, by=operator)
    assert not Deed.objects.filter(what="ban").exists()
    actions.confirm_ban(ban=ban, by=second)
    carry_out(ban.deed)
    assert now(ban) == "in_force"
    assert ban.deed.until == ban.until
    assert abs(ban.until - timezone.now() - timedelta(days=3)) < timedelta(minutes=1)


def test_the_database_itself_wants_two_persons_and_an_end(ban, operator):
    for wrong in ({"decided_by": operator, "state": "by_hand", "until": timezone.now()}, {"state": "in_force"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ban.objects.filter(pk=ban.pk).update(**wrong)


@pytest.mark.parametrize("days", [0, 365, -1, 2])
def test_there_is_no_ban_without_a_term_of_the_list(hiding, operator, days):
    with pytest.raises(Refused, match="Без срока доступ не закрывают"):
        actions.propose_ban(hiding=hiding, days=days, by=operator)


def test_a_ground_that_closes_nothing_closes_nothing(page, hiding, operator):
    said = make_message(page, "Чужой телефон такой-то", author_id="4712", thread_id="w8_8")
    other = actions.hide(message=said, ground="personal_data", by=operator)
    with pytest.raises(Refused, match="на основании, которое это разрешает"):
        actions.propose_ban(hiding=other, days=3, by=operator)


def test_one_person_has_one_ban_on_a_page(ban, hiding, operator):
    with pytest.raises(Refused, match="уже закрыт или предложено"):
        actions.propose_ban(hiding=hiding, days=3, by=operator)


def test_the_access_opens_by_itself_and_nobody_is_remembered(in_force):
    Ban.objects.update(until=timezone.now() - timedelta(minutes=1))
    actions.lift_due()
    in_force.refresh_from_db()
    assert (in_force.state, in_force.undo.what) == ("lifting", "unban")
    carry_out(in_force.undo)
    actions.forget_bans()
    assert (now(in_force), in_force.person, in_force.over_as) == ("over", "", "term")
    assert set(Deed.objects.filter(what__in=["ban", "unban"]).values_list("person", flat=True)) == {""}


def test_after_the_term_a_refusal_to_lift_means_that_the_network_has_lifted_itself(in_force):
    Ban.objects.update(until=timezone.now() - timedelta(minutes=1))
    actions.lift_due()
    in_force.refresh_from_db()
    carry_out(in_force.undo, "failed")
    assert now(in_force) == "over"


def test_before_the_term_a_refusal_goes_to_a_person(in_force, operator):
    actions.lift_ban(ban=in_force, by=operator)
    carry_out(in_force.undo, "failed")
    assert now(in_force) == "lift_by_hand"
    actions.ban_by_hand(ban=in_force, by=operator)
    assert now(in_force) == "over"


def test_a_proposal_that_nobody_decides_falls_and_is_forgotten(ban):
    Ban.objects.update(proposed_at=timezone.now() - timedelta(days=4))
    actions.lift_due()
    actions.forget_bans()
    assert (now(ban), ban.person) == ("declined", "")


def test_the_journal_knows_no_person(in_force):
    assert not [line for line in Journal.objects.all() if "4711" in str(line.data)]


def test_where_the_page_cannot_a_person_does_it(page, operator, second):
    make_connection(page)
    said = make_message(page, "Такие-то слова", author_id="4713")
    row = actions.propose_ban(hiding=actions.hide(message=said, ground="swearing", by=operator), days=1, by=operator)
    actions.confirm_ban(ban=row, by=second)
    assert now(row) == "by_hand"
    actions.ban_by_hand(ban=row, by=second)
    Ban.objects.update(until=timezone.now() - timedelta(minutes=1))
    actions.lift_due()
    assert now(row) == "lift_by_hand"


def test_an_appeal_is_decided_by_somebody_who_took_no_part(in_force, hiding, operator, second, third):
    appeal = actions.record_appeal(hiding=hiding, said="ругался не он", by=operator)
    for somebody in (operator, second):
        with pytest.raises(Refused, match="не участвовал"):
            actions.decide_appeal(appeal=appeal, granted=True, why="верно", by=somebody)
    actions.decide_appeal(appeal=appeal, granted=True, why="перепутали", by=third)
    appeal.refresh_from_db()
    assert (now(in_force), in_force.over_as, appeal.granted) == ("lifting", "appeal", True)


def test_a_granted_appeal_puts_the_comment_back(hiding, operator, third):
    carry_out(hiding.deed)
    appeal = actions.record_appeal(hiding=hiding, said="это не брань", by=operator)
    actions.decide_appeal(appeal=appeal, granted=True, why="слово не бранное", by=third)
    assert now(hiding) == "returning"


def test_a_refused_appeal_needs_a_reason_and_leaves_all_as_it_is(in_force, hiding, operator, third):
    appeal = actions.record_appeal(hiding=hiding, said="не согласен", by=operator)
    with pytest.raises(Refused, match="почему решение такое"):
        actions.decide_appeal(appeal=appeal, granted=False, why="", by=third)
    actions.decide_appeal(appeal=appeal, granted=False, why="брань есть", by=third)
    assert now(in_force) == "in_force"


def test_two_appeals_at_once_are_one(hiding, operator):
    carry_out(hiding.deed)
    actions.record_appeal(hiding=hiding, said="не согласен", by=operator)
    with pytest.raises(Refused, match="уже записано"):
        actions.record_appeal(hiding=hiding, said="не согласен", by=operator)


def test_what_was_said_in_an_appeal_is_forgotten_by_the_term(hiding, operator, third):
    carry_out(hiding.deed)
    appeal = actions.record_appeal(hiding=hiding, said="не согласен", by=operator)
    actions.decide_appeal(appeal=appeal, granted=False, why="брань есть", by=third)
    Appeal.objects.update(decided_at=timezone.now() - timedelta(days=4000))
    actions.forget_appeals()
    appeal.refresh_from_db()
    assert (appeal.said, appeal.granted) == ("", False)


@pytest.mark.parametrize("name", POSTS)
def test_stranger_gets_404_and_nothing_happens(client, stranger, hiding, name):
    client.force_login(stranger)
    response = client.post(reverse(f"desk:{name}", args=[hiding.case.number]), {"hiding": hiding.pk, "days": 3})
    assert (response.status_code, Ban.objects.count()) == (404, 0)


def test_the_screen_proposes_and_another_person_agrees(client, operator, second, hiding):
    number = hiding.case.number
    client.force_login(operator)
    client.post(reverse("desk:ban_propose", args=[number]), {"hiding": hiding.pk, "days": 7, "note": "третий раз"})
    ban = Ban.objects.get()
    assert "Согласиться и закрыть доступ" not in client.get(reverse("desk:case", args=[number])).content.decode()
    client.force_login(second)
    assert "Согласиться и закрыть доступ" in client.get(reverse("desk:case", args=[number])).content.decode()
    client.post(reverse("desk:ban_confirm", args=[number]), {"ban": ban.pk})
    assert (now(ban), ban.decided_by) == ("asked", second)
