"""What may not be said of a person under a comment. The phrases are our own."""

import pytest
from django.urls import reverse

from gospult.desk import actions
from gospult.desk.actions.answering import remarks
from gospult.desk.privacy import EDUCATION, HEALTH, SOCIAL, Around, check, without_personal
from gospult.desk.testing import make_answer, make_case, make_message, make_topic
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_page, make_sphere

ASKED = "Запишите к хирургу, мой телефон +7 900 000-11-22, почта zhitel@example.ru"
OWN = ("8 (351) 200-00-00, +7 912 000-33-44", "priem@example.org")


def codes(text, *spheres, question=ASKED, **fields):
    place = Around(**{"public": True, "spheres": frozenset(spheres), "own": OWN, **fields})
    return {remark.code for remark in check(text, question, place) if remark.level == "block"}


@pytest.mark.parametrize(
    ("sphere", "text"),
    [
        (HEALTH, "Добрый день! Вы записаны к хирургу на 12 ноября."),
        (HEALTH, "У вас подтверждён диагноз, приходите на приём."),
        (HEALTH, "Ваш анализ готов, заберите."),
        (HEALTH, "Результаты анализов положительные."),
        (HEALTH, "Вам назначена операция на декабрь."),
        (HEALTH, "Вы состоите на учёте у кардиолога."),
        (HEALTH, "Да, вам выписан рецепт вчера."),
        (HEALTH, "Ковалёва Анна Петровна выписана вчера."),
        (HEALTH, "Ваш ребёнок привит в октябре."),
        (HEALTH, "Это наш пациент, он лечился в марте."),
        (SOCIAL, "Вам назначено пособие с ноября."),
        (SOCIAL, "Ваша выплата перечислена 5 ноября."),
        (SOCIAL, "Вы признаны малоимущей семьёй."),
        (SOCIAL, "В субсидии вам отказано из-за дохода."),
        (SOCIAL, "Орлов Пётр Иванович получает компенсацию."),
        (EDUCATION, "Ваш сын зачислен в первый класс."),
        (EDUCATION, "Ваша дочь получила двойку за поведение."),
        (EDUCATION, "Орлова Мария Ивановна зачислена в 1 «Б» класс."),
        (EDUCATION, "У вашего ребёнка пропуски без справки."),
    ],
)
def test_nothing_personal_is_confirmed_on_a_sensitive_page(sphere, text):
    found = codes(text, sphere)
    assert found & {"private_confirms", "private_child", "private_status"}
    assert codes(text, sphere, public=False) == set()


@pytest.mark.parametrize(
    ("sphere", "text"),
    [
        (HEALTH, "Здравствуйте! Хирург принимает по вторникам с 9:00. Записаться можно в регистратуре: 8 (351) 200-00-00."),
        (HEALTH, "Здравствуйте! Чтобы узнать результат анализа, напишите в личные сообщения страницы."),
        (HEALTH, "Здравствуйте! Кабинет 12 отремонтировали, приём идёт как обычно."),
        (HEALTH, "Здравствуйте! Если вам нужен рецепт, позвоните в регистратуру."),
        (SOCIAL, "Здравствуйте! Пособие назначают за 10 дней после заявления, подать его можно в МФЦ."),
        (SOCIAL, "Здравствуйте! Мы не обсуждаем выплаты в комментариях: напишите лично."),
        (EDUCATION, "Здравствуйте! Двор школы почистили сегодня. Директор Орлова Мария Ивановна, телефон 8 (351) 200-00-00."),
        (EDUCATION, "Здравствуйте! Зачисление в первые классы идёт до 30 июня."),
        (EDUCATION, "Здравствуйте! Ребёнка можно записать в кружок до 1 декабря."),
    ],
)
def test_what_holds_for_everybody_may_be_said(sphere, text):
    assert codes(text, sphere) == set()


def test_elsewhere_a_road_service_may_say_you(db):
    assert codes("Здравствуйте! Ваш двор почистили, вам ответят завтра.") == set()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("private_contact", "Перезвоним вам по номеру 8 900 000 11 22."),
        ("private_contact", "Ответ отправили на zhitel@example.ru."),
        ("private_document", "Ваш СНИЛС 112-233-445 95 найден."),
        ("private_document", "Паспорт 75 09 123456 проверили."),
        ("private_document", "Полис ОМС № 7451 2345 6789 0123 действует."),
        ("private_document", "ИНН 745112345678 указан верно."),
        ("private_car", "Машину А123ВС74 эвакуировали."),
        ("private_car", "Владелец х777ам 174 предупреждён."),
    ],
)
def test_personal_data_block_on_every_page(code, text):
    assert code in codes(text)


def test_the_bodys_own_contacts_pass_even_when_a_resident_named_them():
    own = "Звоните: 8 (351) 200-00-00 или +7 912 000-33-44, пишите priem@example.org."
    assert codes(own, question="Не дозвониться на 8 351 200-00-00 и 8 912 000 33 44") == set()


def test_an_address_of_a_person_blocks_on_a_sensitive_page():
    assert codes("Вы проживаете на Ленина, 12, врач придёт.", HEALTH) == {"private_address"}
    assert "private_address" in codes("Врач придёт в кв. 15.", HEALTH)


def test_a_direct_message_is_never_quoted():
    said = "У моей дочери нашли редкую болезнь и мы боимся остаться одни"
    assert codes("Вы писали: нашли редкую болезнь и мы боимся остаться одни, поможем.", dms=[said]) == {"dm_quoted"}
    assert codes("Поможем: нашли специалиста и время.", dms=[said]) == set()


def test_personal_sentences_go_and_the_others_stay():
    place = Around(public=True, spheres=frozenset({HEALTH}), own=OWN)
    text = "Здравствуйте! Вы записаны к хирургу на 12 ноября. Регистратура работает с 8:00."
    assert without_personal(text, ASKED, place) == "Здравствуйте! Регистратура работает с 8:00."


@pytest.fixture
def clinic(db):
    body = make_body(name="Больница № 1", spheres=[make_sphere(code="health", name="Здравоохранение")], contact_phone="8 (351) 200-00-00")
    page = make_page(body=body)
    make_topic()
    make_connection(page)
    return page


CONFIRMS = "Здравствуйте! Вы записаны к хирургу на 12 ноября, кабинет 5. Вопросы по телефону 8 (351) 200-00-00."


@pytest.mark.django_db
def test_an_answer_that_confirms_is_not_published_under_a_comment_and_is_in_a_dialogue(clinic, operator):
    public = make_case(clinic, "Записали ли меня к хирургу?", author_id="5")
    with pytest.raises(Refused, match="продолжим в личных сообщениях"):
        actions.send(answer=make_answer(public, by=operator, text=CONFIRMS), by=operator)
    private = make_case(clinic, "Записали ли меня к хирургу?", kind="dm", external_id="m5", thread_id="d5", author_id="5")
    assert "private_confirms" not in {r.code for r in remarks(make_answer(private, by=operator, text=CONFIRMS))}


@pytest.mark.django_db
def test_one_key_takes_the_personal_out_and_puts_the_ready_phrase_in(client, clinic, operator):
    case = make_case(clinic, "Записали ли меня к хирургу?")
    client.force_login(operator)
    shown = client.post(reverse("desk:draft", args=[case.number]), {"text": CONFIRMS, "kind": "final"}).content.decode()
    assert 'aria-keyshortcuts="l"' in shown
    client.post(reverse("desk:answer", args=[case.number]), {"text": CONFIRMS, "kind": "final", "do": "private"})
    draft = case.answers.get()
    assert "записаны" not in draft.text
    assert "продолжим в личных сообщениях" in draft.text
    assert not [r for r in remarks(draft) if r.level == "block"]


@pytest.mark.django_db
def test_words_of_a_dialogue_of_the_same_case_are_not_quoted_under_the_comment(page, operator):
    make_topic()
    make_connection(page)
    case = make_case(page, "Помогите с лечением", author_id="5")
    said = make_message(page, "У моей дочери нашли редкую болезнь и мы боимся остаться одни", kind="dm", external_id="m9", thread_id="d9")
    type(said).objects.filter(pk=said.pk).update(case=case)
    draft = make_answer(case, by=operator, text="Здравствуйте! Вы писали, что нашли редкую болезнь и мы боимся остаться одни. Поможем завтра.")
    assert "dm_quoted" in {r.code for r in remarks(draft)}


@pytest.mark.django_db
def test_a_ready_template_is_no_answer_to_somebody_in_danger(page, body, operator):
    make_topic()
    make_connection(page)
    text = "Здравствуйте! Спасибо, что написали, специалист свяжется с вами завтра. Телефон 8 351 200-00-00."
    first = make_case(page, "Не вывозят мусор", body=body, by=operator)
    actions.send(answer=make_answer(first, by=operator, text=text), by=operator)
    second = make_case(page, "Я больше не хочу жить", body=body, by=operator, thread_id="w7_7")
    assert ("boilerplate", "block") in {(r.code, r.level) for r in remarks(make_answer(second, by=operator, text=text))}
