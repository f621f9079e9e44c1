from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from PIL import Image

from gospult.desk import actions
from gospult.desk.models import Answer, Case, Draw, Inspection, Message, PhotoReport, Review
from gospult.desk.queries import recipients
from gospult.desk.testing import make_answer, make_case, publish
from gospult.exchange.models import Incoming, Outgoing
from gospult.exchange.testing import make_connection, make_incoming

pytestmark = pytest.mark.django_db
RUBBISH = "Добрый день, это Мария Петрова с Кирова 5, не вывозят мусор, баки переполнены"


@pytest.fixture
def case(page, operator):
    """A closed case whose author has also edited the message."""
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5", author_id="77", author_name="Мария Петрова")
    make_incoming(page, RUBBISH + "!", external_id="c5", thread_id="w1_5", author_id="77", action="edited", event_id="e2")
    actions.take_waiting()
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    return Case.objects.get(pk=case.pk)


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), "green").save(out, "JPEG")
    return out.getvalue()


def age(days):
    at = timezone.now() - timedelta(days=days)
    Message.objects.update(received_at=at)
    Case.objects.filter(closed_at__isnull=False).update(closed_at=at)
    Case.objects.filter(answered_at__isnull=False).update(answered_at=at)


def test_words_and_names_are_forgotten_when_the_term_of_a_closed_case_is_over(case):
    age(1096)
    assert actions.forget_due() == 1
    message = Message.objects.get()
    assert (message.text, message.author_id, message.author_name, message.fingerprint) == ("", "", "", "")
    assert set(Incoming.objects.values_list("text", "author_name", "author_id")) == {("", "", "")}
    assert all(row.raw == {} and row.attachments == [] for row in Incoming.objects.all())
    case.refresh_from_db()
    assert case.headline == ""
    assert "Мария" not in str([vars(message), vars(case), *Incoming.objects.values(), *case.events.values()])


def test_the_case_its_number_and_its_clock_outlive_the_words(case):
    before, topic = (case.number, case.topic, case.state, case.message_count, case.events.count()), Message.objects.get().verdict["topic"]
    assert topic
    age(1096)
    actions.forget_due()
    case.refresh_from_db()
    assert (case.number, case.topic, case.state, case.message_count, case.events.count()) == before
    assert Message.objects.get().verdict["topic"] == topic


def test_nothing_is_forgotten_before_its_term(case):
    age(1094)
    assert actions.forget_due() == 0
    assert Message.objects.get().text


def test_an_open_case_keeps_its_words(page):
    make_case(page, RUBBISH)
    age(9999)
    assert actions.forget_due() == 0


def test_a_batch_that_was_killed_is_gone_on_with(case, page, operator):
    actions.close(case=make_case(page, "Не горит фонарь на улице Кирова, темно"), closed_as="no_answer_needed", by=operator)
    age(1096)
    assert actions.forget_due(limit=1, rounds=1) == 1
    assert actions.forget_due() == 1
    assert actions.forget_due() == 0


def test_a_dialogue_is_forgotten_sooner_with_its_answer_and_the_id_of_the_person(page, body, operator):
    make_connection(page)
    case = make_case(page, RUBBISH, kind="dm", external_id="m5", thread_id="d77", author_id="77", body=body, by=operator)
    publish(make_answer(case, by=operator), by=operator, external_id="m90")
    age(366)
    assert actions.forget_due() == 1
    assert set(Outgoing.objects.values_list("thread_id", "text")) == {("", "")}
    assert (Message.objects.get().thread_id, Answer.objects.get().text) == ("", "")
    assert set(Incoming.objects.values_list("thread_id", flat=True)) == {""}


def test_a_public_answer_stays(page, body, operator):
    make_connection(page)
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5", body=body, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    age(1096)
    assert actions.forget_due() == 1
    assert Answer.objects.get().text
    assert Outgoing.objects.get().text


def test_a_forgotten_message_is_not_answered_any_more(case):
    age(1096)
    actions.forget_due()
    assert recipients(case) == []


def test_words_edited_after_the_forgetting_begin_a_new_term(case, page):
    age(1096)
    actions.forget_due()
    make_incoming(page, "Снова я, мусор не вывозят", external_id="c5", thread_id="w1_5", author_id="77", action="edited", event_id="e3")
    actions.take_waiting()
    assert Message.objects.get().forgotten_at is None


def test_photos_of_the_work_and_free_words_of_control_go_with_the_words_of_the_case(page, body, operator, django_capture_on_commit_callbacks):
    make_connection(page, mode="full")
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5", body=body, by=operator)
    answer = make_answer(case, by=operator)
    photo = actions.attach_photo(answer=answer, content=jpeg(), by=operator)
    publish(answer, by=operator)
    Review.objects.create(case=case, answer=answer, good=False, note="Житель с Кирова 5 прав", by=operator)
    draw = Draw.objects.create(since="2026-11-01", until="2026-11-07", seed="s", checklist="v", least=1, share=0, frame=[])
    marks = [{"code": "fact", "title": "По делу", "verdict": "failed", "worth": 20, "lost": 20, "note": "Петровой не ответили"}]
    Inspection.objects.create(
        draw=draw, case=case, answer=answer, body=body, why="lot", state="done", marks=marks, score=80, by=operator, at=timezone.now()
    )
    name = photo.file.name
    age(1096)
    with django_capture_on_commit_callbacks(execute=True):
        actions.forget_due()
    row = Inspection.objects.get()
    assert (row.score, row.marks[0]["lost"], row.marks[0]["note"], Review.objects.get().note) == (80, 20, "", "")
    assert not PhotoReport.objects.exists()
    assert not storages["private"].exists(name)
