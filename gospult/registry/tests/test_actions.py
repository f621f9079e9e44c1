"""Grants, stewards, grounds, handles, states, the region's files."""

import dataclasses

import pytest
from django.conf import settings

from gospult.accounts.models import Journal, Role
from gospult.lib import regions
from gospult.lib.errors import Refused
from gospult.registry import actions, queries
from gospult.registry.models import Body, Exemption, Page, Sphere, Steward, Territory
from gospult.registry.models.pages import NEXT, State
from gospult.registry.testing import make_body, make_page, make_person, make_steward

pytestmark = pytest.mark.django_db


def verbs():
    return list(Journal.objects.order_by("id").values_list("verb", flat=True))


def test_a_grant_opens_and_a_revoked_one_closes(administrator):
    person, body = make_person(), make_body()
    made = actions.grant(person=person, role=Role.EXECUTOR, body=body, by=administrator)
    assert queries.can(person, Role.EXECUTOR, body=body)
    actions.revoke(grant=made, by=administrator)
    assert not queries.can(person, Role.EXECUTOR, body=body)
    assert verbs() == ["registry.granted", "registry.revoked"]


def test_the_same_grant_is_not_given_twice(administrator):
    person = make_person(role=Role.OPERATOR)
    with pytest.raises(Refused, match="уже есть"):
        actions.grant(person=person, role=Role.OPERATOR, by=administrator)


def test_a_grant_is_revoked_once(administrator):
    made = actions.grant(person=make_person(), role=Role.HEAD, by=administrator)
    actions.revoke(grant=made, by=administrator)
    with pytest.raises(Refused):
        actions.revoke(grant=made, by=administrator)


def test_a_new_main_steward_takes_the_place_of_the_former_one(page, operator):
    first, second = make_person(), make_person()
    actions.appoint_steward(page=page, person=first, by=operator)
    actions.appoint_steward(page=page, person=second, by=operator)
    assert list(Steward.objects.filter(page=page, until__isnull=True).values_list("person", flat=True)) == [second.pk]


def test_a_deputy_keeps_the_page_beside_the_steward(page, steward, operator):
    deputy = make_person()
    actions.appoint_steward(page=page, person=deputy, is_deputy=True, by=operator)
    assert queries.can(deputy, Role.STEWARD, page=page)
    assert queries.can(steward, Role.STEWARD, page=page)


def test_a_dismissed_steward_sees_the_page_no_more(page, operator):
    person = make_person()
    row = make_steward(person, page)
    actions.dismiss_steward(steward=row, by=operator)
    assert not Page.objects.visible_to(person).exists()
    with pytest.raises(Refused):
        actions.dismiss_steward(steward=row, by=operator)


def test_a_ground_takes_the_body_out_of_the_debt_and_its_end_brings_it_back(operator):
    body = make_body()
    assert body in Body.objects.without_page()
    actions.exempt(body=body, ground="Ликвидация", by=operator)
    assert body not in Body.objects.without_page()
    assert body in Body.objects.exempt()
    actions.end_exemption(body=body, by=operator)
    assert body in Body.objects.without_page()
    with pytest.raises(Refused):
        actions.end_exemption(body=body, by=operator)


def test_a_new_ground_ends_the_former(operator):
    body = make_body(exempt="Ремонт")
    actions.exempt(body=body, ground="Ликвидация", by=operator)
    assert Exemption.objects.get(body=body, ended_at__isnull=True).ground == "Ликвидация"
    assert Exemption.objects.filter(body=body).count() == 2


def test_a_ground_without_words_is_refused(operator):
    with pytest.raises(Refused):
        actions.exempt(body=make_body(), ground="  ", by=operator)


def test_the_debt_leaves_out_who_has_a_page_or_is_not_obliged():
    with_page, archived = make_body(), make_body()
    make_page(body=with_page)
    make_page(body=archived, state="archived")
    make_body(obliged=False)
    make_body(status="not_counted")
    assert list(Body.objects.without_page()) == [archived]


def test_a_changed_handle_keeps_its_history(page, operator):
    actions.change_handle(page=page, handle="@lyceum", by=operator)
    page.refresh_from_db()
    assert (page.handle, page.address) == ("lyceum", "https://vk.com/lyceum")
    actions.change_handle(page=page, handle="lyceum_1", by=operator)
    assert [(h.handle, h.until is None) for h in page.handles.order_by("id")] == [("lyceum", False), ("lyceum_1", True)]


@pytest.mark.parametrize("handle", ["", "две части", "https://vk.com/x", "club123", "школа"])
def test_what_is_no_handle_is_refused(page, operator, handle):
    with pytest.raises(Refused):
        actions.change_handle(page=page, handle=handle, by=operator)


def test_a_handle_of_another_page_is_refused_in_any_case_of_letters(page, operator):
    make_page(handle="Taken", name="Другая")
    with pytest.raises(Refused, match="Другая"):
        actions.change_handle(page=page, handle="tAKEN", by=operator)


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", State)
def test_a_page_moves_only_along_the_table(operator, old, new):
    page = make_page(state=old)
    if new in NEXT[old]:
        actions.review_page(page=page, state=new, reason="Проверили", by=operator)
    else:
        with pytest.raises(Refused):
            actions.review_page(page=page, state=new, reason="Проверили", by=operator)
    page.refresh_from_db()
    assert page.state == (new if new in NEXT[old] else old)


def test_of_two_who_move_a_page_at_once_one_is_refused(operator):
    page = make_page()
    stale = Page.objects.get(pk=page.pk)
    actions.review_page(page=page, state="archived", reason="Закрыта", by=operator)
    with pytest.raises(Refused):
        actions.review_page(page=stale, state="under_review", reason="Проверить", by=operator)


def test_a_page_goes_to_review_with_a_reason_only(page, operator):
    with pytest.raises(Refused, match="причину"):
        actions.review_page(page=page, state="under_review", by=operator)


def test_the_demo_region_is_loaded_twice_without_doubles():
    region = regions.load(settings.REGION)
    first = actions.load_region(region=region, by=None, is_demo=True)
    assert actions.load_region(region=region, by=None, is_demo=True) == first
    assert (Territory.objects.count(), Sphere.objects.count(), Body.objects.count()) == (first["territories"], first["spheres"], first["bodies"])
    assert not Territory.objects.filter(path="").exists()
    top = Territory.objects.get(level="region")
    assert Territory.objects.under(top).count() == first["territories"]


def test_a_region_that_names_an_unknown_parent_is_refused():
    region = regions.load(settings.REGION)
    broken = dataclasses.replace(region, territories=(dataclasses.replace(region.territories[0], parent="nowhere"), *region.territories[1:]))
    with pytest.raises(Refused, match="nowhere"):
        actions.load_region(region=broken, by=None)
    assert not Territory.objects.exists()


def test_names_are_sorted_as_a_person_expects():
    for name in ("Ёлкино", "яблоко", "Енисей", "Жуково"):
        make_body(name=name)
    assert list(Body.objects.values_list("name", flat=True)) == ["Ёлкино", "Енисей", "Жуково", "яблоко"]
