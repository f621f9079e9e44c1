from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from gospult.accounts import actions
from gospult.accounts.models import LoginLink


def opened(client, key):
    return client.get(reverse("accounts:enter", args=[key]))


def pressed(client, key):
    return client.post(reverse("accounts:enter", args=[key]))


def test_a_link_lets_its_person_in_once(client, steward):
    key = actions.make_login_link(person=steward, path="/desk/")
    assert opened(client, key).status_code == 200  # a messenger's preview uses nothing up
    assert pressed(client, key).url == "/desk/"
    assert client.session["_auth_user_id"] == str(steward.pk)
    client.logout()
    again = pressed(client, key)
    assert (again.status_code, "один раз" in again.content.decode(), "_auth_user_id" in client.session) == (404, True, False)


def test_an_old_link_lets_nobody_in(client, steward):
    key = actions.make_login_link(person=steward, path="/desk/")
    LoginLink.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "Срок ссылки вышел" in pressed(client, key).content.decode()
    assert "_auth_user_id" not in client.session


def test_a_link_of_somebody_dismissed_lets_nobody_in(client, steward):
    key = actions.make_login_link(person=steward, path="/desk/")
    steward.is_active = False
    steward.save()
    assert pressed(client, key).status_code == 404


def test_an_unknown_link_is_told_so(client, db):
    assert "Такой ссылки нет" in opened(client, "nonsense").content.decode()


def test_the_key_is_not_kept(steward):
    key = actions.make_login_link(person=steward, path="/desk/")
    assert key not in LoginLink.objects.get().key_hash
