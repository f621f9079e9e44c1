"""Every screen: accessible in both themes, nothing sticks out on a phone, the sheets stay light."""

import re
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

import gospult

CSS = Path(gospult.__file__).parent / "static" / "css"
SCREENS = ["login", "queue", "case", "closed case", "empty", "choose", "keys", "pages", "import", "status", "status of a message", "missing"]


def address(name, cases):
    """Where a screen is; skips one whose room has not been opened in this installation."""
    first, last = cases[0], cases[-1]
    names = {
        "login": lambda: reverse("account_login"),
        "queue": lambda: reverse("desk:queue") + "?view=all",
        "case": lambda: reverse("desk:case", args=[first.number]) + "?view=all",
        "closed case": lambda: reverse("desk:case", args=[last.number]),
        "empty": lambda: reverse("desk:queue") + "?view=trouble",
        "choose": lambda: reverse("desk:choose", args=[first.number, "topic"]) + "?q=двор",
        "keys": lambda: reverse("desk:keys"),
        "pages": lambda: reverse("registry:pages"),
        "import": lambda: reverse("registry:import"),
        "status": lambda: reverse("services:status"),
        "status of a message": lambda: reverse("services:status") + f"?number={first.message_set.get().number}",
        "missing": lambda: "/no-such-page",
    }
    try:
        return names[name]()
    except NoReverseMatch as gone:
        pytest.skip(f"no such screen yet: {gone}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SCREENS)
def test_screen_has_no_fault_that_axe_can_see(look, administrator, cases, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()
    tab = look(None if name in ("login", "status", "status of a message") else administrator, scheme=scheme)
    tab.goto(address(name, cases))
    tab.evaluate("document.querySelectorAll('.tools details').forEach(d => { d.removeAttribute('name'); })")
    found = axe.run(tab).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in found] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", SCREENS)
def test_nothing_sticks_out_on_a_phone(look, administrator, cases, name):
    tab = look(None if name in ("login", "status", "status of a message") else administrator, width=390)
    tab.goto(address(name, cases))
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    small = tab.eval_on_selector_all(
        ".btn, .row > a, .side-list a, input:not([type=hidden], [type=radio], [type=checkbox]), select",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))",
    )
    assert small == []


def test_the_sheets_weigh_at_most_30_kb():
    assert sum(path.stat().st_size for path in CSS.glob("*.css")) <= 30_000


def test_dark_colours_are_the_same_by_system_and_by_choice():
    text = (CSS / "tokens.css").read_text()
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", text, re.S)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


def test_colours_are_named_only_in_the_tokens():
    for sheet in CSS.glob("*.css"):
        if sheet.name != "tokens.css":
            screen = sheet.read_text().split("@media print")[0]
            assert not re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)|rgb\(|hsl\(", screen), sheet.name
