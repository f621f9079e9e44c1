"""Colleagues in a browser: notes by keyboard, a task on a phone, many cases taken back with and without scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk import actions
from gospult.desk.models import BulkAction, Case, Note, Task
from gospult.desk.queries import deadlines_for
from gospult.registry.testing import make_body, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def opened(tab: Any, case: Case) -> None:
    tab.goto(reverse("desk:case", args=[case.number]) + "?view=all")


def test_a_note_is_written_by_keyboard_and_a_refused_one_keeps_its_words(look, operator, executor, stranger, cases):
    case = cases[-1]
    tab = look(operator)
    opened(tab, case)
    tab.keyboard.press("o")
    tab.wait_for_selector("#note-text:focus")
    tab.keyboard.type(f"Посмотрите, @{stranger.username}")
    tab.click("#note-box button")
    tab.wait_for_selector(".notes >> text=не видит это обращение")
    assert tab.input_value("#note-text") == f"Посмотрите, @{stranger.username}"
    tab.fill("#note-text", "Подрядчик обещал завтра, житель уже звонил мне сам")
    tab.click("#note-box button")
    tab.wait_for_selector(".say-note >> text=обещал завтра")
    assert Note.objects.get().author == operator
    assert tab.url.endswith(f"/desk/{case.number}") or f"/desk/{case.number}?" in tab.url


def test_a_task_is_given_and_done_on_a_phone(look, operator, body, cases):
    ministry = body.parent
    case = Case.objects.get(pk=cases[0].pk)
    actions.route(case=case, body=ministry, by=operator)
    Case.objects.filter(pk=case.pk).update(page=None)
    holder = make_person(role=Role.EXECUTOR, body=body, first_name="Анна", last_name="Иванова")
    make_body(name="Школа № 2", parent=ministry)
    day = next(d for n in range(9) if deadlines_for(case)[1].hours(d := timezone.localdate() + timedelta(days=n)))
    tab = look(operator)
    opened(tab, case)
    tab.keyboard.press("p")
    tab.wait_for_selector("text=Поручить подведомственным")
    tab.check(f"input[name=body][value='{body.pk}']")
    tab.fill("[name=text]", "Проверьте контейнерную площадку у школы и пришлите фото")
    tab.fill("[name=due]", day.isoformat())
    tab.click("button[value=ask]")
    tab.wait_for_selector(".notes >> text=Поручено")
    phone = look(holder, width=390)
    phone.goto(reverse("desk:queue"))
    phone.click(f"#row-{case.number} > a")
    phone.wait_for_selector("#tasks-title")
    phone.fill("[name=said] >> nth=0", "Площадка убрана, контейнеры заменены")
    phone.locator("#tasks-title").scroll_into_view_if_needed()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.click("text=Выполнено >> nth=-1")
    phone.wait_for_selector(".notes >> text=Выполнено")
    assert Task.objects.get().state == "done"


@pytest.mark.parametrize("scripts", [True, False])
def test_many_are_closed_and_taken_back(look, operator, cases, scripts):
    tab = look(operator, scripts=scripts)
    tab.goto(reverse("desk:queue") + "?view=all")
    numbers = [cases[2].number, cases[4].number]
    for number in numbers:
        tab.check(f"#row-{number} > input")
    tab.select_option("#bulk-ending", "no_answer_needed")
    tab.click("#bulk button[value=close]")
    tab.wait_for_selector(".notes >> text=Готово, обращений: 2")
    assert Case.objects.filter(number__in=numbers, state="closed").count() == 2
    if scripts:
        tab.keyboard.press("u")
    else:
        tab.click(".notes button")
    tab.wait_for_selector(".notes >> text=Отменено, обращений: 2")
    assert not Case.objects.filter(number__in=numbers, state="closed").exists()
    assert BulkAction.objects.get().restored == 2
