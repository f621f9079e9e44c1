"""The desk in a browser: by keyboard alone, without scripts, on a phone."""

import pytest
from django.urls import reverse

from gospult.desk import actions
from gospult.desk.models import Answer, Case
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_case_is_opened_sorted_answered_and_closed_by_keyboard_alone(look, operator, body, cases):
    case = Case.objects.get(headline__startswith="Когда включат")
    Case.objects.exclude(pk=case.pk).filter(state__in=["new", "routed"]).update(next_due_at="2999-01-01T00:00Z")
    Case.objects.filter(pk=case.pk).update(next_due_at="2020-01-01T00:00Z", body=None, state="new")
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=new")
    keys = tab.keyboard
    keys.press("j")
    keys.press("Enter")
    tab.wait_for_selector(".case-head")
    assert case.number in tab.url
    keys.press("t")
    tab.wait_for_selector("details[open] .choices")
    keys.type("двор")
    tab.wait_for_selector("details[open] .choices .check >> text=Уборка дворов")
    keys.press("Enter")
    tab.wait_for_selector("[name=topic]:focus")
    keys.press("Enter")
    tab.wait_for_selector(".notes >> text=Уборка дворов")
    keys.press("b")
    tab.wait_for_selector("[name=body]:focus")  # the page's owner is ready to be accepted
    keys.press("Enter")
    tab.wait_for_selector(".notes >> text=Передано")
    keys.press("r")
    keys.type(GOOD_ANSWER)
    tab.wait_for_selector("[data-saved]")
    keys.press("Tab")
    keys.press("Enter")
    tab.wait_for_selector(".note >> text=Ответ уйдёт")
    case.refresh_from_db()
    assert (case.topic.name, case.body) == ("Уборка дворов", body)
    assert Outgoing.objects.filter(answer=case.answers.get().pk, state="ready").exists()
    keys.press("u")
    tab.wait_for_selector(".notes >> text=Отменено")
    assert case.answers.get().state == Answer.State.DRAFT
    keys.press("c")
    tab.wait_for_selector("[name=closed_as]:focus")
    keys.press("Enter")
    tab.wait_for_selector(".notes >> text=Закрыто")
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED


def test_twenty_residents_are_answered_one_after_another_by_keyboard_alone(look, operator, page, body):
    make_connection(page, mode="full")
    asked = [make_case(page, f"Не горит фонарь у дома {number}", body=body, by=operator) for number in range(1, 21)]
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=work")
    keys = tab.keyboard
    for number in range(1, 21):
        keys.press("j")
        keys.press("Enter")
        tab.wait_for_selector(f".case-head >> text=у дома {number}")
        keys.press("r")
        tab.wait_for_selector("textarea[name=text]:focus")
        keys.type(f"{GOOD_ANSWER} Фонарь у дома {number} заменим.")
        keys.press("Control+Enter")
        tab.wait_for_selector(".note >> text=Ответ уйдёт")
    texts = {case.pk: f"у дома {number} " for number, case in enumerate(asked, 1)}
    answers = list(Answer.objects.filter(state="approved"))
    assert len(answers) == Outgoing.objects.filter(state="ready").count() == 20
    assert all(texts[answer.case_id] in answer.text for answer in answers)  # each one in its own case


def test_keys_work_in_the_russian_layout(look, operator, cases):
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=all")
    tab.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ', bubbles: true}))")
    assert tab.evaluate("document.activeElement.closest('.row') !== null")


def test_a_key_typed_into_a_field_is_a_letter(look, operator, cases):
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=all")
    tab.keyboard.press("/")
    tab.keyboard.type("jkc?")
    assert tab.input_value("input[name=q]") == "jkc?"


def test_the_whole_way_works_without_scripts(look, operator, cases):
    case = next(c for c in cases if c.state == Case.State.NEW)
    tab = look(operator, scripts=False)
    tab.goto(reverse("desk:queue") + "?view=all")
    tab.click(f"#row-{case.number} a")
    tab.fill("#answer textarea[name=text]", GOOD_ANSWER)
    tab.click("button[value=approve]")
    tab.click("text=Отменить")
    assert case.answers.get().state == Answer.State.DRAFT
    tab.goto(reverse("desk:choose", args=[case.number, "topic"]) + "?q=двор")
    tab.click("text=Выбрать")
    case.refresh_from_db()
    assert case.topic.name == "Уборка дворов"


def test_text_that_never_reached_the_server_survives_a_reload(look, operator, cases):
    tab = look(operator)
    tab.goto(reverse("desk:case", args=[cases[0].number]))
    tab.route("**/draft", lambda route: route.abort())
    tab.fill("#answer textarea[name=text]", "Здравствуйте! Уже выехали")
    tab.reload()
    assert tab.input_value("#answer textarea[name=text]") == "Здравствуйте! Уже выехали"


def test_a_colleagues_draft_is_shown_with_the_name(look, operator, executor, cases):
    make_answer(cases[0], by=executor)
    tab = look(operator)
    tab.goto(reverse("desk:case", args=[cases[0].number]))
    assert "пишет executor" in tab.inner_text("#answer-title")


def test_the_list_does_not_move_when_a_case_is_opened_and_changed(look, operator, cases):
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=all")
    before = tab.eval_on_selector_all(".row", "rows => rows.map(r => r.id)")
    tab.click(f"#row-{cases[1].number} a")
    tab.wait_for_selector(".case-head")
    tab.wait_for_selector(f"#row-{cases[1].number} a[aria-current]")
    tab.keyboard.press("n")
    tab.wait_for_selector("[name=kind][value=not_for_us]:focus")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".notes >> text=Тип")
    assert tab.eval_on_selector_all(".row", "rows => rows.map(r => r.id)") == before
    assert "закрыто" in tab.inner_text(f"#row-{cases[1].number}")


def test_the_counts_come_after_the_list_and_follow_what_is_done(look, operator, cases):
    tab, waiting = look(operator), Case.objects.filter(state="new").count()
    tab.goto(reverse("desk:queue") + "?view=new")
    tab.wait_for_selector(f"#saved-views a[aria-current] .count >> text=/^{waiting}$/")
    tab.click(".row a")
    tab.wait_for_selector(".case-head")
    tab.keyboard.press("n")
    tab.wait_for_selector("[name=kind][value=not_for_us]:focus")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(f"#saved-views a[aria-current] .count >> text=/^{waiting - 1}$/")


def test_the_chosen_theme_is_kept_without_a_cookie(look, operator):
    tab = look(operator)
    tab.goto(reverse("desk:queue"))
    tab.click("[data-theme-switch]")
    tab.reload()
    assert tab.get_attribute("html", "data-theme") == "dark"
    assert {c["name"] for c in tab.context.cookies()} <= {"sessionid", "csrftoken", "messages"}


def test_conditions_are_chosen_kept_and_opened_again_by_keyboard_alone(look, operator, cases):
    tab = look(operator)
    tab.goto(reverse("desk:queue") + "?view=all")
    keys = tab.keyboard
    keys.press("f")
    tab.wait_for_selector("#filters select[name=topic]:focus")
    for _ in range(6):
        keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert tab.input_value("#filters [name=kind]") == "question"
    tab.locator("#filters button").focus()
    keys.press("Enter")
    tab.wait_for_selector(".chips >> text=тип вопрос")
    tab.click("text=Сохранить условия")
    tab.fill("[name=name]", "Вопросы")
    keys.press("Enter")
    tab.wait_for_selector("#saved-views >> text=Вопросы")
    tab.goto(reverse("desk:queue") + "?view=all")
    tab.click("#saved-views >> text=Вопросы")
    tab.wait_for_selector("#saved-views [aria-current] >> text=Вопросы")
    assert tab.inner_text(".rows-head h1") == "Вопросы"


def test_a_colleague_at_the_same_case_is_seen_and_his_draft_is_taken_only_by_a_button(look, operator, executor, cases):
    case = cases[-1]
    Case.objects.filter(pk=case.pk).update(state="routed")
    first, second = look(executor), look(operator)
    first.goto(reverse("desk:case", args=[case.number]))
    first.fill("#answer textarea[name=text]", "Здравствуйте! Выехали")
    first.wait_for_selector("[data-saved]")
    second.goto(reverse("desk:case", args=[case.number]) + "?view=all")
    second.wait_for_selector("#presence >> text=Пишет executor")
    second.fill("#answer textarea[name=text]", "А я иначе")
    second.wait_for_selector("#checker >> text=Сейчас пишет executor")
    assert Answer.objects.get(case=case, state="draft").text == "Здравствуйте! Выехали"
    second.click("text=Взять черновик себе")
    second.wait_for_selector(".notes >> text=Черновик у вас")
    with second.expect_response("**/draft"):
        second.fill("#answer textarea[name=text]", "Здравствуйте! Выехали, будем к 15:00")
    assert Answer.objects.get(case=case, state="draft").text == "Здравствуйте! Выехали, будем к 15:00"


def test_nothing_jumps_when_a_colleague_comes(look, operator, executor, cases):
    tab = look(operator)
    tab.clock.install()
    tab.goto(reverse("desk:case", args=[cases[0].number]))
    top = "document.querySelector('#answer').getBoundingClientRect().top"
    before = tab.evaluate(top)
    actions.look(case=cases[0], by=executor)
    tab.clock.run_for(16_000)
    tab.wait_for_selector("#presence >> text=Смотрит executor")
    assert tab.evaluate(top) == before


def test_a_message_is_taken_out_of_a_case_by_its_button(look, operator, cases):
    actions.merge(case=Case.objects.get(pk=cases[1].pk), into=Case.objects.get(pk=cases[0].pk), by=operator)
    tab = look(operator)
    tab.goto(reverse("desk:case", args=[cases[0].number]) + "?view=all")
    tab.locator("button.split").last.click()
    tab.wait_for_selector(".notes >> text=Сообщение выделено")
    assert cases[0].message_set.count() == 1


def test_a_case_outside_the_shown_list_is_changed_without_complaints(look, operator, cases):
    tab = look(operator)  # a complaint in the console fails the test
    tab.goto(reverse("desk:case", args=[cases[0].number]) + "?view=trouble")
    assert tab.locator(f"#row-{cases[0].number}").count() == 0
    tab.keyboard.press("n")
    tab.wait_for_selector("[name=kind][value=not_for_us]:focus")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".notes >> text=Тип")
