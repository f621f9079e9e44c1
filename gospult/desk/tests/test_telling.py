"""From a resident's words to a letter in the executor's messenger, and from his reply to the answer in the resident's thread."""

import io
from datetime import time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from gospult.accounts.models import Role
from gospult.alerts import actions as alerts
from gospult.alerts.models import Alert, Contact, Habit, Reply
from gospult.desk import actions
from gospult.desk.models import Answer, Case
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, publish
from gospult.exchange import actions as exchange
from gospult.exchange.actions import intake
from gospult.exchange.models import Attachment, Incoming, private_storage
from gospult.exchange.testing import make_connection
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_grant, make_page, make_person

STAFF, TOWN = 501, 502


def kinds(person):
    return [alert.kind for alert in Alert.objects.filter(person=person).order_by("id")]


def test_executors_and_the_steward_learn_of_a_case_of_theirs(page, body, operator, executor, steward, stranger):
    make_case(page, body=body, by=operator)
    assert [kinds(person) for person in (executor, steward, operator, stranger)] == [["routed"], ["routed"], [], []]


def test_no_residents_words_stand_in_an_alert(page, body, operator, executor):
    make_case(page, "Соседка Петрова из дома 7 жалуется", body=body, by=operator)
    assert "Петрова" not in Alert.objects.get(person=executor).text


def test_what_an_import_brings_from_the_past_is_no_news(page, body, operator, executor):
    make_case(page, body=body, by=operator, sent_at=timezone.now() - timedelta(days=30))
    assert kinds(executor) == []


def test_danger_is_told_to_the_operators_at_once(page, operator, executor):
    case = make_case(page, "Открытый люк возле школы, туда может упасть ребёнок")
    assert case.danger
    alert = Alert.objects.get(person=operator)
    assert (alert.kind, alert.urgent, "112" in alert.text) == ("danger", True, True)


def test_a_returned_answer_is_told_to_its_author(page, body, operator, executor):
    answer = make_answer(make_case(page, body=body, by=operator), by=executor)
    actions.submit(answer=answer, by=executor)
    actions.return_draft(answer=answer, why="Назовите дату", by=operator)
    assert kinds(executor) == ["routed", "returned"]


def news(person):
    return [alert.kind for alert in Alert.objects.filter(person=person, read_at=None).order_by("id")]


def test_what_has_been_done_is_news_no_more_and_leaves_no_letter(page, body, operator, executor):
    make_connection(page)
    case = make_case(page, body=body, by=make_person(role=Role.OPERATOR))
    answer = make_answer(case, by=executor)
    actions.submit(answer=answer, by=executor)
    assert (news(executor), news(operator)) == (["routed"], ["approval"])
    publish(answer, by=operator)
    assert (news(executor), news(operator)) == ([], [])
    assert not Alert.objects.filter(settled_at=None).exists()


def test_what_one_case_has_done_says_nothing_of_another(page, body, operator, executor):
    make_case(page, body=body, by=operator)
    case = make_case(page, "Открыли кружок? Скажите, где он", author_id="9", body=body, by=operator)
    actions.close(case=case, closed_as="no_answer_needed", by=operator)
    assert news(executor) == ["routed"]


@pytest.fixture(params=["telegram", "max"])
def town(request, db, settings, live_server, body, operator):
    """The page through which the staff is told, and the town's page where residents write, in one network."""
    code = request.param
    intake._doors.clear()
    with Sandbox() as network:
        settings.URL, settings.RETRY_BASE, settings.UNDO_SECONDS, settings.ALERT_GATHER_SECONDS = live_server.url, 0, 0, 0
        settings.NETWORKS = {code: {"base_url": network.api_url(code), "ca_file": ""}}
        sandbox = network.at(code)
        sandbox.settings(rate_limits=False)
        pages = [_connected(sandbox, code, number, body) for number in (STAFF, TOWN)]
        exchange.watch_due()
        exchange.serve_staff(page=pages[0], by=operator)
        intake._doors.clear()
        yield sandbox, *pages


def _connected(sandbox, code, number, body):
    made = sandbox.add_page(number, name=f"Страница {number}", handle=f"page{number}")
    page = make_page(body=body, network=code, external_id=str(made["external_id"]), handle=made["handle"])
    make_connection(page, tokens=made["tokens"])
    return page


def _heard(sandbox):
    assert sandbox.wait_quiet()
    alerts.take_incoming()
    actions.take_waiting()


def _round():
    alerts.write_due()
    alerts.send_due()
    actions.take_replies()
    exchange.deliver_due()
    actions.settle_due()


def _paired(sandbox, person):
    Habit.objects.create(person=person, quiet_from=time(0), quiet_to=time(0), quiet_weekends=False)
    code = alerts.begin_pairing(person=person, channel=sandbox.network)
    sandbox.message(STAFF, f"/start {code}", author=person.username)
    _heard(sandbox)
    _round()


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_given_from_the_messenger(town, body, time_machine):
    sandbox, staff, _page = town
    chief = make_person(role=Role.OPERATOR, username="chief")
    make_grant(chief, Role.EXECUTOR, body=body)
    make_grant(chief, Role.CURATOR, body=body)
    _paired(sandbox, chief)
    assert Contact.objects.get(person=chief).page == staff
    asked = sandbox.message(TOWN, "Во дворе третью неделю не вывозят мусор", author="Мария Иванова")
    _heard(sandbox)
    case = Case.objects.get()
    actions.route(case=case, body=body, by=make_person(role=Role.OPERATOR))
    alerts_before = len(sandbox.ledger())
    _round()
    told = sandbox.ledger()[alerts_before]
    assert case.number in told["text"]
    sandbox.message(STAFF, GOOD_ANSWER, author="chief", reply_to=told["id"])
    _heard(sandbox)
    _round()
    _round()
    said = [entry["text"] for entry in sandbox.ledger() if entry["thread"] == asked["thread"]]
    assert (said, Answer.objects.get().state, Case.objects.count()) == ([GOOD_ANSWER], "published", 1)


@pytest.mark.django_db(transaction=True)
def test_a_blocked_answer_is_told_back_and_nothing_is_published(town, body):
    sandbox, _staff, _page = town
    writer = make_person(role=Role.EXECUTOR, body=body, username="writer")
    _paired(sandbox, writer)
    asked = sandbox.message(TOWN, "Когда включат отопление?", author="Мария Иванова")
    _heard(sandbox)
    actions.route(case=Case.objects.get(), body=body, by=make_person(role=Role.OPERATOR))
    _round()
    sandbox.message(STAFF, "{дата}", author="writer")
    _heard(sandbox)
    _round()
    _round()
    assert [entry for entry in sandbox.ledger() if entry["thread"] == asked["thread"]] == []
    assert Incoming.objects.filter(addressee="alerts", taken_at=None).count() == 0


def replied(case, person, text=GOOD_ANSWER, photo=b"", kind="photo"):
    row = Incoming.objects.latest("id")
    Reply.objects.create(incoming=row, person=person, case=case.pk, text=text)
    state = "kept" if photo else "waiting"
    return Attachment.objects.create(incoming=row, position=7, kind=kind, state=state, forget_at="2999-01-01T00:00Z", file=kept(photo))


def kept(content):
    return private_storage().save("incoming/reply.jpg", ContentFile(content)) if content else ""


def picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def test_photos_of_a_reply_go_with_the_answer_and_a_blocked_one_stays_a_draft(page, body, operator, executor):
    case = make_case(page, body=body, by=operator)
    replied(case, executor, text="{дата}", photo=picture())
    assert actions.take_replies() == 1
    answer = case.answers.get()
    assert (answer.state, answer.author, answer.photos.count()) == ("draft", executor, 1)


def test_a_reply_waits_for_its_photos_and_never_goes_without_them(page, body, operator, executor):
    case = make_case(page, body=body, by=operator)
    photo = replied(case, executor)
    assert actions.take_replies() == 0
    Attachment.objects.filter(pk=photo.pk).update(state="failed")
    assert (actions.take_replies(), case.answers.count()) == (1, 0)


def test_a_voice_message_is_no_answer(page, body, operator, executor):
    case = make_case(page, body=body, by=operator)
    replied(case, executor, photo=b"OggS", kind="voice")
    assert (actions.take_replies(), case.answers.count()) == (1, 0)


def test_what_a_curator_writes_to_an_alert_never_goes_to_the_resident(page, body, operator, curator):
    case = make_case(page, body=body, by=operator)
    row = Incoming.objects.latest("id")
    Reply.objects.create(incoming=row, person=curator, case=case.pk, text=GOOD_ANSWER)
    assert actions.take_replies() == 1
    assert (case.answers.count(), Reply.objects.get().taken_at is not None) == (0, True)


@pytest.mark.django_db(transaction=True)
def test_a_resident_at_the_staffs_door_is_heard_by_the_desk(town, body):
    sandbox, _staff, _page = town
    sandbox.message(STAFF, "Не горит фонарь на улице Ленина", author="Пётр Орлов")
    _heard(sandbox)
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_is_good_once(town):
    sandbox, _staff, _page = town
    first = make_person(username="first")
    code = alerts.begin_pairing(person=first, channel=sandbox.network)
    for author in ("first", "second"):
        sandbox.message(STAFF, code, author=author)
        _heard(sandbox)
    assert [contact.person for contact in Contact.objects.all()] == [first]
