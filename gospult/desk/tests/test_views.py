from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk import actions, queries
from gospult.desk.models import Answer, Case, PhotoReport
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_topic, publish
from gospult.exchange.models import Attachment, Outgoing
from gospult.exchange.testing import make_connection
from gospult.registry.testing import make_body, make_grant, make_page, make_territory

pytestmark = pytest.mark.django_db

GETS = ["case", "choose"]
POSTS = [
    "topic", "body", "place", "kind", "merge", "split", "bounce", "settle", "close", "reopen",
    "draft", "answer", "decide", "withdraw", "retry", "by_hand",
]  # fmt: skip


@pytest.fixture
def case(page, body, operator) -> Case:
    make_topic()
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator)


def url(name, case, *args):
    return reverse(f"desk:{name}", args=[case.number, *args])


def login(client, person):
    client.force_login(person)
    return client


# Strangers and roles


@pytest.mark.parametrize("name", GETS)
def test_stranger_gets_404_for_each_screen_of_a_case(client, stranger, case, name):
    args = ["topic"] if name == "choose" else []
    assert login(client, stranger).get(url(name, case, *args)).status_code == 404


@pytest.mark.parametrize("name", POSTS)
def test_stranger_gets_404_for_each_action_and_nothing_happens(client, stranger, case, name):
    events = case.events.count()
    assert login(client, stranger).post(url(name, case), {"text": GOOD_ANSWER, "kind": "spam", "closed_as": "answered"}).status_code == 404
    assert case.events.count() == events
    assert not case.answers.exists()


def test_stranger_sees_an_empty_queue(client, stranger, case):
    response = login(client, stranger).get(reverse("desk:queue"), {"view": "all"})
    assert case.number not in response.content.decode()


def test_stranger_cannot_take_a_strange_case_along_in_bulk(client, stranger, case):
    login(client, stranger).post(reverse("desk:bulk"), {"case": [case.number], "do": "spam"})
    case.refresh_from_db()
    assert case.kind != "spam"


@pytest.mark.parametrize("name", ["queue", "fresh", "keys"])
def test_who_is_not_logged_in_is_sent_to_the_login(client, name):
    response = client.get(reverse(f"desk:{name}"))
    assert response.status_code == 302
    assert reverse("account_login") in response.url


def test_a_half_loaded_page_is_sent_to_the_login_as_a_whole(client, case):
    response = client.get(url("case", case), headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == reverse("account_login")


@pytest.mark.parametrize("name", ["topic", "body", "kind", "merge", "close", "decide", "retry", "by_hand"])
def test_executor_may_not_sort_or_approve(client, executor, case, name):
    assert login(client, executor).post(url(name, case)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_actions_are_only_posted(client, operator, case, name):
    assert login(client, operator).get(url(name, case)).status_code == 405


# The queue


def test_queue_shows_the_case_with_its_first_words(client, executor, case):
    html = login(client, executor).get(reverse("desk:queue"), {"view": "work"}).content.decode()
    assert "Не вывозят мусор" in html
    assert case.number in html


def test_desk_opens_where_there_is_something_to_do(client, executor, case):
    response = login(client, executor).get(reverse("desk:queue"))
    assert response.context["view"] == "work"
    assert case.number in response.content.decode()
    assert "view=work" in response.context["query"]


def test_what_waits_for_approval_is_no_more_the_executors(client, executor, case):
    actions.submit(answer=make_answer(case, by=executor), by=executor)
    client = login(client, executor)
    assert case.number not in client.get(reverse("desk:queue"), {"view": "work"}).content.decode()
    assert case.number in client.get(reverse("desk:queue"), {"view": "approve"}).content.decode()


def test_draft_without_faults_is_shown_as_looked_at(client, executor, case):
    make_answer(case, by=executor)
    html = login(client, executor).get(url("case", case)).content.decode()
    assert "Замечаний нет" in html
    assert "когда начнёте писать" not in html


def test_what_a_resident_wrote_is_escaped(client, operator, page):
    case = make_case(page, "Мусор & грязь", author_name="<img src=x onerror=alert(1)>")
    html = login(client, operator).get(url("case", case)).content.decode()
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html
    assert "Мусор &amp; грязь" in html


@pytest.mark.parametrize("query", ["view=nonsense", "page=0", "page=99999999999999999999", "page=x", "q=%00", "q=%27%22%3C"])
def test_queue_stands_any_address(client, operator, case, query):
    assert login(client, operator).get(f"{reverse('desk:queue')}?{query}").status_code == 200


def test_search_finds_a_case_by_a_word_and_by_its_number(client, operator, case):
    client = login(client, operator)
    for words in ("мусора", case.number, case.message_set.get().number):
        assert case.number in client.get(reverse("desk:queue"), {"q": words}).content.decode()


def test_fresh_counts_what_came_later_and_moves_no_row(client, operator, case, page):
    make_case(page, "Яма на дороге у школы, проехать нельзя")
    html = login(client, operator).get(reverse("desk:fresh"), {"view": "all", "since": case.pk}).content.decode()
    assert "Новых: 1" in html
    assert "Яма" not in html


def test_bulk_merge_keeps_the_earliest_case(client, operator, case, page):
    later = make_case(page, "Тоже не вывозят мусор, вторая неделя пошла")
    login(client, operator).post(reverse("desk:bulk"), {"case": [case.number, later.number], "do": "merge"})
    later.refresh_from_db()
    assert later.merged_into == case


# One case


def test_case_for_htmx_is_the_pane_without_the_page(client, operator, case):
    html = login(client, operator).get(url("case", case), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "case-head" in html


def test_topic_is_set_by_its_name_in_the_list(client, operator, case):
    topic = make_topic("svet", name="Освещение улиц")
    login(client, operator).post(url("topic", case), {"topic": topic.pk})
    case.refresh_from_db()
    assert case.topic == topic


def test_body_is_chosen_among_those_found(client, operator, case):
    other = make_body(name="Больница № 3")
    client = login(client, operator)
    assert "Больница № 3" in client.get(url("choose", case, "body"), {"q": "больница"}, headers={"HX-Request": "true"}).content.decode()
    client.post(url("body", case), {"body": other.pk})
    case.refresh_from_db()
    assert case.body == other


def test_place_is_set(client, operator, case):
    place = make_territory(name="Миасс")
    login(client, operator).post(url("place", case), {"place": place.pk})
    case.refresh_from_db()
    assert case.territory == place


def test_merge_refuses_a_case_that_the_person_does_not_see(client, curator, case):
    hidden = make_case(make_page(body=make_body()), "Совсем другое дело про больницу")
    login(client, curator).post(url("merge", case), {"merge": hidden.number})
    case.refresh_from_db()
    assert case.state != "merged"


def test_merge_refuses_a_case_that_the_person_only_sees(client, curator, case):
    other = make_case(make_page(body=(theirs := make_body())), "Совсем другое дело про больницу")
    Case.objects.filter(pk=other.pk).update(body=theirs, state="routed")
    make_grant(curator, Role.ANALYST, body=theirs)
    assert login(client, curator).post(url("merge", case), {"merge": other.number}).status_code == 403
    case.refresh_from_db()
    assert case.state != "merged"


def test_a_refusal_is_told_in_words(client, operator, case):
    response = login(client, operator).post(url("close", case), {"closed_as": "answered"}, follow=True)
    assert "ещё без ответа" in response.content.decode()


def test_the_list_stays_as_it_was_after_an_action(client, operator, case):
    response = login(client, operator).post(url("kind", case) + "?view=work&q=мусор", {"kind": "question"})
    assert "view=work" in response.url
    assert "q=" in response.url


# The answer


def test_draft_is_kept_as_it_is_typed_and_checked(client, executor, case):
    html = login(client, executor).post(url("draft", case), {"text": "Здравствуйте!", "kind": "final"}).content.decode()
    assert case.answers.get().text == "Здравствуйте!"
    assert "Сохранено" in html


def test_two_people_do_not_write_over_one_another(client, executor, operator, case):
    make_answer(case, by=operator)
    html = login(client, executor).post(url("draft", case), {"text": "Мой текст", "kind": "final"}).content.decode()
    assert case.answers.get().text == GOOD_ANSWER
    assert "изменил(а) черновик" in html


def test_executor_writes_and_curator_publishes(client, executor, curator, case):
    login(client, executor).post(url("answer", case), {"text": GOOD_ANSWER, "kind": "final", "do": "submit"})
    assert case.answers.get().state == Answer.State.CHECKED
    login(client, curator).post(url("decide", case), {"do": "approve"})
    assert case.answers.get().state == Answer.State.APPROVED
    assert Outgoing.objects.count() == 1


def test_executor_may_not_publish_by_pressing_a_hidden_button(client, executor, case):
    response = login(client, executor).post(url("answer", case), {"text": GOOD_ANSWER, "kind": "final", "do": "approve"})
    assert response.status_code == 403
    assert not Outgoing.objects.exists()


def test_answer_can_be_taken_back_before_it_leaves(client, operator, case):
    client = login(client, operator)
    client.post(url("answer", case), {"text": GOOD_ANSWER, "kind": "final", "do": "approve"})
    assert "Отменить" in client.get(url("case", case)).content.decode()
    client.post(url("withdraw", case))
    assert case.answers.get().state == Answer.State.DRAFT
    assert not Outgoing.objects.filter(state="ready").exists()


def test_a_refused_answer_stays_as_a_draft(client, operator, case):
    response = login(client, operator).post(url("answer", case), {"text": "Сделаем", "kind": "interim", "do": "approve"}, follow=True)
    assert "укажите день" in response.content.decode()
    assert case.answers.get().text == "Сделаем"


# Files


@pytest.fixture
def photo(case) -> Attachment:
    from django.core.files.base import ContentFile

    row = Attachment.objects.create(
        incoming=case.message_set.get().revisions().first(), position=7, kind="photo", mime="image/png", state="kept", forget_at="2999-01-01T00:00Z"
    )
    row.file.save("x.png", ContentFile(b"\x89PNG"))
    return row


def test_photo_of_a_resident_opens_for_who_sees_the_case(client, executor, photo):
    response = login(client, executor).get(reverse("desk:media", args=[photo.pk]))
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")


def test_stranger_gets_404_for_a_residents_photo(client, stranger, photo):
    assert login(client, stranger).get(reverse("desk:media", args=[photo.pk])).status_code == 404


def test_a_page_sent_as_a_file_is_never_shown_as_ours(client, executor, photo):
    Attachment.objects.filter(pk=photo.pk).update(mime="text/html", name="x.html")
    response = login(client, executor).get(reverse("desk:media", args=[photo.pk]))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")


def test_report_photo_is_public_only_after_approval(client, operator, stranger, case, jpeg):
    answer = make_answer(case, by=operator)
    photo: PhotoReport = actions.attach_photo(answer=answer, content=jpeg, by=operator)
    public, private = reverse("desk:report_photo", args=[photo.key]), reverse("desk:report", args=[photo.pk])
    assert client.get(public).status_code == 404
    assert login(client, stranger).get(private).status_code == 404
    client.logout()
    actions.send(answer=answer, by=operator)
    assert client.get(public).status_code == 200


@pytest.fixture
def jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def test_an_answer_in_two_networks_names_each_at_its_link(client, body, operator):
    first, second = make_page(body=body), make_page(body=body, network="telegram")
    for page in (first, second):
        make_connection(page)
    case, other = make_case(first, body=body, by=operator), make_case(second, "Автобус не пришёл", body=body, by=operator)
    actions.merge(case=other, into=case, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(url="https://example.ru/wall")
    shown = login(client, operator).get(url("case", case)).content.decode()
    assert "открыть в ВК" in shown
    assert "открыть в ТГ" in shown


def test_a_list_comes_first_and_asks_for_the_counts_after_it(client, operator, case):
    login(client, operator)
    shown = client.get(reverse("desk:queue"), {"view": "all"})
    assert (shown.context["counts"], f"{reverse('desk:counts')}?view=all" in shown.content.decode()) == ({}, True)
    assert {view["code"]: view["count"] for view in client.get(reverse("desk:counts"), {"view": "all"}).context["views"]}["all"] == "1"


@pytest.mark.parametrize("asked", [{}, {"view": "all", "counts": "1"}])
def test_the_first_screen_and_one_without_scripts_come_counted(client, operator, case, asked):
    login(client, operator)
    assert client.get(reverse("desk:queue"), asked).context["counts"]["all"] == 1


def test_each_count_is_that_of_its_rows_for_who_sees_all_and_for_who_sees_a_branch(page, body, operator, executor, curator, stranger):
    late, soon, promised, waiting, spam = (make_case(page, f"Дело {n} про двор", body=body, by=operator) for n in range(5))
    make_case(page, "Дело без органа")
    now = timezone.now()
    Case.objects.filter(pk=late.pk).update(next_due_at=now - timedelta(hours=3), promised_date=timezone.localdate() - timedelta(days=1))
    Case.objects.filter(pk=soon.pk).update(next_due_at=now + timedelta(minutes=30), bounced=2)
    Case.objects.filter(pk=promised.pk).update(state="promised")
    Case.objects.filter(pk=spam.pk).update(state="closed", kind="spam")
    make_answer(waiting, by=executor)
    Answer.objects.filter(case=waiting).update(state="checked", approve_by=now - timedelta(hours=1))
    for person in (operator, curator, executor, stranger):
        assert queries.counts(person) == {code: queries.queue(person, code).count() for code in queries.VIEWS}
    assert queries.counts(executor)["overdue"] == queries.counts(executor)["approve_late"] == 1


def test_counts_follow_the_clock_although_their_statement_is_kept(page, body, operator, time_machine):
    case = make_case(page, body=body, by=operator)
    due = Case.objects.get(pk=case.pk).next_due_at
    for moment, soon, overdue in ((due - timedelta(hours=1), 1, 0), (due + timedelta(minutes=1), 0, 1), (due - timedelta(days=2), 0, 0)):
        time_machine.move_to(moment)
        found = queries.counts(operator)
        assert (found["soon"], found["overdue"]) == (soon, overdue)


def test_counts_of_some_views_are_those_of_all(page, operator, stranger):
    make_case(page, "Прорвало трубу, вода стоит во дворе", by=operator)
    for person in (operator, stranger):
        found = queries.counts(person)
        for only in (["new", "overdue"], ["all"], ["tasks", "danger"]):
            assert queries.counts(person, only=only) == {code: found[code] for code in found if code in only}


def test_a_kept_statement_of_counts_belongs_to_those_who_see_the_same(page, body, operator, stranger):
    make_case(page, body=body, by=operator)
    assert [queries.counts(person)["work"] for person in (operator, stranger, operator)] == [1, 0, 1]
