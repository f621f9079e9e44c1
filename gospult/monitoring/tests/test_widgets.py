import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.monitoring.widgets import FAULTS, STATES, Owner, check

SAVED = Path(__file__).parents[3] / "../shared/data/vk/groups-getById-94.json"
TAIL = "utm_source=vk&utm_medium=75&utm_campaign=1000000000001"
FORM = f"https://pos.gosuslugi.ru/form/?opaId=123&{TAIL}"
PLACES = "https://pos.gosuslugi.ru/og/org-activities?reg_code=75&utm_source=vk1&utm_medium=75&utm_campaign=1000000000001"


def kinds(*urls, owner=None):
    return [fault.kind for fault in check(urls, owner).faults]


def test_two_different_valid_links_are_correct_in_any_order_among_other_links():
    for urls in ([FORM, PLACES], [PLACES, "https://vk.com/app1", FORM, "https://www.gosuslugi.ru/help"]):
        verdict = check(urls)
        assert (verdict.state, verdict.valid, verdict.faults, verdict.right) == ("correct", 2, (), ())


def test_a_page_without_links_is_missing_and_with_one_or_three_miscounted():
    assert (check([]).state, kinds()) == ("missing", ["none"])
    assert (check([FORM]).state, kinds(FORM), check([FORM]).valid) == ("count", ["one"], 1)
    assert (check([FORM, PLACES, FORM]).state, kinds(FORM, PLACES, FORM)) == ("count", ["many"])


@pytest.mark.parametrize(
    ("broken", "kind", "what"),
    [
        (FORM.replace("utm_medium", "utm_me%20dium"), "blank_in_name", "utm_medium"),
        (FORM.replace("utm_source", "utm%20source"), "blank_in_name", "utm_source"),
        (FORM.replace("utm_source", "utm source"), "blank_in_name", "utm_source"),
        (FORM.replace("opaId=123", "opaId=%20123"), "blank_in_value", "opaId"),
        (FORM.replace("utm_source", "utmsource"), "name", "utm_source"),
        (FORM.replace("opaId=123", "opaId=abc"), "value", "opaId"),
        (FORM.replace("utm_medium=75", "utm_medium=7"), "value", "utm_medium"),
        (FORM.replace("opaId=123&", ""), "lacking", "opaId"),
        (FORM + "&from=menu", "extra", "from"),
        (FORM + "&opaId=5", "repeated", "opaId"),
        (FORM.replace("/form/", "/fo%20rm/"), "blank_in_path", ""),
        (FORM.replace("/form/", "/form"), "path", ""),
        (FORM.replace("https:", "http:"), "scheme", ""),
    ],
)
def test_a_fault_is_named_and_the_right_link_proposed(broken, kind, what):
    verdict = check([broken, PLACES])
    [fault] = verdict.faults
    assert (verdict.state, verdict.valid, fault.kind, fault.what, fault.link) == ("invalid", 1, kind, what, broken)
    assert fault.text.endswith(".")
    form, places = verdict.right
    assert places.url == PLACES
    assert form.url == FORM if not form.lacks else (kind, form.lacks) in {("value", ("opaId",)), ("lacking", ("opaId",))}


def test_the_same_link_twice_is_a_fault_and_two_forms_another():
    assert kinds(FORM, FORM) == ["same"]
    assert kinds(FORM, FORM.replace("123", "124")) == ["same_kind"]
    assert check([FORM, FORM]).right[1].url == PLACES


def test_a_cut_address_is_understood_as_far_as_it_goes():
    verdict = check(["https://pos.gosuslugi.ru/f", PLACES])
    assert (verdict.state, [fault.kind for fault in verdict.faults]) == ("invalid", ["path"])
    assert verdict.right[0].lacks == ("opaId",)


def test_links_of_another_body_or_region_are_faults_when_the_owner_is_known():
    owner = Owner(frozenset({"1000000000002"}), "75", "75701000")
    assert kinds(FORM, PLACES, owner=owner) == ["other_ogrn", "other_ogrn"]
    assert kinds(FORM, PLACES, owner=Owner(region="57")) == ["other_region", "other_region"]
    assert kinds(FORM, PLACES, owner=Owner(frozenset({"1000000000001"}), "75")) == []
    assert check([], owner).right[1].url.endswith("mun_code=75701000&utm_source=vk2&utm_medium=75&utm_campaign=1000000000002")


def test_only_the_host_itself_is_counted():
    lookalikes = ["https://pos.gosuslugi.ru.example.ru/form/", "https://example.ru/?to=https://pos.gosuslugi.ru/form/", "pos.gosuslugi.rus"]
    assert check(lookalikes).state == "missing"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.text(max_size=60), st.text(max_size=40).map(lambda t: FORM + t), st.text(max_size=40).map(lambda t: f"https://pos.gosuslugi.ru/{t}")
        )
    )
)
def test_no_address_breaks_the_check(urls):
    verdict = check(urls)
    assert verdict.state in STATES
    assert 0 <= verdict.valid <= 2
    assert all(fault.kind in FAULTS and fault.text for fault in verdict.faults)


@pytest.mark.skipif(not SAVED.is_file(), reason="the folder shared/ is absent")
def test_ninety_four_real_pages_are_judged_as_a_person_judged_them():
    groups = json.loads(SAVED.read_text(encoding="utf-8"))["response"]["groups"]
    states = [check(item.get("url", "") for item in (group.get("menu") or {}).get("items", [])).state for group in groups]
    assert {state: states.count(state) for state in STATES} == {"correct": 73, "invalid": 16, "count": 0, "missing": 5}
