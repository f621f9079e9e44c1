from datetime import date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.alerts import actions as alerts
from gospult.alerts.models import Alert, Letter
from gospult.alerts.testing import make_alert, make_contact
from gospult.desk.models import Case
from gospult.desk.testing import make_case
from gospult.lib.calendar import Calendar
from gospult.office import actions
from gospult.office.models import Digest
from gospult.office.weekly import due_at, is_due, week_of, words
from gospult.registry.testing import make_person, make_territory

HERE = ZoneInfo("Asia/Yekaterinburg")
MONDAY = "2026-11-30 08:05:00+05:00"
WEEK = dict.fromkeys(range(5), ((540, 1080),))
CALENDAR = Calendar("Asia/Yekaterinburg", WEEK)


@pytest.fixture(autouse=True)
def monday(time_machine):
    time_machine.move_to(MONDAY)


# When: pure


def test_it_is_due_on_monday_at_eight_and_for_a_day():
    def at(*parts):
        return is_due(CALENDAR, datetime(2026, 11, *parts, tzinfo=HERE), 8)

    assert [at(30, 7, 59), at(30, 8), at(30, 23), at(29, 9), at(25, 9)] == [False, True, True, False, False]


def test_a_holiday_monday_moves_it_to_the_first_working_day():
    calendar = Calendar("Asia/Yekaterinburg", WEEK, {date(2026, 11, 30): ()})
    assert due_at(calendar, datetime(2026, 12, 2, tzinfo=HERE), 8) == datetime(2026, 12, 1, 8, tzinfo=HERE)


def test_a_week_of_holidays_has_none():
    calendar = Calendar("Asia/Yekaterinburg", WEEK, {date(2026, 1, day): () for day in range(5, 12)})
    assert due_at(calendar, datetime(2026, 1, 7, tzinfo=HERE), 8) is None


def test_a_week_is_that_of_iso():
    assert [week_of(datetime(*day, tzinfo=HERE)) for day in ((2026, 11, 30), (2027, 1, 3), (2027, 1, 4))] == ["2026-W49", "2026-W53", "2027-W01"]


# What: pure

FIGURES = {
    "open": 5, "overdue": 2, "silent": 1, "debt": 3, "week_share": 80, "tasks_closed": 4, "tasks_late": 1, "tasks_open": 2,
}  # fmt: skip


def test_it_says_the_difference_the_worst_five_and_the_tasks():
    text = words(FIGURES, FIGURES | {"open": 3, "overdue": 4}, [(f"Школа {n}", "просрочено 1") for n in range(9)])
    assert "В работе 5 (+2), просрочено 2 (−2), страниц молчат 1 (±0), без действующей страницы 3 (±0)." in text
    assert "В срок за 7 дней 80 % (±0)." in text
    assert text.count("просрочено 1") == 6  # five bodies and one task
    assert "Задачи: закрыто за неделю 4, просрочено 1, открыто 2." in text


def test_the_first_one_has_nothing_to_compare_and_no_answers_are_no_share():
    text = words(FIGURES | {"week_share": None}, None, [])
    assert "(" not in text
    assert "За 7 дней ответов не было." in text
    assert "Бед нет ни у кого." in text


def test_walls_that_nobody_has_read_are_no_nought():
    assert "страниц молчат нет данных" in words(FIGURES | {"silent": None}, FIGURES, [])


def test_long_names_and_reasons_stay_within_an_alert():
    assert len(words(FIGURES, FIGURES, [("Муниципальное " * 60, "просрочено " * 90)] * 5)) < 1500


# Given


def test_a_curator_is_told_once_a_week(monday, curator, page, body, operator, time_machine):
    case = make_case(page, "Нет тепла", body=body, by=operator)
    Case.objects.filter(pk=case.pk).update(next_due_at=timezone.now() - timedelta(hours=1))
    assert (actions.give_digests(), actions.give_digests()) == (1, 0)
    alert = Alert.objects.get(person=curator, kind="digest")
    assert (alert.path, "Школа № 1: просрочено 1" in alert.text) == ("/branch/", True)
    time_machine.move_to("2026-12-07 08:05:00+05:00")
    assert actions.give_digests() == 1
    assert "просрочено 1 (±0)" in Alert.objects.filter(person=curator, kind="digest").first().text


def test_an_old_digest_is_nothing_to_compare_a_week_with(monday, curator, body, time_machine):
    actions.give_digests()
    time_machine.move_to("2026-12-14 08:05:00+05:00")
    actions.give_digests()
    assert "(" not in Alert.objects.filter(person=curator, kind="digest").first().text


@pytest.mark.parametrize("at", ["2026-11-30 07:55:00+05:00", "2026-11-29 12:00:00+05:00", "2026-12-02 09:00:00+05:00"])
def test_at_other_times_nobody_is_told(curator, body, time_machine, at):
    time_machine.move_to(at)
    assert actions.give_digests() == 0


def test_the_hour_is_that_of_the_curators_place(db, body, time_machine):
    kaliningrad = make_territory(time_zone="Europe/Kaliningrad")
    body.territory = kaliningrad
    body.save()
    far = make_person(role=Role.CURATOR, territory=kaliningrad)
    time_machine.move_to(MONDAY)
    assert actions.give_digests() == 0
    time_machine.move_to("2026-11-30 08:05:00+02:00")
    assert actions.give_digests() == 1
    assert Alert.objects.get(kind="digest").person == far


def test_who_leads_nobody_is_told_nothing(monday, executor, operator):
    make_person(role=Role.CURATOR, territory=make_territory())
    assert actions.give_digests() == 0


def test_it_is_a_letter_of_its_own_however_much_has_gathered(monday, curator, body, settings):
    settings.EMAIL_BACKEND, settings.MAILS = "django.core.mail.backends.locmem.EmailBackend", True
    make_contact(curator)
    for number in range(30):
        make_alert(curator, f"overdue/{number}", kind="overdue")
    actions.give_digests()
    Alert.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    alerts.write_due()
    alerts.send_due()
    assert sorted(letter.text.partition("\n")[0] for letter in Letter.objects.all()) == ["Ваша ветвь за неделю.", "У вас 30 новых дел."]
    assert any(message.body.endswith("/branch/") for message in mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_give_one_digest(monday, curator, body):
    given: list[int] = []

    def work():
        given.append(actions.give_digests())
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sorted(given), Digest.objects.count(), Alert.objects.filter(kind="digest").count()) == ([0, 1], 1, 1)
