"""The steward's forty seconds: from the link of an alert to a published answer, counted in taps on a phone."""

import pytest
from django.urls import reverse

from gospult.accounts.actions import make_login_link
from gospult.desk.models import Answer, ApprovalPolicy
from gospult.desk.testing import GOOD_ANSWER, make_case
from gospult.exchange.models import Posting
from gospult.exchange.testing import make_connection


class Taps:
    """A thumb that counts."""

    def __init__(self, tab):
        self.tab, self.count = tab, 0

    def tap(self, what):
        self.count += 1
        self.tab.click(what)


@pytest.mark.django_db(transaction=True)
def test_from_the_alert_to_the_answer_there_are_four_taps(look, page, body, operator, steward):
    ApprovalPolicy.objects.create(title="На простые вопросы смотреть некому", approvers=0)
    make_connection(page)
    case = make_case(page, "Когда откроют кружок?", body=body, by=operator)
    phone = look(width=390)
    thumb = Taps(phone)
    phone.goto("/in/" + make_login_link(person=steward, path=reverse("office:my_case", args=[case.number])) + "/")
    thumb.count += 1  # the link in the messenger
    thumb.tap("text=Войти")
    thumb.tap("#text")
    phone.keyboard.type(GOOD_ANSWER)
    thumb.tap("text=Отправить")
    phone.wait_for_selector("text=Ответ уходит жителю")
    assert (thumb.count, Answer.objects.get().state) == (4, "approved")


@pytest.mark.django_db(transaction=True)
def test_a_post_is_written_and_looked_at_on_a_phone(look, page, steward):
    make_connection(page, tokens={"community": "t", "user": "u"})
    phone = look(steward, width=390)
    phone.goto(reverse("office:my"))
    phone.click("text=Написать пост")
    phone.fill("#text", "Субботник " + "о" * 90)
    phone.check("[name=pages]")
    fits(phone)
    phone.click("text=Посмотреть")
    phone.wait_for_selector("text=Так выйдет запись")
    fits(phone)
    phone.click("text=Опубликовать")
    phone.wait_for_selector("text=Запись уходит")
    Posting.objects.update(state="unknown", needs_person=True)
    for address in (phone.url, reverse("office:week", args=[page.pk]), reverse("office:posts")):
        phone.goto(address)
        fits(phone)


def fits(phone):
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    heights = phone.eval_on_selector_all("main .btn", "all => all.filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)")
    assert min(heights, default=44) >= 43.5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_a_thumb(look, cases, steward, scheme):
    phone = look(steward, width=390, scheme=scheme)
    for address in (reverse("office:my"), reverse("office:my_case", args=[cases[0].number])):
        phone.goto(address)
        fits(phone)
