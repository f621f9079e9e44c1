"""Ready answers: placeholders, versions, the picker, and the share of answers made by them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gospult.desk import actions, queries
from gospult.desk.models import Answer, Case, Template
from gospult.desk.templating import fill, kept, placeholders
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

TEXT = "Здравствуйте, {имя}! Снег во дворе уберём {дата}, бригада уже получила задание. Отвечает {контакт}."


def test_what_is_known_is_filled_and_the_rest_stays_in_braces():
    assert fill("{имя}, {Дата} и {врач}", {"имя": "Анна", "дата": "завтра", "врач": ""}) == "Анна, завтра и {врач}"
    assert placeholders(TEXT) == ["имя", "дата", "контакт"]


def test_how_much_of_the_template_is_kept():
    filled = fill(TEXT, {"имя": "Анна", "дата": "завтра", "контакт": "Школа № 1"})
    assert kept(TEXT, filled) == 1.0
    assert kept(TEXT, "Совсем другой ответ о том, что ничего такого не было и не будет.") == 0.0
    assert 0 < kept(TEXT, "Снег во дворе уберём в среду.") < 0.5


@given(st.text(max_size=80), st.text(max_size=80))
def test_what_is_kept_is_a_share(template: str, answer: str):
    assert 0 <= kept(template, answer) <= 1


@pytest.fixture
def case(page, body, operator) -> Case:
    make_connection(page, mode="full")
    body.contact_phone = "8 351 000-00-00"
    body.save()
    return make_case(page, body=body, by=operator)


@pytest.fixture
def ready(operator) -> Template:
    return actions.write_template(title="Снег", text=TEXT, by=operator)


def period():
    return timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)


@pytest.mark.django_db
def test_a_template_stands_in_the_draft_filled_with_what_the_case_knows(case, ready, operator):
    answer = actions.put_template(case=case, template=ready, by=operator)
    assert "Школа № 1, 8 351 000-00-00" in answer.text
    assert placeholders(answer.text)[-1] == "дата"
    assert Answer.objects.get().remarks[0]["code"] == "placeholder"
    with pytest.raises(Refused, match="Заполните или уберите заготовку"):
        actions.submit(answer=Answer.objects.get(), by=operator)


@pytest.mark.django_db
def test_a_template_comes_after_what_is_written(case, ready, operator):
    make_answer(case, by=operator, text="Здравствуйте!")
    assert actions.put_template(case=case, template=ready, by=operator).text.startswith("Здравствуйте!\n\nЗдравствуйте, ")


@pytest.mark.django_db
def test_an_answer_remembers_its_version_and_old_words_stay(case, ready, operator):
    actions.put_template(case=case, template=ready, by=operator)
    actions.write_template(template=ready, title="Снег", text="Новые слова о снеге во дворе", by=operator)
    assert [v.number for v in ready.versions.order_by("number")] == [1, 2]
    assert Answer.objects.get().template_version.text == TEXT


@pytest.mark.django_db
def test_the_share_of_template_answers_of_a_body(case, ready, page, body, operator, stranger):
    words = actions.put_template(case=case, template=ready, by=operator).text.replace("{имя}", "Анна").replace("{дата}", "до 30 ноября")
    publish(make_answer(case, by=operator, text=words), by=operator)
    publish(make_answer(make_case(page, "Не горит фонарь у школы", body=body, by=operator), by=operator), by=operator, external_id="x")
    assert Answer.objects.get(case=case).template_kept == 1.0
    assert queries.template_share(operator, *period()) == [{"body": body, "answers": 2, "ready": 1, "share": 50}]
    assert queries.template_share(stranger, *period()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [({"title": " "}, "название и текст"), ({"text": "{дата"}, "Скобки не парные"), ({"group_code": "nothing"}, "Такой группы тем нет")],
)
def test_a_bad_template_is_refused_in_one_sentence(operator, fields, words):
    with pytest.raises(Refused, match=words):
        actions.write_template(**{"title": "Снег", "text": TEXT, **fields}, by=operator)


@pytest.mark.django_db
def test_a_retired_template_is_offered_no_more(case, ready, operator):
    actions.retire_template(template=ready, by=operator)
    ready.refresh_from_db()
    assert not queries.ready_for(case).exists()
    for refused in (
        lambda: actions.put_template(case=case, template=ready, by=operator),
        lambda: actions.retire_template(template=ready, by=operator),
        lambda: actions.write_template(template=ready, title="x", text="y", by=operator),
    ):
        with pytest.raises(Refused, match="уже убран"):
            refused()


@pytest.mark.django_db
def test_the_picker_offers_the_group_first_and_finds_by_words(client, case, ready, executor, operator):
    topic = make_topic()
    Case.objects.update(topic=topic)
    actions.write_template(title="Мусор", text="Вывезем мусор {дата}", group_code=topic.group_code, by=operator)
    client.force_login(executor)
    url = reverse("desk:choose", args=[case.number, "template"])
    text = client.get(url).content.decode()
    assert text.index("Мусор") < text.index("Снег")
    assert "Мусор" not in client.get(url, {"q": "снег"}).content.decode()
    text = client.post(reverse("desk:template", args=[case.number]), {"template": ready.pk}, follow=True).content.decode()
    assert "Шаблон вставлен. Заполните:" in text
    assert "Выберите шаблон" in client.post(reverse("desk:template", args=[case.number]), {"template": "x"}, follow=True).content.decode()


@pytest.mark.django_db
def test_templates_are_written_on_their_screen_and_the_share_opens_its_rows(client, case, ready, body, operator):
    client.force_login(operator)
    assert "Снег" in client.get(reverse("desk:templates")).content.decode()
    client.post(reverse("desk:template_edit", args=[ready.pk]), {"title": "Снег", "text": "Другие слова {дата}", "group_code": ""})
    assert "Версия 2" in client.get(reverse("desk:template_edit", args=[ready.pk])).content.decode()
    publish(make_answer(case, by=operator), by=operator)
    assert f"?body={body.pk}" in client.get(reverse("desk:template_use")).content.decode()
    assert case.number in client.get(reverse("desk:template_use"), {"body": body.pk}).content.decode()
    client.post(reverse("desk:template_retire", args=[ready.pk]))
    assert "Шаблонов пока нет" in client.get(reverse("desk:templates")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["templates", "template_new", "template_use", "template_edit", "template_retire", "template", "choose"])
def test_stranger_gets_404(client, stranger, case, ready, name):
    args = {"template_edit": [ready.pk], "template_retire": [ready.pk], "template": [case.number], "choose": [case.number, "template"]}.get(name, [])
    client.force_login(stranger)
    ask = client.post if name in ("template_retire", "template") else client.get
    assert ask(reverse(f"desk:{name}", args=args), {"template": ready.pk}).status_code == 404
