"""The answer checker: a good answer has no remarks, and each fault of a bad one is named with what to do."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.desk.checker import BLOCK, FINAL, INTERIM, TOO_LONG, WARN, Remark, check

GOOD = (
    "Здравствуйте! Фонарь у дома 12 на улице Садовой починили сегодня: заменили лампу и проверили кабель. "
    "Если снова погаснет, позвоните диспетчеру: 8 (351) 200-00-00."
)
ASKED = "Когда починят фонарь на Садовой 12? Мой телефон +7 900 000-11-22, Ковалёва Анна Петровна"


def codes(text: str, **about: object) -> set[str]:
    return {remark.code for remark in check(text, **{"has_photo": True, **about})}


def level(text: str, code: str, **about: object) -> str:
    return next(remark.level for remark in check(text, **{"has_photo": True, **about}) if remark.code == code)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "Добрый день! Бригада выедет завтра до 12:00 и вывезет мусор с площадки у дома 5. Ответственный — мастер Орлов, 8-351-200-00-01.",
        "Здравствуйте! Запись в кружок робототехники открыта до 1 декабря. Приходите в кабинет 14 или напишите в сообщения страницы.",
        "Анна, здравствуйте! Приём ведёт терапевт Сергеева в среду с 9:00. Записаться можно в регистратуре: 8 (351) 200-00-02.",
        "[id1234|Анна], здравствуйте! Яму засыпали 20 ноября, асфальт уложим до конца мая. Вопросы — инспектору: 200-00-03.",
        "Уважаемая Анна Петровна! Автобус № 7 пойдёт по новому расписанию с понедельника, его разместили на сайте https://example.ru.",
    ],
)
def test_a_good_answer_has_no_remarks(text: str):
    assert check(text, ASKED, FINAL, None, True, []) == []


def test_a_good_interim_answer_has_no_remarks():
    text = "Здравствуйте! Передали заявку в горэлектросеть, ответим до 25 ноября. Вопросы — диспетчеру: 8 (351) 200-00-00."
    assert check(text, ASKED, INTERIM, date(2026, 11, 25), False, []) == []


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), ("   \n", "empty"), ("Ок", "too_short"), ("👍👍👍", "too_short"), ("Принято в работу", "too_short")]
)
def test_an_empty_or_too_short_answer_is_blocked(text: str, code: str):
    assert [(remark.code, remark.level) for remark in check(text)] == [(code, BLOCK)]


@pytest.mark.parametrize(
    "blank", ["{имя}", "{{ срок }}", "[дата]", "ХХХ", "XXX", "ХХ.ХХ.2026", "____", "(ФИО)", "(указать адрес)", "<название улицы>", "[Фамилия И.О.]"]
)
def test_an_unfilled_placeholder_is_blocked_and_named(blank: str):
    found = [remark for remark in check(f"{GOOD} Работы примет {blank}.", has_photo=True) if remark.code == "placeholder"]
    assert [remark.level for remark in found] == [BLOCK]
    assert blank.strip("<>[](){} ")[:4] in found[0].text


@pytest.mark.parametrize("fine", ["XX век", "школа № 20 (бывшая 3)", "[club5|Администрация]", "маршрут (автобус)", "ТЦ «Хх»"])
def test_what_looks_like_a_placeholder_but_is_not_passes(fine: str):
    assert "placeholder" not in codes(f"{GOOD} И ещё: {fine}.")


@pytest.mark.parametrize(
    "claim",
    [
        "Ваше обращение зарегистрировано по 59-ФЗ.",
        "Ваша жалоба принята к рассмотрению.",
        "Сообщение зарегистрировано 20 ноября под номером 12.",
        "Зарегистрировали? Да: зарегистрировано ваше обращение.",
        "Ему присвоен входящий номер 77.",
        "Ваше обращение рассмотрено в соответствии с 59-ФЗ.",
        "Комментарию присвоен регистрационный номер 4.",
    ],
)
def test_a_claim_that_a_comment_was_registered_is_blocked(claim: str):
    assert level(f"{GOOD} {claim}", "registered") == BLOCK


@pytest.mark.parametrize(
    "honest",
    [
        "Комментарий не является обращением по 59-ФЗ и не регистрируется.",
        "Чтобы обращение было зарегистрировано, отправьте его через Госуслуги.",
        "Подать обращение по 59-ФЗ можно здесь: https://www.gosuslugi.ru/help/obratitsya_v_pos",
        "Заявка в диспетчерской зарегистрирована сегодня.",
    ],
)
def test_the_honest_explanation_of_an_appeal_is_not_blocked(honest: str):
    assert "registered" not in codes(f"{GOOD} {honest}")


@pytest.mark.parametrize("link", ["https://vk.com/id12345", "@id12345", "[id12345|Наш мастер]", "https://ok.ru/profile/5550001"])
def test_a_link_to_a_personal_page_is_blocked(link: str):
    assert level(f"{GOOD} Пишите: {link}", "personal_link") == BLOCK


def test_a_link_to_a_foreign_network_is_blocked_and_to_an_official_page_is_not():
    assert level(f"{GOOD} Смотрите https://www.instagram.com/city", "foreign_link") == BLOCK
    assert codes(f"{GOOD} Смотрите https://vk.com/club5 и https://max.ru/city") == set()


def test_length_warns_and_then_blocks():
    assert level(GOOD + " Подробности ниже." * 90, "long") == WARN
    assert level(GOOD + " Подробности ниже." * 300, "too_long") == BLOCK


def test_an_interim_answer_without_a_promised_date_is_blocked():
    text = "Здравствуйте! Передали заявку мастеру, он выедет завтра. Телефон: 200-00-00."
    assert level(text, "no_promised_date", kind=INTERIM) == BLOCK
    assert "no_promised_date" not in codes(text, kind=INTERIM, promised_date=date(2026, 11, 25)) | codes(text)


def test_an_interim_answer_is_told_to_name_its_date_in_words():
    found = check("Здравствуйте! Передали заявку мастеру. Телефон: 200-00-00.", "", INTERIM, date(2026, 11, 25), False, [])
    assert [remark.text for remark in found] == ["Назовите жителю обещанный день: «ответим до 25.11.2026»."]


def test_an_answer_without_a_date_is_told_that_the_resident_asks_when():
    text = "Здравствуйте! Фонарь обязательно починим. Телефон: 200-00-00."
    assert "Житель спрашивает «когда»" in next(remark.text for remark in check(text, ASKED) if remark.code == "no_date")
    assert level(text, "no_date") == WARN


@pytest.mark.parametrize(
    "when", ["до 5 декабря", "05.12.2026", "завтра", "в пятницу", "в течение 3 дней", "до конца месяца", "на следующей неделе", "в мае"]
)
def test_a_term_in_any_usual_words_is_a_date(when: str):
    assert "no_date" not in codes(f"Здравствуйте! Фонарь починим {when}. Телефон: 200-00-00.")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Здравствуйте! Благодарим за неравнодушие, ситуация известна с 20 ноября. Телефон: 200-00-00.", "no_action"),
        ("Здравствуйте! Фонарь починим до 25 ноября. Благодарим за сигнал.", "no_contact"),
        ("Фонарь починим до 25 ноября. Телефон: 200-00-00.", "no_greeting"),
        (f"{GOOD} Это не входит в полномочия администрации.", "blame"),
        (f"{GOOD} Это ответственность магазина.", "blame"),
        (f"{GOOD} Вам необходимо обратиться в управляющую компанию.", "blame"),
        (f"{GOOD} К сожалению, ремонта не будет. Оцените наш ответ!", "rate_us"),
        (f"{GOOD} Работы ведутся в рамках осуществления муниципальной программы.", "officialese"),
        (f"{GOOD} Организовано выполнение мероприятий по обеспечению проведения обследования.", "officialese"),
        (f"{GOOD} Об этом говорит Федеральный закон от 06.10.2003 № 131-ФЗ.", "act_name"),
        (f"{GOOD} Так велит постановление администрации города от 01.02.2026 № 5.", "act_name"),
    ],
)
def test_each_fault_of_a_bad_answer_is_a_warning(text: str, code: str):
    assert level(text, code) == WARN


def test_asking_to_rate_a_good_answer_is_allowed():
    assert "rate_us" not in codes(f"{GOOD} Оцените наш ответ!")


def test_work_that_is_done_asks_for_a_photo_and_a_plan_does_not():
    assert "no_photo" in codes(GOOD, has_photo=False)
    assert "no_photo" not in codes(GOOD) | codes("Здравствуйте! Фонарь починят завтра. Телефон: 200-00-00.", has_photo=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{GOOD} Перезвоним вам на 8-900-000-11-22.", "private_contact"),
        (f"{GOOD} Придём к вам: Садовая, 12, кв. 7.", "private_address"),
        (f"{GOOD} Ваш СНИЛС 112-233-445 95.", "private_document"),
        (GOOD.replace("Здравствуйте!", "Здравствуйте, Ковалёва Анна Петровна!"), "private_name"),
        (GOOD.replace("Здравствуйте!", "Уважаемый Орлов Пётр Ильич, здравствуйте!"), "private_name"),
    ],
)
def test_private_data_of_the_resident_is_pointed_at(text: str, code: str):
    assert level(text, code, question_text=ASKED) == WARN


def test_an_official_may_be_named_in_full_and_a_work_phone_given():
    text = f"{GOOD} Отвечает начальник отдела Орлов Пётр Ильич, 8 (351) 200-00-04."
    assert codes(text, question_text=ASKED) == set()


def test_the_same_answer_with_another_date_and_house_is_boilerplate():
    other = GOOD.replace("12", "48").replace("200-00-00", "200-00-09")
    assert "boilerplate" in codes(GOOD, recent_texts=["Совсем о другом: каток открыли.", other])
    assert "boilerplate" not in codes(GOOD, recent_texts=["Здравствуйте! Каток на стадионе открыли сегодня, приходите. Телефон: 200-00-00."])


def test_what_blocks_stands_first():
    levels = [remark.level for remark in check("Сделаем когда-нибудь потом, в рамках исполнения, {имя}.", kind=INTERIM)]
    assert levels == sorted(levels, key=lambda one: one != BLOCK)
    assert set(levels) == {BLOCK, WARN}


def test_every_remark_is_one_russian_line_for_the_writer():
    bad = (
        "Ваше обращение зарегистрировано {дата}. Не входит в полномочия. Оцените ответ, отказано. В целях @id5, кв. 7. instagram.com "
        + "Текст. " * 700
    )
    for remark in check(bad, ASKED, INTERIM, None, False, [bad]):
        assert isinstance(remark, Remark)
        assert remark.text.endswith(".")
        assert "\n" not in remark.text
        assert remark.level in (BLOCK, WARN)


@given(st.text(alphabet="абвАБВ хХ[](){}<>_.,!?\n@id0123456789-+№ФЗ", max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_from_the_checker(text: str):
    assert all(remark.text for remark in check(text, text, FINAL, None, False, [text]))


@pytest.mark.parametrize("piece", ["а ", "обращение ", "[", "1", "8 900 ", "в течение ", "Аа ", "a.", "ения ", "кв ", "_", "не входит в "])
def test_a_hostile_long_text_does_not_hang_the_checker(piece: str):
    found = check(piece * (60_000 // len(piece)), piece * 5_000)
    assert any(remark.level == BLOCK for remark in found)


def test_the_limit_of_length_is_the_networks_own():
    assert "too_long" not in codes(("Слово да " * 1000)[:TOO_LONG])
