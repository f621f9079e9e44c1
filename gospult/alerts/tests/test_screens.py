import pytest
from django.core import mail
from django.urls import reverse

from gospult.alerts import actions
from gospult.alerts.models import Alert, Contact, Habit
from gospult.alerts.testing import make_alert, make_contact
from gospult.exchange.models import Connection
from gospult.exchange.testing import make_connection


@pytest.fixture
def him(client, executor):
    client.force_login(executor)
    return client


def test_the_list_shows_ones_own_alerts_only(him, executor, stranger):
    make_alert(executor, text="Вам обращение № 1.")
    make_alert(stranger, text="Вам обращение № 2.")
    seen = him.get(reverse("alerts:alerts")).content.decode()
    assert ("№ 1." in seen, "№ 2." in seen) == (True, False)


def test_stranger_gets_404_for_an_alert_and_its_news_stay_news(client, executor, stranger):
    row = make_alert(executor)
    client.force_login(stranger)
    assert client.get(reverse("alerts:open", args=[row.pk])).status_code == 404
    assert Alert.objects.get().read_at is None


def test_an_opened_alert_leads_to_its_case_and_is_read(him, executor):
    row = make_alert(executor, path="/desk/26-000001")
    assert him.get(reverse("alerts:open", args=[row.pk])).url == "/desk/26-000001"
    assert Alert.objects.get().read_at is not None


def test_all_may_be_marked_as_read(him, executor):
    for number in range(3):
        make_alert(executor, f"k{number}")
    him.post(reverse("alerts:read"))
    assert not Alert.objects.filter(read_at=None).exists()


def test_an_empty_list_teaches(him):
    assert "Здесь появится то, что касается вас" in him.get(reverse("alerts:alerts")).content.decode()


def test_habits_are_kept_and_nonsense_is_told_in_a_sentence(him, executor):
    send = {"quiet_from": "22:00", "quiet_to": "07:30", "deputy": "никто"}
    assert "нет: проверьте имя" in him.post(reverse("alerts:habit"), send, follow=True).content.decode()
    him.post(reverse("alerts:habit"), send | {"deputy": ""})
    assert Habit.objects.get().quiet_to.hour == 7


def test_who_is_away_names_a_deputy(him):
    send = {"quiet_from": "22:00", "quiet_to": "07:30", "away_until": "2099-01-01"}
    assert "выберите, кого оповещать вместо вас" in him.post(reverse("alerts:habit"), send, follow=True).content.decode()


def test_a_letter_box_is_confirmed_by_the_code_that_came_there(him, executor, settings):
    settings.MAILS, settings.EMAIL_BACKEND = True, "django.core.mail.backends.locmem.EmailBackend"
    him.post(reverse("alerts:connect"), {"channel": "email", "address": "ivan@school.example"})
    actions.send_due()
    code = mail.outbox[0].body.partition(": ")[2][:9]
    assert "не подошёл" in him.post(reverse("alerts:confirm"), {"code": "0000 0000"}, follow=True).content.decode()
    him.post(reverse("alerts:confirm"), {"code": code})
    assert Contact.objects.get(person=executor).confirmed_at is not None


def test_a_messenger_without_a_page_of_the_centre_is_refused(him):
    assert "пока не настроены" in him.post(reverse("alerts:connect"), {"channel": "vk"}, follow=True).content.decode()


def test_a_code_for_a_messenger_is_shown_with_the_page_to_send_it_to(him, page):
    make_connection(page)
    Connection.objects.update(dm_to="alerts")
    seen = him.post(reverse("alerts:connect"), {"channel": "vk"}).content.decode()
    assert page.name in seen


def test_a_strangers_channel_cannot_be_taken_away(him, stranger):
    row = make_contact(stranger)
    assert him.post(reverse("alerts:remove", args=[row.pk])).status_code == 404
    assert Contact.objects.exists()


def test_who_only_answers_is_let_in_by_the_link_of_his_alert(executor, operator, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for person in (executor, operator):
        make_contact(person, address=f"{person.username}@example.org")
        make_alert(person, urgent=True)
    actions.write_due()
    actions.send_due()
    assert {m.to[0].partition("@")[0]: "/in/" in m.body for m in mail.outbox} == {"executor": True, "operator": False}
