"""Notes: they stay in the house, call colleagues, go along with merges, and are forgotten like the words beside them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gospult.accounts.models import Journal, Person, Role
from gospult.alerts.models import Alert, Letter
from gospult.desk import actions
from gospult.desk.models import Case, Message, Note
from gospult.desk.queries.notes import colleagues, logins_in, sees
from gospult.desk.testing import make_answer, make_case, make_message, make_topic, publish
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_grant, make_page, make_person

SECRET = "Подрядчик опять тянет, между нами"
db = pytest.mark.django_db


@pytest.fixture
def case(page, body, operator) -> Case:
    make_topic()
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator, thread_id="w1_1", author_id="77")


def note(case: Case, by: Person, text: str = SECRET, **fields) -> Note:
    return actions.write_note(case=Case.objects.get(pk=case.pk), text=text, by=by, **fields)


def screen(client, person, case) -> str:
    client.force_login(person)
    return client.get(reverse("desk:case", args=[case.number])).content.decode()


@db
def test_a_note_stands_in_the_stream_in_order_of_time_and_says_who_sees_it(client, case, operator, page):
    note(case, operator)
    make_message(page, "Мусор так и лежит, когда уберёте?", thread_id="w1_1", author_id="77")
    html = screen(client, operator, case).partition('class="thread"')[2]
    assert html.index("Не вывозят мусор с прошлой") < html.index(SECRET) < html.index("когда уберёте")
    assert "Видно только сотрудникам" in html
    assert Journal.objects.filter(verb="note_written", object_id=case.pk).count() == 1


@db
def test_no_word_of_a_note_leaves_the_house(client, case, operator, executor, page):
    note(case, operator, f"{SECRET} @{executor.username}")
    publish(make_answer(case, by=operator), by=operator)
    client.force_login(operator)
    shown = [client.get(reverse("desk:beside", args=[case.number])).content]
    for form in ("csv", "xlsx"):
        shown.append(b"".join(client.post(f"{reverse('desk:export')}?view=all", {"form": form}).streaming_content))
    client.logout()
    shown.append(client.get(reverse("services:status"), {"number": case.message_set.get().number}).content)
    assert all("между нами".encode() not in page for page in shown)
    for rows in (Outgoing, Alert, Letter, Journal, Message):
        assert "между нами" not in str(list(rows.objects.values()))
    assert "между нами" not in str(list(case.events.values()))


@db
def test_who_is_called_by_login_or_chosen_is_told_once_with_a_link(case, operator, executor, curator):
    row = note(case, operator, f"Посмотрите, @{executor.username.upper()}.", colleague=curator)
    actions.edit_note(note=row, text=f"Посмотрите сегодня, @{executor.username}", by=operator)
    told = Alert.objects.filter(kind="mention")
    assert {alert.person for alert in told} == {executor, curator}
    assert told.count() == 2
    assert {(alert.path, alert.case, alert.urgent) for alert in told} == {(reverse("desk:case", args=[case.number]), case.pk, False)}


@db
def test_who_may_not_see_the_case_is_not_called(client, case, operator, stranger):
    client.force_login(operator)
    response = client.post(reverse("desk:note", args=[case.number]), {"text": f"Помогите, @{stranger.username}"})
    html = response.content.decode()
    assert "не видит это обращение: позовите того, кому оно доступно" in html
    assert f"Помогите, @{stranger.username}</textarea>" in html
    assert (Note.objects.count(), Alert.objects.filter(kind="mention").count()) == (0, 0)


@db
@pytest.mark.parametrize("text", ["", "  ", "x" * 4001, "Кто это, @nobody_here?"])
def test_what_cannot_be_a_note_is_refused(case, operator, text):
    with pytest.raises(Refused):
        note(case, operator, text)


@db
def test_everybody_offered_may_see_the_case(case, operator, executor, curator, steward, stranger):
    make_grant(make_person(), Role.EXECUTOR, body=case.body)
    offered = colleagues(case, besides=operator)
    assert {executor, curator, steward} < set(offered)
    assert operator not in offered
    assert stranger not in offered
    assert all(sees(person, case) for person in offered)


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_.+-]{0,8}[a-z0-9]", fullmatch=True), max_size=4), st.sampled_from([", ", ". ", "!\n", " ("]))
def test_logins_are_found_whatever_stands_around_them(logins, between):
    text = between.join(f"@{login}" for login in logins)
    assert logins_in(f"Почта mail@example.ru, {text}.") == list(dict.fromkeys(logins))


@db
def test_only_the_author_changes_a_note_and_the_change_is_seen(client, case, operator, executor):
    row = note(case, operator)
    with pytest.raises(Refused, match="Чужую заметку не правят"):
        actions.edit_note(note=row, text="Другое", by=executor)
    actions.edit_note(note=row, text="Подрядчик обещал завтра", by=operator)
    html = screen(client, executor, case)
    assert "Подрядчик обещал завтра" in html
    assert "изменено" in html
    assert SECRET not in html


@db
def test_a_removed_note_leaves_its_trace_and_no_words(client, case, operator, executor):
    row = note(case, operator)
    client.force_login(executor)
    assert client.post(reverse("desk:note_remove", args=[case.number, row.pk])).status_code == 403
    client.force_login(operator)
    client.post(reverse("desk:note_remove", args=[case.number, row.pk]))
    row.refresh_from_db()
    assert (row.text, row.removed_by) == ("", operator)
    assert "Заметка убрана" in screen(client, executor, case)


@db
def test_of_two_who_change_or_remove_a_note_one_is_refused(case, operator):
    row = note(case, operator)
    first, second = Note.objects.get(pk=row.pk), Note.objects.get(pk=row.pk)
    actions.edit_note(note=first, text="Одно", by=operator)
    with pytest.raises(Refused, match="только что изменили"):
        actions.edit_note(note=second, text="Другое", by=operator)
    actions.remove_note(note=first, by=operator)
    with pytest.raises(Refused, match="уже убрали"):
        actions.remove_note(note=second, by=operator)
    assert Journal.objects.filter(verb="note_removed").count() == 1


@db
def test_notes_go_along_with_a_merge_and_come_back_with_their_case(client, case, page, body, operator):
    other = make_case(page, "Во дворе не горит фонарь", body=body, by=operator, author_id="2", thread_id="w2")
    third = make_case(page, "Автобус не приходит вовремя", body=body, by=operator, author_id="3", thread_id="w3")
    mine = [note(one, operator, f"Заметка {one.number}") for one in (case, other, third)]
    actions.merge(case=case, into=other, by=operator)
    actions.merge(case=Case.objects.get(pk=other.pk), into=third, by=operator)
    assert set(third.notes.all()) == set(mine)
    html = screen(client, operator, third)
    assert all(f"Заметка {one.number}" in html for one in (case, other, third))
    with pytest.raises(Refused, match="пишите заметку в главном"):
        note(other, operator)
    actions.unmerge(case=Case.objects.get(pk=other.pk), by=operator)
    assert set(other.notes.all()) == set(mine[:2])
    assert set(third.notes.all()) == {mine[2]}


@db
def test_a_split_loses_no_note(case, page, operator):
    written = note(case, operator)
    message = make_message(page, "И ещё яма во дворе", thread_id="w1_1", author_id="77")
    actions.split(case=case, messages=[message], by=operator)
    assert list(case.notes.all()) == [written]


@db
@pytest.mark.parametrize(("days", "left"), [(1094, SECRET), (1096, "")])
def test_notes_are_forgotten_by_the_term_of_the_words_beside_them(case, operator, days, left):
    row = note(case, operator)
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    at = timezone.now() - timedelta(days=days)
    Message.objects.update(received_at=at)
    Case.objects.update(closed_at=at)
    Note.objects.update(at=at)
    actions.forget_due()
    actions.forget_notes()
    row.refresh_from_db()
    assert row.text == left


@db
def test_a_note_of_a_case_in_work_is_not_forgotten(case, operator):
    row = note(case, operator)
    Note.objects.update(at=timezone.now() - timedelta(days=3000))
    Message.objects.update(forgotten_at=timezone.now())
    assert actions.forget_notes() == 0
    row.refresh_from_db()
    assert row.text == SECRET


@db
@pytest.mark.parametrize("name", ["note", "note_edit", "note_remove"])
def test_stranger_gets_404_and_an_auditor_may_not_write(client, case, operator, stranger, name):
    row = note(case, operator)
    url = reverse(f"desk:{name}", args=[case.number] if name == "note" else [case.number, row.pk])
    for person, status in ((stranger, 404), (make_person(role=Role.AUDITOR), 403)):
        client.force_login(person)
        assert client.post(url, {"text": "Тоже заметка"}).status_code == status
    assert list(Note.objects.values_list("text", flat=True)) == [SECRET]


@db
def test_a_note_of_another_case_is_not_reached_by_this_one(client, case, operator):
    elsewhere = make_body(name="Другая школа")
    other = make_case(make_page(body=elsewhere), "Холодно в школе", body=elsewhere, by=operator)
    row = note(other, operator)
    client.force_login(operator)
    assert client.post(reverse("desk:note_remove", args=[case.number, row.pk])).status_code == 404


@db
def test_the_list_of_notes_is_that_of_the_cases_one_sees(case, operator, executor, stranger):
    row = note(case, operator)
    assert list(Note.objects.visible_to(executor)) == [row]
    assert not Note.objects.visible_to(stranger).exists()
