"""Screens «Страницы»: who gets in, what they show, what they do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gospult.accounts.models import Journal
from gospult.registry import actions
from gospult.registry.importing import read
from gospult.registry.models import Body, Exemption, Page, RegistryImport, Steward
from gospult.registry.testing import make_body, make_export, make_ogrn, make_page, make_person, make_sphere, make_steward, make_territory

pytestmark = pytest.mark.django_db

SCHOOL = {
    "level": "МО",
    "founder": "Озёрский",
    "name": "Школа села",
    "ogrn": make_ogrn(1),
    "sphere_1": "Школы",
    "status": "активный",
    "page_id": 217000001,
    "url": "https://vk.com/school_1",
}


def url(name, *args):
    return reverse(f"registry:{name}", args=args)


def login(client, person):
    client.force_login(person)
    return client


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def upload(client, rows=(SCHOOL,), content=None):
    file = SimpleUploadedFile("выгрузка.xlsx", make_export(list(rows)) if content is None else content)
    return client.post(url("imports"), {"file": file})


@pytest.fixture
def imported(operator):
    return actions.preview_import(file=make_export([SCHOOL]), by=operator, file_name="выгрузка.xlsx")


# Who gets in


@pytest.mark.parametrize("name", ["pages", "bodies", "imports"])
def test_who_is_not_logged_in_is_sent_to_the_login(client, db, name):
    assert client.get(url(name)).status_code == 302


def test_stranger_gets_404_for_a_page_and_a_body(client, stranger, page, body):
    assert login(client, stranger).get(url("page", page.pk)).status_code == 404
    assert client.get(url("body", body.pk)).status_code == 404


@pytest.mark.parametrize("name", ["page_move", "page_handle", "page_appoint"])
def test_stranger_gets_404_for_each_action_on_a_page(client, stranger, page, name):
    data = {"state": "archived", "reason": "нет", "handle": "mine", "person": stranger.pk}
    assert login(client, stranger).post(url(name, page.pk), data).status_code == 404
    page.refresh_from_db()
    assert (page.state, page.handle, page.stewards.count()) == ("published", "school_one", 0)


def test_stranger_gets_404_for_dismissing_a_steward(client, stranger, page, steward):
    row = Steward.objects.get()
    assert login(client, stranger).post(url("page_dismiss", page.pk, row.pk)).status_code == 404
    assert Steward.objects.filter(until__isnull=True).exists()


@pytest.mark.parametrize("name", ["body_exempt", "body_oblige"])
def test_stranger_gets_404_for_each_action_on_a_body(client, stranger, body, name):
    assert login(client, stranger).post(url(name, body.pk), {"ground": "Ликвидация"}).status_code == 404
    assert not Exemption.objects.exists()


@pytest.mark.parametrize("person", ["stranger", "executor", "curator", "steward"])
def test_the_import_does_not_exist_for_who_may_not_import(request, client, imported, person):
    login(client, request.getfixturevalue(person))
    assert client.get(url("imports")).status_code == 404
    assert upload(client).status_code == 404
    assert client.get(url("import", imported.pk)).status_code == 404
    assert client.post(url("import_apply", imported.pk)).status_code == 404
    assert client.post(url("import_undo", imported.pk)).status_code == 404
    assert RegistryImport.objects.get().state == "previewed"


@pytest.mark.parametrize("person", ["executor", "steward"])
def test_who_sees_a_page_but_may_not_change_it_is_told_so(request, client, page, person):
    login(client, request.getfixturevalue(person))
    text = html(client.get(url("page", page.pk)))
    assert "Изменить состояние" not in text
    assert client.post(url("page_move", page.pk), {"state": "archived", "reason": "нет"}).status_code == 403


@pytest.mark.parametrize("name", ["page_move", "page_handle", "page_appoint"])
def test_an_action_is_never_a_get(client, operator, page, name):
    assert login(client, operator).get(url(name, page.pk)).status_code == 405


# Lists


def test_the_lists_show_only_ones_own(client, curator, page):
    make_page(body=make_body(name="Чужая больница"), name="Страница больницы")
    text = html(login(client, curator).get(url("pages")))
    assert "Страница школы № 1" in text
    assert "Страница больницы" not in text
    assert "Чужая больница" not in html(client.get(url("bodies")))


def test_the_export_holds_only_ones_own(client, curator, page):
    make_body(name="Чужая больница")
    response = login(client, curator).post(url("export"))
    assert {row.name for row in read(response.content).rows} == {"Школа № 1", "Министерство образования"}
    assert Journal.objects.filter(verb="registry.exported", by=curator).count() == 1


def test_filters_narrow_the_pages(client, operator):
    region = make_territory(level="region")
    city, sphere = make_territory(parent=region), make_sphere()
    make_page(body=make_body(territory=city, spheres=[sphere]), name="Искомая страница", has_mark=True)
    make_page(body=make_body(), name="Другая", network="ok", state="under_review")
    login(client, operator)
    for query in (f"territory={region.pk}", f"sphere={sphere.pk}", "network=vk", "state=published", "mark=yes", "q=искомая+стра"):
        text = html(client.get(f"{url('pages')}?{query}"))
        assert "Искомая страница" in text
        assert "Другая" not in text


def test_the_debt_opens_from_its_figure(client, operator):
    make_body(name="Должница")
    make_page(body=make_body(name="Ведущая"))
    text = html(login(client, operator).get(url("bodies") + "?has=debt"))
    assert "Должница" in text
    assert "Ведущая" not in text


@pytest.mark.parametrize("query", ["territory=999", "state=всё", "page=99999", "page=x", "q=%00", "sphere=a", "q=" + "я" * 5000])
def test_a_strange_address_is_no_error(client, operator, page, query):
    assert login(client, operator).get(f"{url('pages')}?{query}").status_code == 200


def test_a_list_needs_a_fixed_number_of_queries(client, operator, django_assert_max_num_queries):
    for _ in range(30):
        make_page(body=make_body())
    login(client, operator)
    with django_assert_max_num_queries(25):
        client.get(url("pages"))
    with django_assert_max_num_queries(25):
        client.get(url("bodies"))


def test_an_empty_registry_offers_the_first_step(client, operator):
    assert "Загрузить выгрузку" in html(login(client, operator).get(url("pages")))


def test_names_are_escaped(client, operator):
    row = make_page(body=make_body(name="<script>1</script>"), name="<b>x</b>")
    text = html(login(client, operator).get(url("page", row.pk)))
    assert "<script>1" not in text
    assert "<b>x</b>" not in text


# Cards


def test_what_nobody_said_is_never_a_zero(client, operator, page):
    assert html(login(client, operator).get(url("page", page.pk))).count("нет сведений") >= 8


def test_a_page_is_moved_with_a_reason_and_refused_without(client, operator, page):
    login(client, operator)
    assert "причину" in html(client.post(url("page_move", page.pk), {"state": "under_review"}, follow=True))
    client.post(url("page_move", page.pk), {"state": "under_review", "reason": "Молчит"})
    assert Page.objects.get(pk=page.pk).review_reason == "Молчит"


def test_a_handle_is_changed_on_the_card(client, curator, page):
    assert "school_two" in html(login(client, curator).post(url("page_handle", page.pk), {"handle": "school_two"}, follow=True))


def test_a_steward_is_appointed_and_dismissed_on_the_card(client, operator, page):
    person = make_person(last_name="Иванова")
    login(client, operator).post(url("page_appoint", page.pk), {"person": person.pk})
    row = Steward.objects.get(page=page, person=person)
    client.post(url("page_dismiss", page.pk, row.pk))
    assert Steward.objects.get(pk=row.pk).until is not None


def test_a_steward_of_another_page_is_not_dismissed_from_this_one(client, operator, page):
    row = make_steward(make_person(), make_page())
    assert login(client, operator).post(url("page_dismiss", page.pk, row.pk)).status_code == 404


def test_a_ground_is_written_and_ended_on_the_card(client, curator, body):
    login(client, curator)
    assert "Ликвидация" in html(client.post(url("body_exempt", body.pk), {"ground": "Ликвидация"}, follow=True))
    client.post(url("body_oblige", body.pk))
    assert not Exemption.objects.filter(ended_at__isnull=True).exists()


def test_the_branch_above_a_body_shows_only_what_the_person_sees(client, executor, body):
    assert url("body", body.parent.pk) not in html(login(client, executor).get(url("body", body.pk)))


# Import


def test_a_file_is_shown_then_applied_then_undone(client, operator):
    login(client, operator)
    shown = upload(client, [SCHOOL, {**SCHOOL, "ogrn": make_ogrn(2), "name": "ШКОЛА ГОРОДА", "url": "0", "page_id": 0}])
    row = RegistryImport.objects.get()
    text = html(client.get(shown.url))
    assert "Вместо адреса страницы стоит «0»" in text
    assert "строка 3" in text
    assert not Body.objects.exists()
    client.post(url("import_apply", row.pk))
    assert Body.objects.present().count() == 2
    assert "Отменить импорт" in html(client.get(shown.url))
    client.post(url("import_undo", row.pk))
    assert not Body.objects.exists()


def test_a_file_is_applied_once(client, operator, imported):
    login(client, operator).post(url("import_apply", imported.pk))
    assert "уже применён" in html(client.post(url("import_apply", imported.pk), follow=True))
    assert RegistryImport.objects.get().content is None


def test_the_bytes_of_an_undecided_file_give_way_to_the_next(client, operator, imported):
    upload(login(client, operator))
    assert RegistryImport.objects.exclude(pk=imported.pk).count() == RegistryImport.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"not a table", b"PK\x03\x04"])
def test_a_wrong_file_is_refused_on_the_form(client, operator, content):
    response = upload(login(client, operator), content=content)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not RegistryImport.objects.exists()


def test_no_file_at_all_is_told(client, operator):
    assert login(client, operator).post(url("imports")).status_code == 422


# Exactly one body, or a branch


def test_pages_of_one_body_and_of_a_branch(client, operator, page, body):
    below, away = make_page(body=make_body(name="Школа № 12", parent=body)), make_page(body=make_body(name="Школа № 1"))
    login(client, operator)
    shown = {name: html(client.get(url("pages"), {name: body.pk})) for name in ("body", "branch")}
    assert [row.name in shown["body"] for row in (page, below, away)] == [True, False, False]
    assert [row.name in shown["branch"] for row in (page, below, away)] == [True, True, False]
    assert "Показано только то" in shown["body"]


def test_bodies_of_a_branch_with_their_debt(client, operator, page, body):
    debtor, away = make_body(name="Без страницы", parent=body.parent), make_body(name="Чужая без страницы")
    shown = html(login(client, operator).get(url("bodies"), {"branch": body.parent.pk, "has": "debt"}))
    assert (debtor.name in shown, away.name in shown) == (True, False)
