from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.accounts.models import Journal, Role
from gospult.alerts.models import Alert
from gospult.desk import actions
from gospult.desk.models import Answer, Approval, Case, Draw, Inspection, Mark, Message
from gospult.desk.queries import quality, rating
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_topic
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_grant, make_page, make_person

pytestmark = pytest.mark.django_db
FAULT = {"fact": ("failed", "Нет даты")}  # 20 of 100, or 22 where a photo has nothing to do with it


@pytest.fixture
def world(page, body, operator, executor) -> list[Case]:
    make_topic()
    make_connection(page, mode="full")
    return [answered(page, body, n, executor, operator) for n in range(1, 7)]


def answered(page, body, n, author, approved_by) -> Case:
    """A case with its answer as rows: these tests begin where the answer is published."""
    now, text = timezone.now(), f"Яма на дороге у дома {n}, когда её засыпят"
    case = Case.objects.create(number=f"Q-{n}", state="answered", kind="problem", body=body, page=page, headline=text, opened_at=now, answered_at=now)
    key = {"network": page.network, "page": page, "page_key": page.external_id, "external_id": f"q{n}", "number": f"{n:012d}"}
    Message.objects.create(case=case, channel="comment", text=text, kind="problem", sent_at=now, author_id=f"a{n}", **key)
    case.events.create(kind="opened", at=now, data={"kind": "problem"})
    hands = {"author": author, "checked_by": author, "approved_by": approved_by}
    Answer.objects.create(case=case, state="published", text=GOOD_ANSWER, published_at=now, **hands)
    return case


@pytest.fixture
def analyst(db):
    return make_person(role=Role.ANALYST, username="analyst")


def days():
    today = timezone.localdate()
    return {"since": today - timedelta(days=6), "until": today}


def drawn(by, seed="семя", **fields) -> list[Inspection]:
    draw = actions.draw_sample(**days(), seed=seed, by=by, **fields)
    return list(draw.inspections.select_related("case__body", "case__page", "answer", "draw").order_by("pk"))


def inspected(by, verdicts=FAULT) -> Inspection:
    row = drawn(by)[0]
    return actions.inspect(inspection=row, verdicts=verdicts, by=by)


def objected(by, executor) -> Inspection:
    return actions.raise_objection(inspection=inspected(by), text="Дата названа в последнем предложении", by=executor)


# The draw


def test_the_draw_says_its_seed_and_repeats_itself(world, analyst):
    rows = drawn(analyst)
    draw = Draw.objects.get()
    assert len(rows) == 3  # three of the only body, and a twentieth of the three that are left
    assert quality.repeats(draw)
    Inspection.objects.filter(pk=rows[0].pk).delete()
    assert not quality.repeats(draw)
    assert Journal.objects.get(verb="quality_drawn").data["seed"] == "семя"


def test_what_a_resident_called_bad_is_drawn_in_any_case(world, analyst):
    for case in world:
        answer = case.answers.get()
        Mark.objects.create(case=case, answer=answer, author=case.message_set.get(), value=2, solved=False, source="site", at=timezone.now())
    why = [row.why for row in drawn(analyst)]
    assert (len(why), why.count("lot"), why.count("mark")) == (6, 3, 3)


def test_an_answer_after_which_the_case_was_reopened_is_drawn(world, analyst, operator):
    for case in world:
        actions.reopen(case=Case.objects.get(pk=case.pk), because="не сделали", by=None)
    assert {row.why for row in drawn(analyst)} == {"lot", "reopened"}


def test_nothing_is_drawn_twice(world, analyst):
    drawn(analyst)
    again = {row.answer_id for row in drawn(analyst)}
    assert len(again) == 3
    assert not again & set(Draw.objects.earliest("pk").inspections.values_list("answer", flat=True))
    with pytest.raises(Refused, match="нет ответов"):
        drawn(analyst)


def test_other_days_drafts_and_thanks_are_not_drawn(world, page, body, operator, analyst):
    make_answer(make_case(page, "Не горит фонарь у дома 9", body=body, by=operator), by=operator)
    Answer.objects.filter(case=world[0]).update(published_at=timezone.now() - timedelta(days=9))
    Case.objects.filter(pk=world[1].pk).update(kind="gratitude")
    assert {item.answer for item in quality.drawable(**days())} == {case.answers.get().pk for case in world[2:]}


def test_a_curator_draws_only_of_his_branch(client, world, operator, curator):
    other = make_body()
    answered(make_page(body=other), other, 9, operator, operator)
    client.force_login(curator)
    client.post(reverse("desk:quality_draw"), {**days(), "seed": ""})
    assert set(Inspection.objects.values_list("case", flat=True)) <= {case.pk for case in world}


def test_the_clock_draws_last_week_once(world):
    monday, sunday = quality.last_week(timezone.localdate())
    assert actions.draw_due() is None
    Answer.objects.update(published_at=timezone.now() - timedelta(days=7))
    assert actions.draw_due() is not None
    assert actions.draw_due() is None
    found = Draw.objects.get()
    assert (found.since, found.until, found.by, (sunday - monday).days) == (monday, sunday, None, 6)


def test_two_clocks_at_once_draw_once(world):
    Answer.objects.update(published_at=timezone.now() - timedelta(days=7))
    draw = actions.draw_due()
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.create(since=draw.since, until=draw.until, seed="x", checklist="x", least=1, share=0, frame=[], by=None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=6, max_size=6), st.text("абв", max_size=3))
def test_nobody_is_offered_or_lets_through_an_answer_of_his_own(world, hands, seed):
    with transaction.atomic():
        people = [make_person(role=Role.OPERATOR) for _ in range(3)]
        for case, (author, checked, approved, signed) in zip(world, hands, strict=True):
            case.answers.update(author=people[author], checked_by=people[checked], approved_by=people[approved])
            Approval.objects.get_or_create(answer=case.answers.get(), by=people[signed])
        rows = drawn(None, seed=seed)
        for person in people:
            offered = set(quality.in_list(person, "waiting"))
            assert offered == {row for row in rows if person.pk not in quality.hands_of(row.answer)}
            for row in set(rows) - offered:
                with pytest.raises(Refused, match="ваш ответ"):
                    actions.inspect(inspection=row, verdicts={}, by=person)
        transaction.set_rollback(True)


# The review


def test_a_review_explains_its_score_and_the_body_learns_of_it(world, analyst, executor):
    row = inspected(analyst, {"fact": ("failed", "Нет даты"), "photo": ("na", "")})
    assert (row.state, row.score, row.by) == ("done", 78, analyst)
    assert [(line["code"], line["lost"], line["note"]) for line in row.marks if line["lost"]] == [("fact", 22, "Нет даты")]
    told = Alert.objects.get(person=executor, key=f"quality/{row.pk}/done")
    assert "78 из 100" in told.text
    assert Journal.objects.filter(verb="answer_inspected", object_id=row.pk).count() == 1


def test_the_resident_hears_nothing_of_it(world, analyst, executor):
    before = Outgoing.objects.count(), list(Case.objects.order_by("pk").values_list("state", "reopened", "returned", "late"))
    row = objected(analyst, executor)
    actions.decide_objection(inspection=row, why="Дата в ответе и правда есть", verdicts={}, by=make_person(role=Role.OPERATOR))
    assert (Outgoing.objects.count(), list(Case.objects.order_by("pk").values_list("state", "reopened", "returned", "late"))) == before


def test_two_reviewers_at_once_one_is_refused(world, analyst):
    row = drawn(analyst)[0]
    mine, other = (Inspection.objects.select_related("case", "answer", "draw").get(pk=row.pk) for _ in range(2))
    actions.inspect(inspection=mine, verdicts={}, by=analyst)
    with pytest.raises(Refused, match="обновите страницу"):
        actions.inspect(inspection=other, verdicts=FAULT, by=make_person(role=Role.ANALYST))
    assert (Inspection.objects.get(pk=row.pk).score, Journal.objects.filter(verb="answer_inspected").count()) == (100, 1)


# The objection


def test_the_body_objects_once_and_another_person_changes_the_marks(world, analyst, executor):
    row = objected(analyst, executor)
    with pytest.raises(Refused, match="обновите страницу"):
        actions.raise_objection(inspection=Inspection.objects.get(pk=row.pk), text="И ещё раз не согласны", by=executor)
    head = make_person(role=Role.HEAD)
    actions.decide_objection(inspection=row, why="Дата в ответе и правда есть", verdicts={}, by=head)
    found = Inspection.objects.get(pk=row.pk)
    assert (found.state, found.score, found.first_score, found.decided_by) == ("changed", 100, 80, head)
    assert [line["lost"] for line in found.first_marks if line["lost"]] == [20]
    assert Alert.objects.filter(key=f"quality/{row.pk}/decided").count() == 2


def test_a_decision_may_leave_everything_as_it_is(world, analyst, executor):
    row = actions.decide_objection(inspection=objected(analyst, executor), why="Даты в ответе нет", by=make_person(role=Role.HEAD))
    assert (row.state, row.score, row.first_score) == ("upheld", 80, None)


def test_neither_the_reviewer_nor_the_objector_nor_the_writer_decides(world, analyst, executor, operator):
    row = objected(analyst, executor)
    for person in (analyst, executor, operator):  # the operator has approved the answer
        with pytest.raises(Refused, match="другой человек"):
            actions.decide_objection(inspection=row, why="Потому что так решили", by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.filter(pk=row.pk).update(decided_by=analyst)


def test_two_who_decide_at_once_one_is_refused(world, analyst, executor):
    row = objected(analyst, executor)
    mine, other = (Inspection.objects.select_related("case", "answer", "draw").get(pk=row.pk) for _ in range(2))
    actions.decide_objection(inspection=mine, why="Даты в ответе нет", by=make_person(role=Role.HEAD))
    with pytest.raises(Refused, match="обновите страницу"):
        actions.decide_objection(inspection=other, why="Дата в ответе есть", verdicts={}, by=make_person(role=Role.HEAD))
    assert Journal.objects.filter(verb="objection_decided").count() == 1


def test_an_objection_after_its_term_or_without_words_is_refused(world, analyst, executor):
    row = inspected(analyst)
    with pytest.raises(Refused, match="с чем вы не согласны"):
        actions.raise_objection(inspection=row, text=" нет ", by=executor)
    row.object_by = timezone.now() - timedelta(minutes=1)
    with pytest.raises(Refused, match="Срок возражения прошёл"):
        actions.raise_objection(inspection=row, text="Дата названа в конце", by=executor)


# The figures


def test_few_reviews_make_no_score_and_say_how_many_are_missing(world, analyst, body):
    actions.inspect(inspection=drawn(analyst)[0], verdicts=FAULT, by=analyst)
    row = quality.by_body(analyst)[0]
    assert (row["body"], row["n"], row["score"], row["least"], row["failed"]) == (body.pk, 1, None, 5, [])


def test_only_the_lot_speaks_of_a_body(world, analyst, operator, body):
    for case in world:
        actions.reopen(case=Case.objects.get(pk=case.pk), because="не сделали", by=None)
    rows = drawn(analyst)
    Inspection.objects.filter(pk__in=[row.pk for row in rows[:5]]).update(why="lot")
    Inspection.objects.filter(pk=rows[5].pk).update(why="reopened")
    for row in rows:
        actions.inspect(inspection=row, verdicts=FAULT if row in (rows[0], rows[5]) else {}, by=analyst)
    figures = quality.by_body(analyst)[0]
    assert (figures["n"], figures["forced"], figures["score"]) == (5, 1, 96.0)
    assert figures["failed"] == [{"title": "Есть дата, действие или факт", "n": 1, "of": 5, "share": 0.2}]
    asked = rating.Asked(timezone.localdate() - timedelta(days=5), timezone.localdate())
    found = rating.rating(operator, asked)["rated"][0]
    assert (found["inspected"], found["quality"]) == (5, 96.0)
    assert rating.rows_behind(operator, asked, "inspected", body.pk).count() == 5


def test_the_quality_changes_no_points_of_the_rating(world, analyst, operator):
    asked = rating.Asked(timezone.localdate() - timedelta(days=5), timezone.localdate())
    before = rating.rating(operator, asked)["rated"][0]["points"]
    for row in drawn(analyst):
        actions.inspect(inspection=row, verdicts=FAULT, by=analyst)
    assert rating.rating(operator, asked)["rated"][0]["points"] == before


# Screens


def test_the_reviewer_goes_from_answer_to_answer(client, world, analyst):
    rows = drawn(analyst)
    client.force_login(analyst)
    text = client.get(reverse("desk:inspection", args=[rows[0].pk])).content.decode()
    assert 'aria-keyshortcuts="1"' in text
    assert world[0].answers.get().text[:30] in text
    answer = client.post(reverse("desk:inspect", args=[rows[0].pk]), {"failed": "fact", "note-fact": "Нет даты"})
    assert answer.url == reverse("desk:inspection", args=[rows[1].pk])
    assert Inspection.objects.get(pk=rows[0].pk).score == 80


def test_a_forgotten_remark_loses_nothing_of_what_was_ticked(client, world, analyst):
    row = drawn(analyst)[0]
    client.force_login(analyst)
    answer = client.post(reverse("desk:inspect", args=[row.pk]), {"failed": ["fact", "live"], "note-fact": "Нет даты"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Не отписка»: напишите, что не так" in text
    assert 'value="Нет даты"' in text
    assert text.count(" checked") == 2


def test_the_body_sees_the_review_beside_the_case_and_objects(client, world, analyst, executor):
    row = inspected(analyst)
    client.force_login(executor)
    beside = client.get(reverse("desk:case", args=[row.case.number])).content.decode()
    assert "Качество: 80 из 100" in beside
    assert "Нет даты" in beside
    client.post(reverse("desk:inspection_object", args=[row.pk]), {"text": "Дата названа в последнем предложении"})
    assert Inspection.objects.get(pk=row.pk).state == "objected"


def test_the_steward_of_the_page_objects_too(client, world, analyst, steward):
    row = inspected(analyst)
    client.force_login(steward)
    assert row.case.number in client.get(reverse("desk:quality")).content.decode()
    client.post(reverse("desk:inspection_object", args=[row.pk]), {"text": "Дата названа в последнем предложении"})
    assert Inspection.objects.get(pk=row.pk).objected_by == steward


def test_who_decides_sees_it_among_objections(client, world, analyst, executor):
    row = objected(analyst, executor)
    client.force_login(make_person(role=Role.HEAD))
    assert row.case.number in client.get(reverse("desk:quality"), {"show": "objected"}).content.decode()
    client.post(reverse("desk:inspection_decide", args=[row.pk]), {"do": "change", "why": "Дата в ответе и правда есть"})
    assert Inspection.objects.get(pk=row.pk).score == 100


@pytest.mark.parametrize("show", ["waiting", "objected", "done", "bodies", "draws"])
def test_every_list_opens_empty_and_full(client, world, analyst, executor, show):
    client.force_login(analyst)
    assert client.get(reverse("desk:quality"), {"show": show}).status_code == 200
    objected(analyst, executor)
    assert client.get(reverse("desk:quality"), {"show": show}).status_code == 200


@pytest.mark.parametrize("name", ["inspection", "inspect", "inspection_object", "inspection_decide"])
def test_stranger_gets_404_for_a_review(client, stranger, world, analyst, name):
    row = inspected(analyst)
    client.force_login(stranger)
    address = reverse(f"desk:{name}", args=[row.pk])
    assert (client.get(address) if name == "inspection" else client.post(address, {"text": "Не согласны совсем"})).status_code == 404
    assert row.case.number not in client.get(reverse("desk:quality")).content.decode()


@pytest.mark.parametrize("name", ["quality", "quality_draw"])
def test_stranger_without_a_role_gets_404_for_the_lists(client, name):
    client.force_login(make_person())
    address = reverse(f"desk:{name}")
    assert (client.get(address) if name == "quality" else client.post(address, days())).status_code == 404


def test_the_body_neither_sees_what_waits_nor_draws_nor_reviews(client, world, analyst, executor):
    rows = drawn(analyst)
    client.force_login(executor)
    assert client.get(reverse("desk:inspection", args=[rows[0].pk])).status_code == 404
    assert client.post(reverse("desk:quality_draw"), days()).status_code == 403
    assert client.post(reverse("desk:inspect", args=[rows[0].pk])).status_code == 404
    row = actions.inspect(inspection=rows[0], verdicts=FAULT, by=analyst)
    assert client.post(reverse("desk:inspect", args=[row.pk])).status_code == 403
    assert client.post(reverse("desk:inspection_decide", args=[row.pk])).status_code == 403


def test_a_reviewer_cannot_object_for_the_body(client, world, analyst, curator):
    row = inspected(analyst)
    make_grant(curator, Role.ANALYST)
    client.force_login(curator)
    assert client.post(reverse("desk:inspection_object", args=[row.pk]), {"text": "Не согласны совсем"}).status_code == 403
