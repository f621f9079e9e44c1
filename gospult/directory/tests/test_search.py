"""Search as residents type: the small region of `testing.make_directory`."""

import pytest
from django.utils import timezone

from gospult.directory import actions, queries
from gospult.directory.models import Entry, Shape, Spelling, Stale, Term
from gospult.directory.testing import make_directory, make_listed, make_town
from gospult.registry.models import Page, PageHandle
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db

ASKED = [
    ("школа 12 белореченск", "school12"),
    ("12 школа белореченск", "school12"),
    ("МБОУ СОШ № 12 г. Белореченска", "school12"),
    ("школа номер 12 в белореченске", "school12"),
    ("школа12 белореченск", "school12"),
    ("irjkf 12 ,tkjhtxtycr", "school12"),
    ("shkola 12 belorechensk", "school12"),
    ("шкла 12 белоречнск", "school12"),
    ("12-я школа тамбовка", "school12t"),
    ("школа двенадцатая тамбовский район", "school12t"),
    ("вторая школа белореченска", "school2"),
    ("сош 5 тамбовка", "anniversary"),
    ("садик солнышко", "sun"),
    ("дет сад солнышко белореченск", "sun"),
    ("д/с №3", "sun"),
    ("детскийсад солнышко", "sun"),
    ("ltncrbq cfl cjkysirj", "sun"),
    ("detskiy sad solnyshko", "sun"),
    ("мэрия белореченска", "admin"),
    ("администрация города белореченск", "admin"),
    ("администрация белореченского района", "admin_district"),
    ("глава белореченска", "admin"),
    ("белореченск", "admin"),
    ("губернатор", "gov"),
    ("правительство примерной обл", "gov"),
    ("минздрав", "health"),
    ("финуправление белореченска", "finance"),
    ("дюсш 1", "sport"),
    ("спортшкола белореченск", "sport"),
    ("цгб белореченск", "hospital"),
    ("больница", "hospital"),
    ("стоматология", "clinic"),
    ("дк восход", "hall"),
    ("библиотека тамбовка", "library"),
    ("соц защита", "social"),
    ("собес белореченск", "social"),
    ("музыкалка", "music"),
    ("возжаевка школа", "village"),
    ("школа в возжаевке", "village"),
    ("1022800512921", "school12"),
    ("vk.com/school12_bel", "school12"),
    ("https://m.vk.com/School12_bel?utm_source=x", "school12"),
    ("@school12_bel", "school12"),
    ("school12_bel", "school12"),
    ("миниcтерство здравоохранения", "health"),  # the «c» is Latin
]


@pytest.fixture
def region(db):
    return make_directory()


def test_a_query_of_any_shape_finds_its_body_first(region):
    found = {query: [hit.name for hit in queries.search(query).hits[:1]] for query, _ in ASKED}

    assert {query: name for query, name in found.items() if name != [region[dict(ASKED)[query]].name]} == {}


def test_what_is_not_there_is_not_answered(region):
    absent = ["школа 99", "школа 12 возжаевка", "школа 70 тамбовка", "школа хогвартс", "ывапролдж", "", "   ", "№", "???", "vk.com/nobody"]

    assert {query for query in absent if queries.search(query).hits} == set()


def test_nothing_found_comes_with_what_is_near(region):
    assert queries.search("школа 99 белореченск").near


def test_hostile_queries_are_answered_with_nothing_and_no_error(region):
    for query in ("'; DROP TABLE directory_entry; --", "\x00школа", "%" * 500, "а" * 10_000, "[](){}\\|*+", "школа " * 300):
        queries.search(query)
    assert Entry.objects.exists()


def test_what_the_search_mended_is_told(region):
    assert ("шкла", "школа") in queries.search("шкла 12").mended


def test_a_new_body_is_found_after_the_job_and_a_renamed_one_by_its_new_name(region):
    body = make_listed("Краеведческий музей", make_town("Сосновка"))
    assert Stale.objects.filter(body_id=body.pk).exists()
    actions.catch_up()
    assert queries.search("музей сосновка").hits[0].body_id == body.pk

    body.name = "Картинная галерея"
    body.save()
    actions.catch_up()
    assert [hit.name for hit in queries.search("галерея сосновка").hits[:1]] == ["Картинная галерея"]


def test_a_gone_body_stands_below_the_living_one(region):
    old = make_listed("Музей города Белореченска", region["admin"].territory, gone_at=timezone.now(), status="flagship")
    new = make_listed("Музей города Белореченска имени Иванова", region["admin"].territory, status="card")
    actions.catch_up()

    assert [hit.body_id for hit in queries.search("музей белореченск").hits] == [new.pk, old.pk]


def test_the_same_body_twice_is_one_line_with_the_pages_of_both(region):
    twin = make_listed("МУНИЦИПАЛЬНОЕ ОБЩЕОБРАЗОВАТЕЛЬНОЕ УЧРЕЖДЕНИЕ ШКОЛА №12 Г.БЕЛОРЕЧЕНСКА", region["school12"].territory, ogrn="1022800512921")
    make_page(body=twin, network="ok", handle="school12ok", external_id=None)
    actions.catch_up()

    answer = queries.search("школа 12 белореченск")
    assert [sorted(page.network for page in hit.pages) for hit in answer.hits] == [["ok", "vk"]]


def test_an_archived_page_is_not_shown_and_an_old_handle_still_leads_to_its_body(region):
    page = Page.objects.get(handle="school12_bel")
    PageHandle.objects.create(page=page, handle="old_school", until=timezone.now())
    page.handle, page.state = "new_school", "archived"
    page.save()
    actions.catch_up()

    hit = queries.search("vk.com/old_school").hits[0]
    assert (hit.body_id, hit.pages) == (region["school12"].pk, [])


def test_following_twice_changes_nothing(region):
    before = sorted(Entry.objects.values_list("body_id", "bag"))
    counts = (Spelling.objects.count(), Shape.objects.count(), Term.objects.count())

    Stale.objects.bulk_create([Stale(body_id=body.pk) for body in region.values()])
    assert actions.catch_up() == len(region)
    assert sorted(Entry.objects.values_list("body_id", "bag")) == before
    assert (Spelling.objects.count(), Shape.objects.count(), Term.objects.count()) == counts
    assert actions.catch_up() == 0


def test_a_deleted_body_leaves_no_line(region):
    body = make_listed("Филармония", region["admin"].territory)
    actions.catch_up()
    body.delete()
    actions.catch_up()

    assert queries.search("филармония").hits == []


def test_a_search_asks_the_database_few_things(region, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        queries.search("школа 12 белореченск")


def test_a_search_writes_nothing(region, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        queries.search("шкла 12 белореченск")
    assert {row["sql"].lstrip().split()[0] for row in asked} == {"SELECT"}
