"""The public catalogue in a browser: accessible in both themes, whole on a phone, readable without scripts."""

import pytest
from django.urls import reverse

from gospult.directory import actions
from gospult.directory.models import Remark
from gospult.directory.testing import make_directory
from gospult.registry.testing import make_body, make_page, make_sphere


@pytest.fixture
def addresses(db, administrator) -> dict[str, str]:
    region = make_directory()
    sphere = make_sphere(name="Образование")
    long = make_body(
        name="Детский сад «" + "РЯБИНКА" * 9 + "»", territory=region["school12"].territory, spheres=[sphere], contact_phone="+7 000 000-00-00"
    )
    make_page(body=long, handle="x" * 60, name="Страница «" + "РЯБИНКА" * 9 + "»")
    make_page(body=long, network="ok", external_id="52000000000000", handle="", name="ОК")
    actions.catch_up()
    actions.leave_remark(body=long, kind=Remark.Kind.PAGE, text="Не открывается " + "а" * 200)
    catalogue, official = reverse("directory:catalogue"), reverse("directory:official")
    return {
        "catalogue": catalogue,
        "found": catalogue + "?q=школа+12+белореченск",
        "mended": catalogue + "?q=shkla+12&network=vk",
        "nothing found": catalogue + "?q=школа+99+белореченск",
        "places": reverse("directory:places"),
        "card": reverse("directory:card", args=[long.pk]),
        "card without pages": reverse("directory:card", args=[region["music"].pk]),
        "check": official,
        "official": official + "?link=vk.com/school12_bel",
        "look-alike": official + "?link=vk.com/schoo1l2_bel",
        "unknown": official + "?link=https://example.com/" + "a" * 200,
        "open data": reverse("directory:opendata"),
        "remarks": reverse("directory:remarks"),
    }


@pytest.mark.django_db(transaction=True)
def test_the_catalogue_has_no_fault_that_axe_can_see(look, administrator, addresses):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    tabs = {scheme: (look(scheme=scheme, scripts=True), look(administrator, scheme=scheme)) for scheme in ("light", "dark")}
    found = {}
    for name, address in addresses.items():
        for scheme, (outside, inside) in tabs.items():
            tab = inside if name == "remarks" else outside
            tab.goto(address)
            faults = axe.run(tab).response["violations"]
            found[name, scheme] = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in faults]
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.django_db(transaction=True)
def test_the_catalogue_is_whole_on_a_phone_and_without_scripts(look, administrator, addresses):
    outside, inside = look(width=390, scripts=False), look(administrator, width=390)
    found = {}
    for name, address in addresses.items():
        tab = inside if name == "remarks" else outside
        tab.goto(address)
        found[name] = tab.locator("html").bounding_box()["width"], tab.locator("body").evaluate("e => e.scrollWidth") if name == "remarks" else 0
    assert {name: seen for name, seen in found.items() if max(seen) > 390} == {}


@pytest.mark.django_db(transaction=True)
def test_a_resident_finds_a_school_and_checks_its_page_by_keyboard(look, addresses):
    tab = look(width=390)
    tab.goto(reverse("directory:catalogue"))
    tab.get_by_role("searchbox").fill("irjkf 12 ,tkjhtxtycr")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="ШКОЛА № 12").click()
    address = tab.get_by_text("https://vk.com/school12_bel").inner_text()
    tab.get_by_role("link", name="Проверить", exact=True).click()
    tab.get_by_label("Ссылка или имя страницы").fill(address)
    tab.keyboard.press("Enter")
    tab.get_by_text("Да, официальная").wait_for()
