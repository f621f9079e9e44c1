from datetime import time, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.alerts import actions
from gospult.alerts.models import Alert, Habit, Letter
from gospult.alerts.testing import make_alert, make_contact
from gospult.registry.actions import begin_absence
from gospult.registry.testing import make_body, make_person

NOON = "2026-11-25 12:00:00+05:00"  # a Wednesday


@pytest.fixture(autouse=True)
def _noon(time_machine, settings):
    time_machine.move_to(NOON)
    settings.EMAIL_BACKEND, settings.MAILS = "django.core.mail.backends.locmem.EmailBackend", True


def test_the_same_occasion_told_twice_is_one_alert(executor):
    assert make_alert(executor, "routed/1") == make_alert(executor, "routed/1")
    assert Alert.objects.count() == 1


def test_an_alert_goes_out_once_with_its_link(executor, settings):
    make_contact(executor)
    make_alert(executor)
    for _ in range(2):
        actions.write_due()
        actions.send_due()
    assert [m.to for m in mail.outbox] == [["person@example.org"]]
    assert mail.outbox[0].body.startswith(f"Вам обращение № 26-000001.\n{settings.URL}/in/")


def test_five_hundred_alerts_are_one_letter(executor):
    make_contact(executor)
    for number in range(500):
        make_alert(executor, f"overdue/{number}", kind="overdue")
    for _ in range(3):
        actions.write_due()
    letter = Letter.objects.get()
    assert letter.text.startswith("У вас 500 новых дел.\nпросрочено: 500")
    assert Alert.objects.filter(letter=letter).count() == 500


def test_after_a_digest_nothing_more_for_an_hour_but_danger(executor, time_machine, settings):
    settings.ALERTS_AN_HOUR = 1
    make_contact(executor)
    for number in range(3):
        make_alert(executor, f"routed/{number}")
    actions.write_due()
    make_alert(executor, "routed/late")
    make_alert(executor, "danger", kind="danger", urgent=True)
    actions.write_due()
    assert [letter.urgent for letter in Letter.objects.order_by("id")] == [False, True]
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    actions.write_due()
    assert Letter.objects.count() == 3


def test_at_night_only_danger_is_told(executor, time_machine):
    time_machine.move_to("2026-11-25 23:00:00+05:00")
    make_contact(executor)
    make_alert(executor)
    make_alert(executor, "danger", kind="danger", urgent=True)
    actions.write_due()
    assert [letter.urgent for letter in Letter.objects.all()] == [True]
    time_machine.move_to("2026-11-26 08:05:00+05:00")
    actions.write_due()
    assert Letter.objects.count() == 2


def test_a_deputy_is_told_while_the_person_is_away(executor):
    deputy = make_person(first_name="Пётр", last_name="Заместителев")
    make_contact(deputy)
    Habit.objects.create(person=executor, deputy=deputy, away_until=timezone.localdate() + timedelta(days=3))
    make_alert(executor)
    actions.write_due()
    letter = Letter.objects.get()
    assert (letter.person, letter.text.startswith("Вместо: executor.")) == (deputy, True)


def test_without_a_channel_the_alert_is_only_on_the_screen(executor):
    alert = make_alert(executor)
    actions.write_due()
    alert.refresh_from_db()
    assert (Letter.objects.count(), alert.letter, alert.settled_at is not None, alert.read_at) == (0, None, True, None)


def test_what_a_channel_refuses_goes_by_the_next_one(executor, page):
    make_contact(executor, page=page, position=0)  # a page that nobody has connected: no token opens the dialogue
    make_contact(executor, position=1)
    make_alert(executor)
    actions.write_due()
    actions.send_due()
    actions.send_due()
    assert [letter.state for letter in Letter.objects.order_by("id")] == ["failed", "sent"]
    assert len(mail.outbox) == 1


def test_the_next_channel_carries_the_link_too_and_two_channels_do_not_play_ball(executor, page):
    for n in (1, 2):
        make_contact(executor, page=page, address=f"d{n}", channel=("vk", "max")[n - 1])
    make_contact(executor)
    make_alert(executor)
    actions.write_due()
    for _ in range(4):
        actions.send_due()
    assert [(letter.state, letter.path) for letter in Letter.objects.order_by("id")] == [
        ("failed", "/desk/26-000001"), ("failed", "/desk/26-000001"), ("sent", "/desk/26-000001"),
    ]  # fmt: skip


def test_a_thousand_sleepers_do_not_stand_before_one_danger(executor, operator, time_machine):
    time_machine.move_to("2026-11-25 23:00:00+05:00")
    for person in (executor, operator):
        make_contact(person, address=f"{person.username}@example.org")
    first, last = sorted((executor, operator), key=lambda person: person.pk)
    make_alert(first)
    make_alert(last, "danger", kind="danger", urgent=True)
    actions.write_due(limit=1)
    assert Letter.objects.get().person == last
    actions.write_due(limit=1)
    assert Alert.objects.get(person=first).look_at > timezone.now() + timedelta(minutes=59)


def test_other_hours_count_at_once(executor, time_machine):
    time_machine.move_to("2026-11-25 23:00:00+05:00")
    make_contact(executor)
    make_alert(executor)
    actions.write_due()
    actions.set_habit(quiet_from=time(3), quiet_to=time(4), quiet_weekends=False, deputy=None, away_until=None, by=executor)
    assert actions.write_due() == 1


def test_who_was_given_the_duties_is_told_and_only_once(executor, page, body):
    deputy = make_person(role=Role.EXECUTOR, body=make_body(parent=body))
    make_contact(deputy)
    make_contact(executor, address="executor@example.org")
    begin_absence(person=executor, deputy=deputy, from_date=timezone.localdate(), to_date=timezone.localdate(), by=executor)
    for person, key in ((executor, "routed/1"), (deputy, "routed/1"), (executor, "returned/1")):
        make_alert(person, key)
    actions.write_due()
    assert [letter.person for letter in Letter.objects.all()] == [deputy, deputy]
    assert Letter.objects.filter(text__startswith="Вместо").count() == 1


def test_a_killed_sending_by_mail_is_not_sent_again_blindly(executor):
    make_contact(executor)
    make_alert(executor)
    actions.write_due()
    Letter.objects.update(state="claimed", claimed_at=timezone.now() - timedelta(hours=1))
    actions.send_due()
    assert (Letter.objects.get().state, mail.outbox) == ("unknown", [])
