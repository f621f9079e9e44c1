"""Every screen: accessible in both themes, nothing sticks out on a phone, the sheets stay light."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

import gospult
from gospult.audience.testing import make_build
from gospult.desk import actions as desk
from gospult.desk.models import Topic
from gospult.desk.testing import make_rule
from gospult.exchange import actions as exchange
from gospult.exchange.models import Invitation
from gospult.registry import actions as registry
from gospult.registry.testing import make_body, make_export, make_ogrn, make_page, make_territory

CSS = Path(gospult.__file__).parent / "static" / "css"
ODD = [
    {"level": "МО", "founder": "Озёрский", "name": "Школа села", "ogrn": make_ogrn(1), "status": "активный", "url": "https://vk.com/school_1"},
    {"level": "МО", "founder": "Озёрский", "name": "ДЕТСКИЙ САД «" + "РЯБИНКА" * 9 + "»", "ogrn": make_ogrn(2), "status": "визитка", "url": "0"},
]
FOR_ALL = {"login", "status", "status of a message", "missing", "steward's link", "a link that never was"}
SMALL = """all => all.filter(e => e.offsetParent && !e.classList.contains('vh') && e.getBoundingClientRect().height < 43.5)
              .map(e => e.outerHTML.slice(0, 120))"""


def _of_the_audience(body, small) -> dict[str, str]:
    body.territory = body.territory or make_territory(level="region", population=20_000)
    body.save()
    near = [make_page(body=body, name=name) for name in ("Школа", "Больница «" + "РЯБИНКА" * 9 + "»")]
    make_build({near[0]: range(3_000), near[1]: range(2_000, 6_000), small: range(2_500, 2_540)})
    chosen = f"?one={near[0].pk}&one={near[1].pk}"
    found = {"audience": reverse("audience:show"), "what pages add": reverse("audience:pages")}
    return found | {"chosen pages": reverse("audience:choose") + chosen}


@pytest.fixture
def addresses(cases, administrator, page, body, settings, tmp_path) -> dict[str, str]:
    settings.HOME = tmp_path
    first, last = cases[0], cases[-1]
    invited = make_page(body=body, name="Детский сад «" + "РЯБИНКА" * 9 + "»", members=10)
    key = exchange.invite(page=invited, by=administrator)
    Invitation.objects.update(problem="Этот ключ от другой страницы или без нужных прав.")
    preview = registry.preview_import(file=make_export(ODD), by=administrator, file_name="выгрузка.xlsx")
    rule = make_rule(make_body(name="Управление «" + "РЯБИНКА" * 9 + "»"), topic=Topic.objects.get(code="dvor"), priority=10)
    day = timezone.localdate()
    desk.hand_over(case=last, way="law", handed=day, number="ОГ-" + "1" * 50, link="https://pos.example.test/" + "a" * 90, by=administrator)
    drawn = desk.draw_sample(since=day, until=day, by=None).inspections.get()
    return {
        "login": reverse("account_login"),
        "quality": reverse("desk:quality"),
        "draws": reverse("desk:quality") + "?show=draws",
        "quality of bodies": reverse("desk:quality") + "?show=bodies",
        "an answer to be reviewed": reverse("desk:inspection", args=[drawn.pk]),
        "queue": reverse("desk:queue") + "?view=all",
        "case": reverse("desk:case", args=[first.number]) + "?view=all",
        "answered case": reverse("desk:case", args=[last.number]),
        "very long case": reverse("desk:case", args=[cases[4].number]),
        "nothing there": reverse("desk:queue") + "?view=trouble",
        "nothing found": reverse("desk:queue") + "?q=ъъъъ",
        "choose": reverse("desk:choose", args=[first.number, "topic"]) + "?q=двор",
        "beside a case": reverse("desk:beside", args=[last.number]),
        "conditions": reverse("desk:conditions") + "?kind=problem",
        "filtered": reverse("desk:queue") + "?view=all&kind=problem&photo=1",
        "own views": reverse("desk:views") + "?view=all&kind=problem",
        "keys": reverse("desk:keys"),
        "alerts": reverse("alerts:alerts"),
        "alerts' channels and hours": reverse("alerts:settings"),
        "routes": reverse("desk:routes"),
        "absences": reverse("registry:absences"),
        "table of routes": reverse("desk:route_load"),
        "limits": reverse("desk:limits"),
        "returns by body": reverse("desk:bounces"),
        "no routes found": reverse("desk:routes") + "?state=past",
        "route": reverse("desk:route", args=[rule.pk]),
        "route to be written": reverse("desk:route_change", args=[rule.pk]),
        "route on trial": reverse("desk:route_trial") + f"?organ={body}&priority=10&topic=dvor",
        "pages": reverse("registry:pages"),
        "bodies": reverse("registry:bodies"),
        "page": reverse("registry:page", args=[page.pk]),
        "body": reverse("registry:body", args=[body.pk]),
        "card of a page": reverse("office:page_card", args=[page.pk]),
        "findings": reverse("office:findings"),
        "imports": reverse("registry:imports"),
        "import preview": reverse("registry:import", args=[preview.pk]),
        "status": reverse("services:status"),
        "status of a message": reverse("services:status") + f"?number={first.message_set.get().number}",
        "missing": "/no-such-page",
        "networks": reverse("exchange:progress"),
        "pilot to be chosen": reverse("exchange:pilot"),
        "queues to networks": reverse("exchange:queues"),
        "connection": reverse("exchange:card", args=[page.pk]),
        "refused key": reverse("exchange:card", args=[invited.pk]),
        "steward's link": reverse("exchange:connect", args=[key]),
        "a link that never was": reverse("exchange:connect", args=["x"]),
    } | _of_the_audience(body, invited)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_has_a_fault_that_axe_can_see(look, administrator, addresses, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    inside, outside = look(administrator, scheme=scheme), look(scheme=scheme)
    found = {}
    for name, address in addresses.items():
        tab = outside if name in FOR_ALL else inside
        tab.goto(address)
        report = axe.run(tab).response
        assert report["passes"], name
        found[name] = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in report["violations"]]
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.django_db(transaction=True)
def test_nothing_sticks_out_on_a_phone_and_a_thumb_hits_everything(look, administrator, addresses):
    inside, outside = look(administrator, width=390), look(width=390)
    found = {}
    for name, address in addresses.items():
        tab = outside if name in FOR_ALL else inside
        tab.goto(address)
        small = tab.eval_on_selector_all(".btn, .row > a, .side-list a, input:not([type=hidden], [type=radio], [type=checkbox]), select", SMALL)
        found[name] = (tab.evaluate("document.documentElement.scrollWidth"), small)
    assert {name: seen for name, seen in found.items() if seen[0] > 390 or seen[1]} == {}


@pytest.mark.django_db(transaction=True)
def test_axe_would_see_a_fault(look, cases):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    tab = look()
    tab.goto(reverse("services:status"))
    tab.evaluate("document.querySelector('label').remove()")
    assert "label" in {v["id"] for v in axe.run(tab).response["violations"]}


def test_the_sheets_weigh_at_most_30_kb():
    assert 10_000 < sum(path.stat().st_size for path in CSS.glob("*.css")) <= 30_000


def test_dark_colours_are_the_same_by_system_and_by_choice():
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", (CSS / "tokens.css").read_text(), re.S)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


def test_colours_are_named_only_in_the_tokens():
    for name in ("base.css", "desk.css"):
        screen = (CSS / name).read_text().split("@media print")[0]
        assert not re.findall(r":[^;{}]*(?:#[0-9a-f]{3,8}\b|rgb\(|hsl\()", screen), name
