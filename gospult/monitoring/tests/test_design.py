import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as asked
from hypothesis import strategies as st

from gospult.monitoring.design import ITEMS, Bodies, Button, Sectors, button, close_name, marks, sectors
from gospult.monitoring.widgets import check
from gospult.networks.base import PageCard
from gospult.networks.registry import NETWORKS

SCHOOL = Bodies(["МБОУ «Средняя общеобразовательная школа № 5» города Миасса", "Школа № 5"], ["Миасский ГО"], frozenset({"education"}))
RULES = Sectors(
    (Button("enrolment", "запись", frozenset({"education"}), ("школ",), ("запись в школу",), ("gosuslugi.ru/600426",)),), {"education": ("школ",)}
)
FULL = PageCard(
    "1", "Школа № 5 г. Миасс", members=10, description="Звоните: +7 (3513) 55-12-34, school5@mail.ru", avatar_url="a", cover_url="c",
    site="https://school5.ru", address="Миасс", menu_links=[("Запись в школу", "https://example.ru")], comments_open=True, messages_open=True,
    subject="Школа", located=True, hours=True,
)  # fmt: skip


def judged(card=FULL, network="vk", bodies=SCHOOL, rules=RULES):
    return marks(network, card, bodies, check(url for _, url in card.menu_links), rules)


def test_a_full_card_has_everything_but_the_widgets():
    found = judged()
    assert set(found) == set(ITEMS)
    assert {code for code, value in found.items() if value is not True} == {"widgets"}
    assert found["widgets"] is False


def test_an_empty_card_has_faults_and_what_nobody_told_is_none():
    found = judged(PageCard("1", ""), bodies=Bodies(), rules=Sectors())
    assert {code for code, value in found.items() if value is None} == {"name", "subject", "sector", "comments", "messages", "address", "hours"}
    assert not any(found.values())


def test_what_a_network_does_not_show_is_none():
    found = judged(PageCard("1", "Школа № 5"), network="telegram")
    assert (found["cover"], found["widgets"], found["address"], found["avatar"]) == (None, None, None, False)
    assert {code for code, value in judged(network="rutube").items() if value is not None} == {"name"}


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("Школа № 5 г. Миасс", True),
        ("МБОУ СОШ № 5", True),
        ("СОШ №5 | Миасс", True),
        ("Школа № 15", False),
        ("Весёлая компания", False),
        ("Официальная страница", None),
    ],
)
def test_the_name_of_a_page_is_made_of_the_official_one(name, close):
    assert close_name(name, SCHOOL) is close


def test_a_button_is_asked_of_the_bodies_that_the_region_names():
    assert button(SCHOOL, RULES).code == "enrolment"
    assert button(Bodies(["Управление образования"], [], frozenset({"education"})), RULES) is None
    assert judged(PageCard("1", "Школа", menu_links=[("Госуслуги", "https://www.gosuslugi.ru/600426/1")]))["sector"] is True
    assert judged(PageCard("1", "Школа"))["sector"] is False


def test_the_region_ships_buttons_that_are_read(settings):
    assert {row.code for row in sectors().buttons} >= {"appointment", "enrolment"}
    settings.REGION = "no-such-region"
    assert sectors() == Sectors((), {})


@asked(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80), st.text(max_size=200), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), max_size=4))
def test_no_card_breaks_the_checklist(name, text, links):
    for network in NETWORKS:
        assert set(judged(PageCard("1", name, description=text, menu_links=links), network=network)) == set(ITEMS)
