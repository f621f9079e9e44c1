"""The screens of scores in a browser: no fault that axe can see, nothing sticks out on a phone, and they work without scripts."""

import random

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory
from gospult.scores import actions, queries
from gospult.scores.testing import make_month

NAMES = [
    "Агаповский МО",
    "Ашинский МО",
    "Сосновый МО",
    "Златоустовский ГО",
    "Верхнеуральский «" + "длинный" * 5 + "» МО",
    "Пустой МО",
    "Кусинский МО",
]


@pytest.fixture
def addresses(db):
    dice, this, sphere = random.Random(74), timezone.localdate().replace(day=1), make_sphere(name="Образование")
    months, places, pages = [queries.before(this, number) for number in range(1, 6)], [make_territory(name=name) for name in NAMES], []
    for place in places:
        for number in range(0 if place.name == "Пустой МО" else 14):
            body = make_body(territory=place, spheres=[sphere])
            page = make_page(body=body, name=f"Школа № {number + 1} " + "«РЯБИНКА" * (number == 3) * 6)
            for month in months:
                poor = dice.random() < 0.12 + 0.05 * NAMES.index(place.name)
                make_month(
                    page, month, (3, 3, 1) if poor else (3,), has_mark=dice.random() < 0.97, members=dice.randint(100, 5000),
                    weekly_reach=dice.randint(50, 3000), likes=dice.randint(150, 420), widgets=dice.choice([0, 1, 2, 2, 2]),
                    parts=[[3, 40, 5, 2, 900]] * 4 + [[None] * 5],
                    marks={"avatar": True, "description": True, "cover": dice.random() < 0.8},
                )  # fmt: skip
            pages.append(page)
    for month in months:
        for method in ("chelyabinsk-61-2026", "chelyabinsk-2025", "traffic-light"):
            actions.count_scores(method=method, month=month, by=None)
    lines = [f"{months[0]:%Y-%m},{name},{70 + 4.3 * n:.2f},{60 + n}.5" for n, name in enumerate(NAMES)]
    actions.import_official(content="\n".join(["period,municipality,gov_publics_pct,pos_pct", *lines]).encode(), source="f", by=None)
    month = f"month={months[0]:%Y-%m}"
    return {
        "table": reverse("scores:table") + "?" + month,
        "platform": reverse("scores:table") + f"?method=pos-350&{month}",
        "nothing": reverse("scores:table") + "?month=2001-01",
        "municipality": reverse("scores:municipality", args=[places[2].pk]) + f"?method=chelyabinsk-61-2026&{month}",
        "light of a municipality": reverse("scores:municipality", args=[places[2].pk]) + f"?method=traffic-light&{month}",
        "only official": reverse("scores:municipality", args=[places[5].pk]) + f"?method=chelyabinsk-61-2026&{month}",
        "pages": reverse("scores:pages") + "?" + month,
        "bodies": reverse("scores:bodies") + "?" + month,
        "page": reverse("scores:page", args=[pages[3].pk]) + "?" + month,
        "methods": reverse("scores:methods"),
        "method": reverse("scores:method", args=["chelyabinsk-61-2026"]),
        "light": reverse("scores:method", args=["traffic-light"]),
        "sheet": reverse("scores:sheet", args=["orenburg-monthly"]) + "?" + month,
    }


@pytest.fixture
def analyst(db):
    return make_person(role=Role.ANALYST, username="analyst")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_of_scores_has_a_fault_that_axe_can_see(look, analyst, addresses, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    tab, found = look(analyst, scheme=scheme), {}
    for name, address in addresses.items():
        tab.goto(address)
        found[name] = [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in axe.run(tab).response["violations"]]
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.django_db(transaction=True)
def test_nothing_of_scores_sticks_out_on_a_phone_without_scripts(look, analyst, addresses):
    tab, found = look(analyst, width=390, scripts=False), {}
    for name, address in addresses.items():
        tab.goto(address)
        found[name] = tab.locator("html").evaluate("e => e.scrollWidth")
    assert {name: width for name, width in found.items() if width > 390} == {}
