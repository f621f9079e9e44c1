"""«Пульт» and «Отчёты» with something in them: charts, the map and long names, in both themes and on a phone."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory
from gospult.reports.queries import last_whole_month, months_back
from gospult.reports.testing import make_month

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "Детский сад «" + "РЯБИНКА" * 9 + "»"


@pytest.fixture
def head():
    return make_person(role=Role.HEAD)


@pytest.fixture
def screens(cases, settings, tmp_path):
    today = timezone.localdate()
    months = [*months_back(last_whole_month(today), 13), today.replace(day=1)]
    sphere, areas = make_sphere(name="Образование"), []
    for n in range(4):
        place = make_territory(name=f"Примерный район {n}" if n else "Очень" + "длинный" * 8 + " район")
        own = make_page(body=make_body(name=LONG, territory=place, spheres=[sphere]), network=("vk", "ok")[n % 2], name=LONG, members=10**n)
        for m, month in enumerate(months):
            make_month(own, month, each_week=(n + m) % 5, members=10 ** (n + 3) * (m + 1))
        square = [[[60 + n, 55], [61 + n, 55], [61 + n, 56], [60 + n, 55]]]
        areas.append({"properties": {"name": place.name}, "geometry": {"type": "Polygon", "coordinates": square}})
    settings.MAP = str(tmp_path / "map.geojson")
    (tmp_path / "map.geojson").write_text(json.dumps({"features": areas}))
    last = f"?kind=month&since={today.replace(day=1) - timedelta(days=1)}"
    return {
        "pulse": reverse("office:pulse"), "report": reverse("reports:report") + last, "this month": reverse("reports:report"),
        "press": reverse("reports:press") + last, "rows": reverse("reports:rows", args=["kept_share"]) + last,
        "cases": reverse("reports:rows", args=["messages"]), "unread": reverse("office:pulse_pages", args=["unread"]),
        "a wrong choice": reverse("reports:report") + "?kind=period",
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_has_a_fault_that_axe_can_see(look, head, screens, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    tab, found = look(head, scheme=scheme), {}
    for name, address in screens.items():
        tab.goto(address)
        found[name] = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in axe.run(tab).response["violations"]]
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_nothing_sticks_out_on_a_phone(look, head, screens):
    tab = look(head, width=390)
    wide = {}
    for name, address in screens.items():
        tab.goto(address)
        wide[name] = tab.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in wide.items() if width > 390} == {}


def test_the_keys_lead_here_and_the_text_is_copied(look, head, screens):
    tab = look(head)
    tab.goto(reverse("alerts:alerts"))
    tab.keyboard.press("g")
    tab.keyboard.press("u")
    tab.wait_for_url("**/pulse/")
    tab.keyboard.press("g")
    tab.keyboard.press("r")
    tab.wait_for_url("**/reports/")
    tab.goto(screens["press"])
    tab.get_by_role("button", name="Скопировать текст").click()
    assert tab.get_by_role("button", name="Скопировано").is_visible()


def test_a_chart_opens_its_table_without_scripts(look, head, screens):
    tab = look(head, scripts=False)
    tab.goto(screens["report"])
    assert tab.locator(".chart svg").count() >= 3
    tab.locator(".chart summary").first.click()
    assert tab.locator(".chart table").first.is_visible()
