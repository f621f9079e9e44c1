"""The screens and the command line's figures."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.audience import queries
from gospult.audience.models import Build, Selection
from gospult.audience.testing import make_build
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory

pytestmark = pytest.mark.django_db
ADDRESSES = ("/audience/", "/audience/pages/", "/audience/choose/")


@pytest.fixture
def region(settings, tmp_path):
    """Three municipalities of two pages each in VK, the first with two more in OK; thousands of people each."""
    settings.HOME = tmp_path
    top = make_territory(name="Область", level="region", code="74", population=20_000, population_date="2024-01-01")
    towns = [make_territory(name=name, parent=top) for name in ("Миасс", "Аша", "Сатка")]
    sphere = make_sphere(name="Школы")
    vk = [make_page(body=make_body(territory=towns[number // 2], spheres=[sphere])) for number in range(6)]
    ok = [make_page(network="ok", body=make_body(territory=towns[0], spheres=[sphere])) for _ in range(2)]
    people = {page: range(1_000 * number, 1_000 * number + 3_000) for number, page in enumerate(vk)}
    people |= {page: range(500 * number, 500 * number + 1_500) for number, page in enumerate(ok)}
    return top, towns, vk, ok, people


@pytest.mark.parametrize("address", ADDRESSES)
def test_for_a_stranger_the_screens_do_not_exist(client, stranger, region, address):
    client.force_login(stranger)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/audience/selections/save/", "/audience/selections/1/drop/", "/audience/build/"])
def test_for_a_stranger_there_is_nothing_to_press(client, stranger, region, address):
    client.force_login(stranger)
    assert client.post(address).status_code == 404


def test_an_executor_and_a_steward_do_not_see_them(client, executor, steward, region):
    for person in (executor, steward):
        client.force_login(person)
        assert [client.get(address).status_code for address in ADDRESSES] == [404] * 3


@pytest.mark.parametrize("address", ADDRESSES)
def test_before_the_first_build_the_screens_teach(client, operator, region, address):
    client.force_login(operator)
    assert client.get(address).status_code == 200
    assert "Людей ещё не считали" in client.get("/audience/").content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_territory_the_screens_teach_too(client, operator, settings, tmp_path, address):
    settings.HOME = tmp_path
    make_build({make_page(): range(500)})
    client.force_login(operator)
    assert client.get(address).status_code == 200


def test_people_of_one_network_are_a_number_and_of_two_a_span(client, operator, region):
    make_build(region[4])
    client.force_login(operator)
    one = client.get("/audience/?network=vk").content.decode()
    assert "Область: 8\xa0000 чел. читают" in one
    assert "18\xa0000" in one  # subscriptions
    both = client.get("/audience/").content.decode()
    assert "8\xa0000 … 10\xa0000" in both
    assert "21\xa0000" in both
    assert "40\xa0%" in one  # 8,000 of 20,000 who live there


def test_a_curator_sees_the_own_territory_only(client, region):
    top, towns, *_ = region
    make_build(region[4])
    curator = make_person(role=Role.CURATOR, territory=towns[1])
    client.force_login(curator)
    shown = client.get("/audience/").content.decode()
    assert "Аша" in shown
    assert "Миасс" not in shown
    assert "Миасс" not in client.get(f"/audience/?territory={towns[0].pk}").content.decode()
    assert {row.territory for row in queries.shares(curator)} == {towns[1]}
    assert queries.headline(curator, top).whole.people_from is None


def test_a_curator_of_a_body_sees_the_territory_of_the_body(region):
    _, towns, *_ = region
    curator = make_person(role=Role.CURATOR, body=make_body(territory=towns[2]))
    assert list(queries.territories(curator)) == [towns[2]]


def test_a_hidden_cell_says_so_and_shows_no_number(client, operator, region):
    _, towns, vk, _, people = region
    make_build({**people, vk[4]: range(40), vk[5]: range(20, 60)})
    client.force_login(operator)
    shown = client.get("/audience/?network=vk").content.decode()
    assert "скрыто: мало людей или страниц" in shown
    row = next(row for row in queries.rows(operator, region[0], network="vk") if row.territory == towns[2])
    assert (row.hidden, row.people_from, row.subscriptions) == (True, None, None)


def test_growth_needs_an_earlier_build(operator, region):
    top, _, vk, _, people = region
    first = make_build({**people, vk[0]: range(2_000), vk[1]: range(1_000, 3_000)})
    Build.objects.filter(pk=first.pk).update(as_of=timezone.now() - timedelta(days=31))
    make_build(people)
    found = queries.headline(operator, top, network="vk").whole
    assert (found.before, found.subscriptions) == (16_000, 18_000)
    assert found.growth == pytest.approx(12.5)
    Build.objects.filter(pk=first.pk).delete()
    assert queries.headline(operator, top, network="vk").whole.growth is None


def test_growth_is_not_told_where_fewer_pages_were_read(client, operator, region):
    top, _, vk, _, people = region
    first = make_build(people)
    Build.objects.filter(pk=first.pk).update(as_of=timezone.now() - timedelta(days=31))
    make_build({page: who for page, who in people.items() if page not in vk[2:4]})
    found = queries.headline(operator, top, network="vk").whole
    assert (found.before, found.growth, found.read, found.pages) == (None, None, 4, 6)
    client.force_login(operator)
    assert "не столько же страниц" in client.get("/audience/?network=vk").content.decode()


def test_chosen_pages_are_estimated_with_an_error(client, operator, region):
    _, _, vk, ok, people = region
    make_build(people)
    client.force_login(operator)
    shown = client.get(f"/audience/choose/?one={vk[0].pk}&one={vk[1].pk}").content.decode()
    assert "±" in shown
    found = queries.chosen([vk[0].pk, vk[1].pk])
    assert abs(found.people - 4_000) < 4 * found.error
    assert (found.subscriptions, found.sketched, found.small) == (6_000, 2, 0)
    assert "разных сетей" in client.get(f"/audience/choose/?one={vk[0].pk}&one={ok[0].pk}").content.decode()
    assert client.get("/audience/choose/?one=x&one=99999999999999999999").status_code == 200


def test_one_page_alone_is_no_choice(region):
    _, _, vk, _, people = region
    make_build(people)
    assert queries.chosen([vk[0].pk]).people is None


def test_an_overlap_is_told_with_its_error_and_a_small_one_is_not(client, operator, region):
    _, towns, vk, _, people = region
    make_build(people)
    client.force_login(operator)
    asked = f"network=vk&one=t{towns[0].pk}&other=t{towns[1].pk}"
    assert "И тех, и других читают" in client.get(f"/audience/choose/?{asked}").content.decode()
    *_, both, error = queries.common([vk[0].pk, vk[1].pk], [vk[2].pk, vk[3].pk])
    assert abs(both - 2_000) < 4 * error
    *_, both, _ = queries.common([vk[0].pk, vk[1].pk], [vk[4].pk, vk[5].pk])
    assert both is None
    assert client.get("/audience/choose/?network=no&one=t1&other=s9").status_code == 200


def test_a_selection_is_saved_and_dropped_by_its_owner_only(client, operator, curator, region):
    _, _, vk, _, people = region
    make_build(people)
    client.force_login(operator)
    client.post("/audience/selections/save/", {"name": "Мои", "one": [vk[0].pk, vk[1].pk]})
    row = Selection.objects.get()
    assert (row.owner, row.pages.count()) == (operator, 2)
    assert "Мои" in client.get("/audience/choose/").content.decode()
    client.post("/audience/selections/save/", {"name": "", "one": [vk[0].pk]})
    assert Selection.objects.count() == 1
    client.force_login(make_person(role=Role.ANALYST))
    assert client.post(f"/audience/selections/{row.pk}/drop/").status_code == 404
    client.force_login(operator)
    client.post(f"/audience/selections/{row.pk}/drop/")
    assert not Selection.objects.exists()


def test_an_operator_starts_and_stops_a_build_and_a_curator_does_not(client, operator, region):
    client.force_login(operator)
    client.post("/audience/build/")
    assert Build.objects.get().state == Build.State.WAITING
    assert "Идёт подсчёт" in client.get("/audience/").content.decode()
    client.post("/audience/build/", {"stop": "1"})
    assert Build.objects.get().state == Build.State.STOPPED
    client.force_login(make_person(role=Role.CURATOR, territory=region[1][0]))
    assert client.post("/audience/build/").status_code == 404


def test_a_curator_of_a_body_is_told_of_the_place_but_no_page_of_others(client, region):
    _, towns, vk, _, people = region
    make_build(people)
    curator = make_person(role=Role.CURATOR, body=vk[0].bodies.get())
    client.force_login(curator)
    text = client.get("/audience/pages/").content.decode()
    assert f'value="{vk[0].pk}"' in text
    assert f'value="{vk[1].pk}"' not in text  # of another body of the same town
    assert queries.headline(curator, towns[0], network="vk").whole.subscriptions == 6_000
    assert client.get("/audience/choose/", {"one": vk[1].pk}).context["chosen"] == []


def test_the_command_tells_the_same_figures(operator, region):
    make_build(region[4])
    told, shown = queries.whole(territory="Область", network="vk"), queries.headline(operator, region[0], network="vk").whole
    assert (told["people"], told["subscriptions"]) == (shown.people_from, shown.subscriptions) == (8_000, 18_000)
    assert told["coverage"] == {"pages": 8, "listed": 8, "read": 8, "unread": 0}
    together = queries.whole()
    assert (together["people"], together["people_from"], together["people_to"]) == (None, 8_000, 10_000)
    with pytest.raises(Refused, match="Территории «Нет» нет"):
        queries.whole(territory="Нет")


def test_before_the_first_build_the_command_says_so(region):
    assert queries.whole()["as_of"] is None


def test_a_choice_that_is_not_there_is_told_in_a_sentence(client, operator, region):
    make_build(region[4])
    client.force_login(operator)
    assert "Такого выбора нет" in client.get("/audience/?territory=neverland").content.decode()
    assert "Такого выбора нет" not in client.get("/audience/").content.decode()
