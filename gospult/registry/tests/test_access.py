"""Who sees what, and whom a role reaches."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.accounts.models import Role
from gospult.registry import queries
from gospult.registry.models import Body, Page, Territory, scope_q
from gospult.registry.testing import make_body, make_grant, make_page, make_person, make_territory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def names(rows):
    return {row.name for row in rows}


@pytest.fixture
def branch():
    """Two ministries, a school of the first in the city, a hospital of the second in the city, a school of the first in a village."""
    region = make_territory(name="Область", level="region")
    city, village = make_territory(name="Город", parent=region), make_territory(name="Село", parent=region)
    education, health = make_body(name="Минобр", territory=region), make_body(name="Минздрав", territory=region)
    return {
        "region": region,
        "city": city,
        "village": village,
        "education": education,
        "health": health,
        "school": make_body(name="Школа", parent=education, territory=city),
        "hospital": make_body(name="Больница", parent=health, territory=city),
        "far": make_body(name="Сельская школа", parent=education, territory=village),
    }


def test_a_grant_without_scope_sees_the_whole_region(branch):
    operator = make_person(role=Role.OPERATOR)
    assert Body.objects.visible_to(operator).count() == Body.objects.count() == 5


def test_a_body_grant_sees_its_branch_only(branch):
    curator = make_person(role=Role.CURATOR, body=branch["education"])
    assert names(Body.objects.visible_to(curator)) == {"Минобр", "Школа", "Сельская школа"}


def test_a_territory_grant_sees_what_lies_inside(branch):
    curator = make_person(role=Role.CURATOR, territory=branch["city"])
    assert names(Body.objects.visible_to(curator)) == {"Школа", "Больница"}


def test_a_grant_with_both_sees_only_where_they_meet(branch):
    curator = make_person(role=Role.CURATOR, body=branch["education"], territory=branch["city"])
    assert names(Body.objects.visible_to(curator)) == {"Школа"}


def test_two_grants_add_up(branch):
    person = make_person(role=Role.EXECUTOR, body=branch["hospital"])
    make_grant(person, Role.EXECUTOR, body=branch["far"])
    assert names(Body.objects.visible_to(person)) == {"Больница", "Сельская школа"}


@pytest.mark.parametrize(
    "days",
    [{"since": DAY}, {"since": -2 * DAY, "until": -DAY}, {"since": -2 * DAY, "until": 0 * DAY}],
    ids=["not yet", "over", "ends today"],
)
def test_a_grant_counts_only_in_its_days(branch, days):
    person = make_person()
    make_grant(person, Role.OPERATOR, **{name: timezone.localdate() + shift for name, shift in days.items()})
    assert not Body.objects.visible_to(person).exists()
    assert queries.roles_of(person) == set()


def test_neighbours_with_a_longer_number_are_not_in_the_branch(branch):
    first = make_body(name="Первый")
    Body.objects.create(name="Сосед", path=first.path.rstrip("/") + "5/")
    assert names(Body.objects.under(first)) == {"Первый"}


def test_a_body_outside_the_tree_opens_nothing(branch):
    loose = Body.objects.create(name="Без пути")
    person = make_person(role=Role.CURATOR, body=loose)
    assert not Body.objects.visible_to(person).exists()
    assert not Body.objects.under(loose).exists()
    assert not Territory.objects.under(Territory(name="Новая")).exists()


def test_a_steward_sees_his_page_and_its_body_only(branch):
    page = make_page(body=branch["school"], name="Моя")
    make_page(body=branch["school"], name="Чужая")
    steward = make_person(page=page)
    assert names(Page.objects.visible_to(steward)) == {"Моя"}
    assert names(Body.objects.visible_to(steward)) == {"Школа"}
    assert queries.roles_of(steward) == {Role.STEWARD}


def test_pages_follow_their_bodies_shared_ones_too(branch):
    make_page(body=branch["hospital"], shared_with=[branch["school"]], name="Общая")
    make_page(body=branch["hospital"], name="Больничная")
    curator = make_person(role=Role.CURATOR, body=branch["education"])
    assert names(Page.objects.visible_to(curator)) == {"Общая"}


def test_a_page_without_an_owner_is_seen_by_the_whole_region_only(branch):
    make_page(name="Ничья")
    assert names(Page.objects.visible_to(make_person(role=Role.OPERATOR))) == {"Ничья"}
    assert not Page.objects.visible_to(make_person(role=Role.CURATOR, territory=branch["region"])).exists()


@pytest.mark.parametrize("person", [AnonymousUser(), None], ids=["anonymous", "dismissed"])
def test_who_is_not_logged_in_or_dismissed_sees_nothing(branch, person):
    make_page(body=branch["school"])
    person = person or make_person(role=Role.ADMIN, is_active=False)
    assert not Body.objects.visible_to(person).exists()
    assert not Page.objects.visible_to(person).exists()
    assert queries.roles_of(person) == set()
    assert not queries.can(person, *Role, body=branch["school"])


def test_a_jury_sees_nothing_of_the_registry(branch):
    assert not Body.objects.visible_to(make_person(role=Role.JURY)).exists()


def test_can_asks_for_the_role_and_the_reach(branch):
    curator = make_person(role=Role.CURATOR, body=branch["education"])
    assert queries.can(curator, Role.CURATOR, body=branch["school"])
    assert not queries.can(curator, Role.CURATOR, body=branch["hospital"])
    assert not queries.can(curator, Role.OPERATOR, body=branch["school"])
    assert not queries.can(curator, Role.CURATOR)


def test_can_reaches_places_inside_the_granted_one(branch):
    curator = make_person(role=Role.CURATOR, territory=branch["region"])
    assert queries.can(curator, Role.CURATOR, territory=branch["village"])
    assert not queries.can(make_person(role=Role.CURATOR, territory=branch["city"]), Role.CURATOR, territory=branch["village"])


def test_can_reaches_the_stewards_own_page_only(branch):
    page, other = make_page(body=branch["school"]), make_page(body=branch["school"])
    steward = make_person(page=page)
    assert queries.can(steward, Role.STEWARD, page=page)
    assert not queries.can(steward, Role.STEWARD, page=other)
    assert not queries.can(steward, Role.EXECUTOR, page=page)


def test_the_scope_needs_one_query(branch, django_assert_num_queries):
    person = make_person(role=Role.CURATOR, body=branch["education"])
    with django_assert_num_queries(1):
        queries.scope_q(person)


def test_a_superuser_is_an_administrator(branch):
    first = make_person(is_superuser=True)
    assert queries.roles_of(first) == {Role.ADMIN}
    assert queries.can(first, Role.ADMIN)
    assert Body.objects.visible_to(first).count() == 5


@given(
    grants=st.sets(st.tuples(st.sampled_from([Role.EXECUTOR, Role.CURATOR]), st.integers(0, 3), st.integers(0, 2)), max_size=3),
    asked=st.sets(st.sampled_from([Role.EXECUTOR, Role.CURATOR, Role.HEAD]), min_size=1),
)
@settings(max_examples=25, deadline=None)
def test_a_body_at_hand_is_reached_just_as_the_bodies_of_a_list_are(grants, asked):
    with transaction.atomic():
        town = make_territory(parent=make_territory())
        above = make_body(name="Выше", territory=town.parent)
        bodies = [above, make_body(name="Ниже", parent=above, territory=town), make_body(name="Чужой")]
        person = make_person(username="somebody")
        for role, body, place in grants:
            make_grant(person, role, body=[None, *bodies][body], territory=[None, town.parent, town][place])
        for body in Body.objects.all():
            assert queries.can(person, *asked, body=body) == Body.objects.filter(scope_q(person, "", None, asked), pk=body.pk).exists()
        transaction.set_rollback(True)
