"""Approval: how many people an answer needs, who they are, and how long they have."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.alerts.models import Alert
from gospult.desk import actions, queries
from gospult.desk.models import Answer, ApprovalPolicy, Case, Topic
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_topic
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib import regions
from gospult.lib.errors import Refused
from gospult.registry.models import BodySphere
from gospult.registry.testing import make_person, make_sphere

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(page, body, operator) -> Case:
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator)


@pytest.fixture
def head(db):
    return make_person(role=Role.HEAD, username="head", last_name="Главный")


def policy(approvers: int, by, **fields) -> ApprovalPolicy:
    return actions.set_policy(title=f"Правило {approvers}", approvers=approvers, by=by, **fields)


def waiting(case: Case, by) -> Answer:
    actions.submit(answer=make_answer(case, by=by), by=by)
    return fresh(case)


def fresh(case: Case) -> Answer:
    return Answer.objects.select_related("case").get(case=case)


def test_without_a_policy_one_look_is_enough_even_of_the_writer(case, operator):
    assert queries.needs_approval(make_answer(case, by=operator)) == 1
    assert actions.send(answer=fresh(case), by=operator).state == "approved"


def test_a_policy_fits_by_topic_group_urgency_danger_sphere_mass_and_promise(case, body, operator):
    topic, sphere = make_topic(), make_sphere()
    far = timezone.localdate() + timedelta(days=60)
    answer = make_answer(case, by=operator)
    fits = {
        "topic": ({"topic": topic}, lambda: Case.objects.update(topic=topic)),
        "group": ({"group_code": topic.group_code}, lambda: Case.objects.update(topic=topic)),
        "urgent": ({"urgent": True}, lambda: Case.objects.update(urgent=True)),
        "danger": ({"danger": True}, lambda: Case.objects.update(danger=True)),
        "mass": ({"mass_from": 5}, lambda: Case.objects.update(message_count=5)),
        "sphere": ({"sphere": sphere}, lambda: BodySphere.objects.create(body=body, sphere=sphere, position=1)),
        "norm": ({"beyond_norm": True}, lambda: Answer.objects.update(kind="interim", promised_date=far)),
    }
    for fields, happen in fits.values():
        ApprovalPolicy.objects.all().delete()
        Case.objects.update(topic=None)
        policy(2, operator, **fields)
        assert queries.needs_approval(fresh(case)) == 1, fields
        happen()
        assert queries.needs_approval(fresh(case)) == 2, fields
    assert answer.pk


def test_of_several_policies_the_strictest_counts(case, operator):
    policy(0, operator)
    policy(2, operator)
    policy(1, operator)
    assert queries.needs_approval(make_answer(case, by=operator)) == 2


def test_two_different_persons_approve_and_neither_is_the_author(case, executor, operator, curator):
    policy(2, operator)
    answer = waiting(case, operator)
    with pytest.raises(Refused, match="Свой ответ согласовать нельзя"):
        actions.approve(answer=answer, by=operator)
    assert actions.approve(answer=fresh(case), by=curator).state == "checked"
    assert not Outgoing.objects.exists()
    with pytest.raises(Refused, match="второй раз нужен другой человек"):
        actions.approve(answer=fresh(case), by=curator)
    head = make_person(role=Role.HEAD)
    assert actions.approve(answer=fresh(case), by=head).state == "approved"
    assert Outgoing.objects.count() == 1


def test_what_goes_back_to_draft_is_approved_anew(case, operator, curator):
    policy(2, operator)
    answer = waiting(case, operator)
    actions.approve(answer=answer, by=curator)
    actions.return_draft(answer=fresh(case), why="добавьте дату", by=curator)
    answer = fresh(case)
    assert (answer.approved_times, answer.approve_by, answer.approvals.count()) == (0, None, 0)


def test_the_named_approver_comes_first_and_the_substitute_while_he_is_away(case, operator, curator, head):
    row = policy(1, operator, approver=head, substitute=curator)
    answer = waiting(case, operator)
    with pytest.raises(Refused, match="Первым этот ответ согласует"):
        actions.approve(answer=answer, by=curator)
    actions.set_away(policy=row, since=timezone.localdate(), until=None, by=operator)
    with pytest.raises(Refused, match="Первым этот ответ согласует"):
        actions.approve(answer=fresh(case), by=head)
    assert actions.approve(answer=fresh(case), by=curator).state == "approved"


def test_the_approver_has_working_hours_and_a_late_one_is_a_view_of_the_queue(case, operator):
    policy(1, operator, hours=2)
    answer = waiting(case, operator)
    _, calendar = queries.deadlines_for(case)
    assert calendar.worked(timezone.now(), answer.approve_by) <= timedelta(hours=2)
    assert queries.counts(operator)["approve_late"] == 0
    Answer.objects.update(approve_by=timezone.now() - timedelta(minutes=1))
    assert queries.counts(operator)["approve_late"] == 1
    assert list(queries.queue(operator, "approve_late")) == [case]


def test_of_two_who_approve_one_step_one_is_refused_and_one_line_is_written(case, operator, curator, head):
    policy(2, operator)
    waiting(case, operator)
    one, two = fresh(case), fresh(case)
    actions.approve(answer=one, by=curator)
    with pytest.raises(Refused, match="только что изменил"):
        actions.approve(answer=two, by=head)
    assert [row.by for row in Journal.objects.filter(verb="answer_signed")] == [curator]
    with pytest.raises(IntegrityError), transaction.atomic():
        one.approvals.create(by=curator)


def test_the_next_approver_is_told_once_and_again_when_his_time_is_over(case, operator, head):
    policy(1, operator, approver=head)
    waiting(case, operator)
    assert [(a.person, a.kind) for a in Alert.objects.filter(kind="approval")] == [(head, "approval")]
    Answer.objects.update(approve_by=timezone.now() - timedelta(minutes=1))
    assert (actions.remind_approvers(), actions.remind_approvers()) == (1, 1)
    assert Alert.objects.filter(kind="approval", person=head).count() == 2


def test_who_publishes_at_once_troubles_nobody(case, operator, curator):
    make_answer(case, by=operator)
    actions.send(answer=fresh(case), by=operator)
    assert not Alert.objects.filter(kind="approval").exists()


def test_published_by_hand_needs_the_approval_too(case, operator):
    policy(1, operator)
    with pytest.raises(Refused, match="Сначала ответ согласуют"):
        actions.mark_published(answer=waiting(case, operator), url="https://vk.com/wall-1_1", by=operator)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "Назовите правило"),
        ({"approvers": 3}, "от нуля до двух"),
        ({"approvers": 0, "approver": "head"}, "Правило не просит согласования"),
        ({"substitute": "head"}, "Заместитель — другой человек"),
        ({"approver": "executor"}, "не может согласовывать"),
    ],
)
def test_a_bad_policy_is_refused_in_one_sentence(operator, executor, head, fields, words):
    people = {"head": head, "executor": executor}
    given = {name: people.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    with pytest.raises(Refused, match=words):
        actions.set_policy(**{"title": "Правило", "approvers": 1, **given}, by=operator)


# Screens


def test_who_writes_and_may_publish_leaves_it_to_another_where_a_policy_says_so(client, case, operator):
    policy(1, operator)
    client.force_login(operator)
    text = client.post(
        reverse("desk:answer", args=[case.number]), {"text": GOOD_ANSWER, "kind": "final", "do": "approve"}, follow=True
    ).content.decode()
    assert fresh(case).state == "checked"
    assert "Свой ответ согласовать нельзя" in text
    assert 'name="do" value="approve"' not in text


def test_an_executor_publishes_by_himself_where_nobody_is_asked(client, case, executor, operator):
    client.force_login(executor)
    sent = {"text": GOOD_ANSWER, "kind": "final", "do": "approve"}
    assert client.post(reverse("desk:answer", args=[case.number]), sent).status_code == 403
    policy(0, operator)
    assert "Опубликовать" in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.post(reverse("desk:answer", args=[case.number]), sent)
    assert fresh(case).state == "approved"


def test_policies_are_made_and_retired_on_their_screen(client, operator, head):
    client.force_login(operator)
    url = reverse("desk:approval")
    assert "Правил пока нет" in client.get(url).content.decode()
    client.post(url, {"title": "Опасное", "approvers": "2", "hours": "3", "danger": "on", "approver": head.pk})
    row = ApprovalPolicy.objects.get()
    assert (row.approvers, row.danger, row.approver) == (2, True, head)
    assert "опасность" in client.get(url).content.decode()
    assert "Заместитель не назван" in client.post(reverse("desk:approval_away", args=[row.pk]), {"since": "2026-11-01"}, follow=True).content.decode()
    client.post(reverse("desk:approval_retire", args=[row.pk]))
    row.refresh_from_db()
    assert row.retired_at


@pytest.mark.parametrize(
    ("method", "name", "args"), [("get", "approval", []), ("post", "approval", []), ("post", "approval_away", [1]), ("post", "approval_retire", [1])]
)
def test_stranger_gets_404(client, stranger, method, name, args):
    client.force_login(stranger)
    assert getattr(client, method)(reverse(f"desk:{name}", args=args)).status_code == 404


def test_a_regions_file_frees_simple_topics_from_a_day_on_and_danger_never(case, operator):
    actions.load_classifier(region=regions.load("chelyabinsk"), by=None)
    answer = make_answer(case, by=operator)
    Case.objects.update(topic=Topic.objects.get(code="culture.libraries"))
    assert queries.needs_approval(Answer.objects.get(pk=answer.pk)) == 0
    Case.objects.update(danger=True)
    assert queries.needs_approval(Answer.objects.get(pk=answer.pk)) == 1
    ApprovalPolicy.objects.update(from_date=timezone.localdate() + timedelta(days=1))
    assert queries.need_of(Answer.objects.get(pk=answer.pk)).why == ""


def test_a_policy_of_the_file_that_people_have_retired_does_not_come_back(operator):
    region = regions.load("chelyabinsk")
    actions.load_classifier(region=region, by=None)
    told = ApprovalPolicy.objects.count()
    actions.retire_policy(policy=ApprovalPolicy.objects.get(filed="simple:sport"), by=operator)
    ApprovalPolicy.objects.create(filed="of-an-older-file", title="Старое", approvers=2)
    mine = policy(2, operator)
    actions.load_classifier(region=region, by=None)
    left = set(ApprovalPolicy.objects.filter(retired_at=None))
    assert ApprovalPolicy.objects.count() == told + 2
    assert mine in left
    assert {row.filed for row in ApprovalPolicy.objects.all()} - {row.filed for row in left} == {"simple:sport", "of-an-older-file"}
