"""A page is connected in a real browser: the operator copies the link, the steward gives the key on a phone, and the desk hands over a text."""

import pytest
from django.urls import reverse

from gospult.desk.actions import send
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case
from gospult.exchange import actions
from gospult.exchange.models import Connection, Invitation
from gospult.exchange.testing import make_connection
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

TOKEN = "vk1.a.Abcdef-0123456789"


@pytest.fixture
def vk(settings, live_server):
    with Sandbox() as sandbox:
        settings.NETWORKS = {"vk": {"base_url": sandbox.api_url(), "ca_file": ""}}
        settings.URL = live_server.url
        sandbox.add_page(777, name="Школа № 1", tokens={"community": TOKEN})
        yield sandbox


@pytest.mark.django_db(transaction=True)
def test_a_steward_connects_a_page_on_the_phone(look, operator, body, vk):
    school = make_page(body=body, name="Школа № 1", external_id="777")
    desk = look(operator)
    desk.goto(reverse("exchange:card", args=[school.pk]))
    desk.click("text=Создать ссылку")
    link = desk.input_value("#link")
    phone = look(width=390, scripts=False)
    phone.goto(link)
    phone.fill("textarea", "чужой ключ")
    phone.click("text=Подключить >> nth=-1")
    assert "посторонний знак" in phone.text_content("#key-error")
    phone.fill("textarea", TOKEN)
    phone.click("text=Подключить >> nth=-1")
    assert "Проверяем ключ" in phone.text_content("h1")
    assert TOKEN not in phone.content()
    actions.check_keys()
    phone.click("text=Обновить")
    assert "Страница подключена" in phone.text_content("h1")
    actions.watch_due()
    assert (Connection.objects.get().hook, Invitation.objects.get().is_open) == ("alive", False)
    desk.goto(reverse("exchange:progress"))
    assert "события идут" in desk.text_content("tbody")


@pytest.mark.django_db(transaction=True)
def test_the_link_is_copied_by_one_press(look, operator, body):
    school = make_page(body=body)
    desk = look(operator)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(reverse("exchange:card", args=[school.pk]))
    desk.click("text=Создать ссылку")
    desk.click("text=Скопировать")
    desk.wait_for_selector("text=Скопировано")
    assert desk.evaluate("navigator.clipboard.readText()") == desk.input_value("#link")


@pytest.mark.django_db(transaction=True)
def test_the_desk_hands_the_text_over_and_opens_the_thread(look, operator, body, page):
    make_connection(page, mode="copy")
    case = make_case(page, "Во дворе третью неделю не вывозят мусор", body=body, by=operator)
    send(answer=make_answer(case, by=operator), by=operator)
    desk = look(operator)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.context.route("**vk.com**", lambda route: route.fulfill(body="ветка"))
    desk.goto(reverse("desk:case", args=[case.number]))
    with desk.context.expect_page() as opened:
        desk.click("text=Скопировать и открыть ветку")
    assert opened.value.url.startswith("https://vk.com/wall")
    desk.bring_to_front()
    assert desk.evaluate("navigator.clipboard.readText()") == GOOD_ANSWER


@pytest.mark.django_db(transaction=True)
def test_the_filters_and_their_button_stand_on_one_line(look, operator, page):
    desk = look(operator)
    desk.goto(reverse("exchange:progress") + "?q=школа")
    tops = desk.eval_on_selector_all(
        "form.toolbar[role=search] > :not([type=hidden])", "all => all.map(e => Math.round(e.getBoundingClientRect().top))"
    )
    assert len(set(tops)) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_wrong_with_a_key_is_in_the_first_screen_of_a_phone(look, operator, page):
    key = actions.invite(page=page, by=operator)
    Invitation.objects.update(problem="Этот ключ от другой страницы.")
    phone = look(width=390)
    phone.goto(reverse("exchange:connect", args=[key]))
    assert phone.locator("#key-error").bounding_box()["y"] < 600
