"""The house stands: every rule of house_rules.py holds for every file, and every rule can fail."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import house_rules as rules

ROOT = Path(__file__).parents[1]
Rule = Callable[[str, str], list[str]]


def tracked() -> list[str]:
    """Files of the checkout, by git where there is one, else by walking (an unpacked archive)."""
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if done.returncode == 0 and done.stdout:
        return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    kept = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [path.as_posix() for path in kept if not any(part.startswith(".") and part not in {".ci", ".env.example"} for part in path.parts)]


FILES = tracked()
PYTHON = [name for name in FILES if name.endswith(".py") and name.startswith(("gospult/", "tests/", "conftest")) and "/migrations/" not in name]
TEXTS = [name for name in FILES if Path(name).suffix in {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ".json", ".csv", "", ".example"}]


def faults(rule: Rule, files: list[str]) -> list[str]:
    return [fault for name in files for fault in rule(name, (ROOT / name).read_text(errors="replace"))]


@pytest.mark.parametrize(
    "rule",
    [
        rules.doors,
        rules.inside_order,
        rules.door_plate,
        rules.file_size,
        rules.function_size,
        rules.names,
        rules.no_hidden_calls,
        rules.clean_floor,
    ],
    ids=lambda rule: rule.__name__,
)
def test_python_keeps_the_rule(rule: Rule) -> None:
    assert faults(rule, PYTHON) == []


def test_nothing_is_marked_safe() -> None:
    files = [name for name in FILES if name.startswith("gospult/") and name.endswith((".py", ".html"))]

    assert faults(rules.escaped, files) == []


def test_no_file_knows_a_machine_or_a_registry() -> None:
    assert faults(rules.no_machine, TEXTS) == []


def test_pages_load_nothing_from_foreign_hosts() -> None:
    files = [name for name in FILES if name.startswith("gospult/") and name.endswith((".html", ".css", ".js", ".svg"))]

    assert len(files) > 5
    assert faults(rules.no_foreign_hosts, files) == []


def test_each_dependency_says_why() -> None:
    assert faults(rules.why_comments, ["pyproject.toml"]) == []


def test_each_setting_is_in_the_example() -> None:
    sources = "".join((ROOT / name).read_text() for name in PYTHON if name.startswith("gospult/") and not rules.is_test(name))

    assert rules.settings_are_listed(sources, (ROOT / ".env.example").read_text()) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.doors, "gospult/desk/actions.py", "from gospult.registry.views import page"),
        (rules.doors, "gospult/desk/actions.py", "from gospult.registry.testing import make_page"),
        (rules.inside_order, "gospult/desk/models.py", "from . import actions"),
        (rules.inside_order, "gospult/desk/queries/board.py", "from ..forms import Reply"),
        (rules.inside_order, "gospult/desk/jobs.py", "from .views import queue"),
        (rules.door_plate, "gospult/desk/__init__.py", '"""One line."""'),
        (rules.file_size, "gospult/desk/models.py", "x = 1\n" * 501),
        (rules.function_size, "gospult/desk/models.py", "def long():\n" + "    x = 1\n" * 60),
        (rules.names, "gospult/desk/utils.py", ""),
        (rules.names, "gospult/desk/helpers/words.py", ""),
        (rules.no_hidden_calls, "gospult/desk/models.py", "from django.db.models.signals import post_save"),
        (rules.no_hidden_calls, "gospult/desk/models.py", "class Case(Model):\n    def save(self): ..."),
        (rules.escaped, "gospult/desk/templates/case.html", "{{ message.text|safe }}"),
        (rules.escaped, "gospult/desk/views.py", "mark_safe(text)"),
        (rules.no_machine, "README.md", "see /" + "work/main"),
        (rules.no_machine, "requirements/runtime.txt", "--index-url https://pypi." + "org/simple"),
        (rules.no_foreign_hosts, "gospult/templates/base.html", '<script defer src="https://cdn.example.com/x.js"></script>'),
        (rules.no_foreign_hosts, "gospult/static/base.css", "@font-face { src: url(https://fonts.example.com/a.woff2) }"),
        (rules.why_comments, "pyproject.toml", 'dependencies = [\n    "click>=8",\n]\n'),
        (rules.clean_floor, "gospult/networks/vk/client.py", "from django.conf import settings"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_can_fail(rule: Rule, path: str, text: str) -> None:
    assert rule(path, text)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.doors, "gospult/desk/actions.py", "from gospult.registry.models import Page\nfrom gospult.accounts import journal"),
        (rules.doors, "gospult/desk/tests/test_case.py", "from gospult.registry.testing import make_page"),
        (rules.inside_order, "gospult/desk/views.py", "from . import actions, queries\nfrom .forms import Reply"),
        (rules.no_foreign_hosts, "gospult/templates/base.html", '<a href="https://www.gosuslugi.ru/help">ПОС</a>'),
        (rules.no_hidden_calls, "gospult/desk/forms.py", "class Reply:\n    def clean(self): ..."),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_lets_good_code_pass(rule: Rule, path: str, text: str) -> None:
    assert rule(path, text) == []


def test_an_unlisted_setting_is_found() -> None:
    assert rules.settings_are_listed('env("GOSPULT_NEW", "")', "# GOSPULT_OLD=1") == ["GOSPULT_NEW"]
