from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.models import Attachment, Incoming
from gospult.exchange.testing import make_incoming
from gospult.networks.base import Attachment as Item

pytestmark = pytest.mark.django_db


def age(days, **which):
    Incoming.objects.filter(**which).update(received_at=timezone.now() - timedelta(days=days))


def test_a_talk_with_a_bot_is_forgotten_after_the_term_of_direct_messages(page):
    make_incoming(page, "/start Мария Петрова", kind="dm", thread_id="d77", author_id="77", author_name="Мария")
    age(366)
    assert actions.forget_strays() == 1
    row = Incoming.objects.get()
    assert (row.text, row.author_id, row.author_name, row.thread_id, row.raw) == ("", "", "", "", {})
    assert actions.forget_strays() == 0


def test_the_pages_own_comment_stays_until_the_longer_term(page):
    make_incoming(page, "Ответили", by_page=True, author_id="")
    age(366)
    assert actions.forget_strays() == 0
    age(1096)
    assert actions.forget_strays(limit=1) == 1


def test_what_the_desk_holds_is_the_desks_to_forget(page):
    make_incoming(page, "Яма во дворе")
    age(9999)
    assert actions.forget_strays() == 0


def test_the_files_of_a_forgotten_revision_go_with_its_words(page):
    row = make_incoming(page, "Яма", attachments=[Item(kind="link", url="https://vk.com/id77", name="Мария")])
    actions.attach(row)
    actions.forget(revisions=Incoming.objects.all())
    file = Attachment.objects.get()
    assert (file.state, file.source_url, file.name, Incoming.objects.get().attachments) == ("forgotten", "", "", [])


def test_a_late_repeat_of_a_forgotten_event_stays_forgotten(page):
    make_incoming(page, "/start", kind="dm", external_id="m5")
    actions.forget(revisions=Incoming.objects.all())
    make_incoming(page, "/start", kind="dm", external_id="m5")
    assert Incoming.objects.get().text == ""
