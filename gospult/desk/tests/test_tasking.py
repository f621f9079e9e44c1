"""«Поручения»: who may ask whom, what the holder sees and may not do, the day, the news, and what merges, splits and routes do to them."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gospult.accounts.models import Journal, Person, Role
from gospult.alerts.models import Alert
from gospult.desk import actions, queries
from gospult.desk.models import Case, CaseEvent, Message, Note, SavedView, Task
from gospult.desk.queries import clocks_of, deadlines_for
from gospult.desk.testing import GOOD_ANSWER, make_case, make_message, make_topic
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.models import Body
from gospult.registry.testing import make_body, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ministry(body) -> Body:
    return body.parent


@pytest.fixture
def asker(ministry) -> Person:
    return make_person(role=Role.EXECUTOR, body=ministry, username="asker")


@pytest.fixture
def sister(ministry) -> Body:
    return make_body(name="Школа № 2", parent=ministry)


@pytest.fixture
def case(ministry, operator, page) -> Case:
    """A case of the ministry, on a page that is not the schools'."""
    make_topic()
    make_connection(page, mode="full")
    actions.route(case=(case := make_case(page, thread_id="w1_1", author_id="77")), body=ministry, by=operator)
    Case.objects.filter(pk=case.pk).update(page=None)
    return Case.objects.get(pk=case.pk)


def workday(case: Case, after: int = 0) -> date:
    calendar = deadlines_for(case)[1]
    return next(d for n in range(after, 40) if calendar.hours(d := timezone.localdate() + timedelta(days=n)))


def asked(case: Case, *bodies: Body, by: Person, **fields) -> list[Task]:
    values = {"text": "Проверьте ограждение и пришлите фото", "due": workday(case), **fields}
    return actions.ask(case=Case.objects.get(pk=case.pk), bodies=bodies, by=by, **values)


def fresh(task: Task) -> Task:
    return Task.objects.select_related("case", "body", "asked_by").get(pk=task.pk)


def picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "JPEG")
    return out.getvalue()


def page_of(client, person, case) -> str:
    client.force_login(person)
    return client.get(reverse("desk:case", args=[case.number])).content.decode()


def test_a_body_asks_those_below_it_and_they_are_told(case, body, sister, asker, executor):
    tasks = asked(case, body, sister, by=asker)
    assert [(task.body, task.state) for task in tasks] == [(body, "open"), (sister, "open")]
    alert = Alert.objects.get(person=executor)
    assert (alert.kind, alert.path) == ("task", reverse("desk:case", args=[case.number]))
    assert "ограждение" not in alert.text
    assert Journal.objects.filter(verb="tasks_given", object_id=case.pk).count() == 1


def test_the_clock_of_the_case_goes_on(case, body, asker, executor):
    before = clocks_of(case)
    (task,) = asked(case, body, by=asker)
    actions.finish_task(task=task, result="Ограждение стоит", by=executor)
    assert clocks_of(Case.objects.get(pk=case.pk)) == before


@pytest.mark.parametrize("who", ["itself", "above", "strange", "nobody"])
def test_only_bodies_below_are_asked(case, ministry, asker, who):
    bodies = {"itself": [ministry], "above": [make_body(name="Правительство")], "strange": [make_body(name="Больница")], "nobody": []}[who]
    with pytest.raises(Refused, match=r"не подведомственна|Выберите, кому"):
        asked(case, *bodies, by=asker)
    assert not Task.objects.exists()


def test_the_same_body_is_not_asked_twice_at_once(case, body, asker, operator):
    asked(case, body, by=asker)
    with pytest.raises(Refused, match="уже выполняет поручение"):
        asked(case, body, by=operator)
    assert Task.objects.count() == 1


@given(days=st.integers(-3, 60), because=st.sampled_from(["", "ждём деталь"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_task_is_due_on_a_working_day_and_not_after_the_case_without_a_reason(case, body, asker, days, because):
    Task.objects.all().delete()
    due, calendar = timezone.localdate() + timedelta(days=days), deadlines_for(case)[1]
    good = days >= 0 and bool(calendar.hours(due)) and (due <= timezone.localdate(case.final_due_at) or bool(because))
    if not good:
        with pytest.raises(Refused, match=r"выходной|прошёл|выберите день не позже"):
            asked(case, body, by=asker, due=due, because=because)
        return
    (task,) = asked(case, body, by=asker, due=due, because=because)
    assert bool(task.late_because) == (due > timezone.localdate(case.final_due_at))


def test_the_holder_sees_the_case_in_tasks_only_and_may_not_answer_or_sort(client, case, body, asker, executor):
    assert not Case.objects.visible_to(executor).filter(pk=case.pk).exists()
    asked(case, body, by=asker)
    html = page_of(client, executor, case)
    assert "Проверьте ограждение" in html
    assert "Выполнено</button>" in html
    assert 'id="answer"' not in html
    assert "Поручить <" not in html
    for name in ("draft", "answer", "decide", "by_hand", "topic", "body", "kind", "close", "bounce", "merge", "split", "reopen", "template"):
        assert client.post(reverse(f"desk:{name}", args=[case.number]), {"text": GOOD_ANSWER, "kind": "final"}).status_code == 403, name
    assert client.get(reverse("office:my_case", args=[case.number])).status_code == 404
    assert case.number not in client.get(reverse("office:my")).content.decode()
    counts = queries.counts(executor)
    assert {code for code, count in counts.items() if count} == {"tasks", "all"}
    assert not case.answers.exists()


def test_the_queue_of_tasks_shows_their_own_day(client, case, body, asker, executor):
    asked(case, body, by=asker, due=workday(case, 1))
    client.force_login(executor)
    response = client.get(reverse("desk:queue"))
    assert response.context["view"] == "tasks"
    assert [row.task_due for row in response.context["rows"]] == [workday(case, 1)]
    assert queries.counts(asker)["tasks"] == 1
    view = SavedView.objects.create(owner=executor, name="Мои поручения", filters={"view": "tasks", "urgent": ""})
    assert client.get(reverse("desk:queue")).context["own_views"][0]["count"] == "1"
    assert view.owner == executor


def test_the_holder_reads_the_thread_files_and_writes_notes(client, case, body, asker, executor):
    asked(case, body, by=asker)
    assert "Не вывозят мусор" in page_of(client, executor, case)
    assert client.post(reverse("desk:note", args=[case.number]), {"text": f"Ждём кран, @{asker.username}"}).status_code == 302
    assert Note.objects.get().author == executor
    assert Alert.objects.get(person=asker).kind == "mention"


def test_what_was_done_is_written_with_a_photo_and_the_asker_hears_when_all_is_done(client, case, body, sister, asker, executor):
    one, two = asked(case, body, sister, by=asker)
    client.force_login(executor)
    url = reverse("desk:task_do", args=[case.number, one.pk, "done"])
    client.post(url, {"said": "Ограждение стоит", "photo": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    one.refresh_from_db()
    assert (one.state, one.result, one.ended_by, bool(one.photo)) == ("done", "Ограждение стоит", executor, True)
    assert not Alert.objects.filter(person=asker).exists()
    actions.finish_task(task=two, result="И у нас", by=executor)
    alert = Alert.objects.get(person=asker)
    assert alert.text.startswith("Все поручения выполнены")
    assert "Ограждение" not in alert.text
    client.force_login(asker)
    assert client.get(reverse("desk:task_photo", args=[one.pk])).headers["Content-Type"] == "image/jpeg"
    assert "Ограждение стоит" in page_of(client, asker, case)


def test_a_task_that_comes_back_is_told_at_once_and_closes_the_door(client, case, body, sister, asker, executor):
    task, _ = asked(case, body, sister, by=asker)
    client.force_login(executor)
    response = client.post(reverse("desk:task_do", args=[case.number, task.pk, "return"]), {"said": "Это не наша территория"})
    assert response.url.startswith(reverse("desk:queue"))
    assert Alert.objects.get(person=asker).text.startswith("Поручение вернули")
    assert client.get(reverse("desk:case", args=[case.number])).status_code == 404


def test_a_done_task_is_no_news_any_more_and_its_case_is_seen_while_it_is_in_work(case, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    actions.finish_task(task=task, result="Сделано всё", by=executor)
    assert not Alert.objects.filter(person=executor, read_at=None).exists()
    assert queries.counts(executor)["tasks"] == 0
    assert Case.objects.visible_to(executor).filter(pk=case.pk).exists()
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    assert not Case.objects.visible_to(executor).filter(pk=case.pk).exists()


def test_an_open_task_outlives_the_close_of_its_case(case, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    assert Case.objects.visible_to(executor).filter(pk=case.pk).exists()
    actions.finish_task(task=task, result="Сделано всё", by=executor)


def test_the_door_shuts_when_the_case_leaves_the_branch_also_after_a_done_part(case, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    actions.finish_task(task=task, result="Сделано всё", by=executor)
    assert Case.objects.visible_to(executor).filter(pk=case.pk).exists()
    actions.route(case=Case.objects.get(pk=case.pk), body=make_body(name="Чужое ведомство"), by=operator)
    assert not Case.objects.visible_to(executor).filter(pk=case.pk).exists()


def test_a_merge_into_anothers_case_shows_the_holder_nothing_of_it(case, body, asker, executor, operator, page):
    asked(case, body, by=asker)
    other = make_case(page, "Совсем иное дело", thread_id="w9_9", author_id="99", body=make_body(name="Чужое ведомство"), by=operator)
    Case.objects.filter(pk=other.pk).update(page=None)
    actions.merge(case=Case.objects.get(pk=case.pk), into=Case.objects.get(pk=other.pk), by=operator)
    assert not Case.objects.visible_to(executor).filter(pk=other.pk).exists()
    assert not queries.queue(executor, "tasks").exists()


def test_who_helps_with_a_case_does_not_export_it(client, case, body, asker, executor):
    asked(case, body, by=asker)
    client.force_login(executor)
    sheet = b"".join(client.post(reverse("desk:export") + "?view=all", {"form": "csv"}).streaming_content).decode()
    assert case.number not in sheet


def test_an_open_part_of_a_case_long_closed_is_taken_off_and_forgotten(case, body, asker, operator):
    (task,) = asked(case, body, by=asker)
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    long_ago = timezone.now() - timedelta(days=4000)
    Message.objects.update(forgotten_at=long_ago)
    Task.objects.update(asked_at=long_ago)
    actions.forget_tasks()
    assert fresh(task).state == "cancelled"


def test_who_is_late_is_told_once_and_the_late_ones_are_a_view(case, body, asker, executor):
    (task,) = asked(case, body, by=asker)
    assert actions.remind_tasks() == 0
    Task.objects.update(due_date=timezone.localdate() - timedelta(days=1))
    assert (actions.remind_tasks(), actions.remind_tasks()) == (1, 0)
    assert Alert.objects.filter(person=executor, key=f"task/{task.pk}/late").count() == 1
    assert (queries.counts(executor)["tasks_late"], queries.counts(asker)["tasks_late"]) == (1, 1)


@pytest.mark.parametrize("press", ["done", "return", "cancel"])
def test_of_two_who_press_one_is_refused(case, body, asker, executor, press):
    deeds = {
        "done": lambda row: actions.finish_task(task=row, result="Готово всё", by=executor),
        "return": lambda row: actions.give_task_back(task=row, why="Не наше", by=executor),
        "cancel": lambda row: actions.cancel_task(task=row, by=asker),
    }
    (task,) = asked(case, body, by=asker)
    first, second = fresh(task), fresh(task)
    deeds[press](first)
    events = CaseEvent.objects.count()
    for deed in deeds.values():
        with pytest.raises(Refused, match="Поручение уже"):
            deed(second)
    assert CaseEvent.objects.count() == events


def test_tasks_go_along_with_a_merge_and_come_back(client, case, page, ministry, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    main = make_case(page, "Во дворе не горит фонарь", body=ministry, by=operator, author_id="2", thread_id="w2")
    (other,) = asked(main, body, by=asker)
    actions.merge(case=Case.objects.get(pk=case.pk), into=Case.objects.get(pk=main.pk), by=operator)
    assert set(main.tasks.all()) == {task, other}
    assert page_of(client, executor, main).count("Выполнено</button>") == 2
    actions.unmerge(case=Case.objects.get(pk=case.pk), by=operator)
    assert (list(case.tasks.all()), list(main.tasks.all())) == ([task], [other])


def test_a_split_leaves_the_tasks_where_they_were_asked(case, body, asker, operator, page):
    (task,) = asked(case, body, by=asker)
    message = make_message(page, "И ещё яма во дворе", thread_id="w1_1", author_id="77")
    assert message.case == case
    new = actions.split(case=case, messages=[message], by=operator)
    assert (list(case.tasks.all()), new.tasks.count()) == ([task], 0)


def test_a_case_that_goes_away_takes_its_tasks_off_and_says_so(case, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    actions.route(case=Case.objects.get(pk=case.pk), body=make_body(name="Чужое ведомство"), by=operator)
    task.refresh_from_db()
    assert task.state == "cancelled"
    assert Journal.objects.filter(verb="task_cancelled", object_id=case.pk).count() == 1
    assert Alert.objects.filter(person=executor, key=f"task/{task.pk}/cancelled").count() == 1
    assert not Case.objects.visible_to(executor).filter(pk=case.pk).exists()


def test_a_case_that_goes_up_or_back_to_the_operator_keeps_its_tasks(case, ministry, body, asker, operator):
    (task,) = asked(case, body, by=asker)
    actions.bounce(case=Case.objects.get(pk=case.pk), why="не наш вопрос", by=asker)
    task.refresh_from_db()
    assert task.state == "open"
    actions.route(case=Case.objects.get(pk=case.pk), body=ministry, by=operator)
    task.refresh_from_db()
    assert task.state == "open"


def test_a_task_is_taken_off_when_the_case_goes_to_its_own_holder(case, body, asker, operator):
    (task,) = asked(case, body, by=asker)
    actions.route(case=Case.objects.get(pk=case.pk), body=body, by=operator)
    task.refresh_from_db()
    assert task.state == "cancelled"


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(client, case, body, sister, asker):
    client.force_login(asker)
    url = reverse("desk:task", args=[case.number])
    assert "Школа № 2" in client.get(url).content.decode()
    typed = {"text": "Проверьте ограждение", "due": "2020-01-01", "body": [body.pk], "q": "школа 1", "do": "find"}
    html = client.post(url, typed).content.decode()
    assert "Школа № 2" not in html
    assert f'value="{body.pk}" checked' in html
    html = client.post(url, typed | {"do": "ask"}).content.decode()
    assert "День поручения уже прошёл" in html
    assert "Проверьте ограждение</textarea>" in html
    assert client.post(url, typed | {"do": "ask", "due": workday(case).isoformat()}).status_code == 302
    assert Task.objects.get().body == body


def test_a_body_without_an_executor_is_named(client, case, sister, operator):
    client.force_login(operator)
    data = {"text": "Проверьте", "due": workday(case).isoformat(), "body": [sister.pk], "do": "ask"}
    html = client.post(reverse("desk:task", args=[case.number]), data, follow=True).content.decode()
    assert "Поручено: 1 организации" in html
    assert "нет исполнителя: сообщите ей о поручении сами" in html


def test_stranger_gets_404_for_everything_of_a_task(client, case, body, asker, executor, stranger):
    (task,) = asked(case, body, by=asker)
    client.force_login(stranger)
    for do in ("done", "return", "cancel"):
        assert client.post(reverse("desk:task_do", args=[case.number, task.pk, do]), {"said": "Я"}).status_code == 404
    assert client.get(reverse("desk:task", args=[case.number])).status_code == 404
    assert client.get(reverse("desk:task_photo", args=[task.pk])).status_code == 404
    assert not Task.objects.visible_to(stranger).exists()
    assert fresh(task).state == "open"


def test_the_holder_may_not_ask_further_nor_take_off_nor_touch_the_part_of_another(client, case, body, sister, asker, executor):
    mine, other = asked(case, body, sister, by=asker)
    client.force_login(executor)
    assert client.get(reverse("desk:task", args=[case.number])).status_code == 403
    assert client.post(reverse("desk:task_do", args=[case.number, mine.pk, "cancel"])).status_code == 403
    assert client.post(reverse("desk:task_do", args=[case.number, other.pk, "done"]), {"said": "Сделали"}).status_code == 404
    assert client.post(reverse("desk:task_do", args=[case.number, mine.pk, "nonsense"])).status_code == 404


def test_an_auditor_neither_does_nor_takes_off(client, case, body, asker):
    (task,) = asked(case, body, by=asker)
    client.force_login(make_person(role=Role.AUDITOR))
    for do in ("done", "return", "cancel"):
        assert client.post(reverse("desk:task_do", args=[case.number, task.pk, do]), {"said": "Я"}).status_code == 403


def test_words_and_photo_of_a_task_are_forgotten_with_those_of_the_residents(case, body, asker, executor, operator):
    (task,) = asked(case, body, by=asker)
    actions.finish_task(task=task, result="Сделано всё", photo=picture(), by=executor)
    task.refresh_from_db()
    storage, name = task.photo.storage, task.photo.name
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    long_ago = timezone.now() - timedelta(days=1096)
    Message.objects.update(received_at=long_ago)
    Case.objects.update(closed_at=long_ago)
    Task.objects.update(ended_at=long_ago)
    actions.forget_due()
    assert (storage.exists(name), actions.forget_tasks(), actions.forget_tasks()) == (True, 1, 0)
    task.refresh_from_db()
    assert (task.text, task.result, bool(task.photo), storage.exists(name)) == ("", "", False, False)
