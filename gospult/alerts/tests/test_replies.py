"""What is written back to an alert: only what is meant for the resident goes to him."""

import pytest
from django.utils import timezone

from gospult.alerts import actions
from gospult.alerts.models import Alert, Letter, Reply
from gospult.alerts.testing import make_alert, make_contact
from gospult.exchange.models import Incoming
from gospult.exchange.testing import make_connection


@pytest.fixture
def line(executor, page):
    """The executor's dialogue with the page through which the staff is told."""
    make_connection(page)
    return make_contact(executor, page=page)


def told(line, case, kind="routed"):
    letter = Letter.objects.create(person=line.person, contact=line, text="…", state="sent", external_id=f"m{case}{kind}", sent_at=timezone.now())
    alert = make_alert(line.person, f"{kind}/{case}", kind=kind, case=case)
    Alert.objects.filter(pk=alert.pk).update(letter=letter, settled_at=timezone.now())
    return letter.external_id


def writes(line, text, reply_to=""):
    """What becomes of his message: the reply's case, or what he is told."""
    row = {"network": line.page.network, "page_key": line.page.external_id, "page": line.page, "addressee": "alerts", "action": "said", "kind": "dm"}
    number = Incoming.objects.count()
    Incoming.objects.create(
        **row, external_id=f"in{number}", thread_id=line.address, reply_to=reply_to, text=text, sent_at=timezone.now(), revision="1"
    )
    actions.take_incoming()
    reply = Reply.objects.first()
    return reply.case if reply else Letter.objects.latest("id").text


def test_a_reply_is_about_the_case_of_its_alert(line):
    told(line, 1)
    assert writes(line, "Сделали", told(line, 2)) == 2


def test_without_a_mark_the_only_case_of_the_day_is_meant(line):
    told(line, 1)
    assert writes(line, "Сделали") == 1


def test_of_two_cases_the_person_is_asked_which(line):
    told(line, 1), told(line, 2)
    assert "к какому обращению" in writes(line, "Сделали")


@pytest.mark.parametrize("kind", ["danger", "mention", "task", "approval", "mark", "moderation"])
def test_what_people_say_to_each_other_is_never_an_answer_to_the_resident(line, kind):
    assert "здесь не ответить" in writes(line, "Звоню 112", told(line, 1, kind))
    assert not Reply.objects.exists()


def test_a_word_without_a_mark_after_a_mention_is_not_guessed_at(line):
    told(line, 1), told(line, 1, "mention")
    assert "к какому обращению" in writes(line, "Хорошо, посмотрю")
