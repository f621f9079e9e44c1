"""The rules of the house, each a function from a file's path and text to the list of its faults.

Paths are relative to the checkout, like `gospult/desk/actions/sorting.py`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

ROOMS = [
    "networks",
    "accounts",
    "registry",
    "exchange",
    "alerts",
    "desk",
    "monitoring",
    "scores",
    "informing",
    "claims",
    "surveys",
    "training",
    "directory",
    "services",
    "bots",
    "office",
    "reports",
    "openapi",
    "demo",
    "bench",
]
DOORS = {"models", "queries", "actions"}
ORDER = ["models", "queries", "actions", "forms", "views"]
TOP = {"views", "api", "jobs", "admin", "urls"}
FORBIDDEN_FILES = {"utils", "helpers", "services", "util", "helper", "common", "misc", "mixins", "signals"}
LOCAL_HOSTS = re.compile(r"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org/)[a-z0-9-]+\.[a-z]", re.I)
# Folders of one machine, and registries: nothing of them may be needed by a clone. Cut in two so that this file is no fault itself.
MACHINE = re.compile("/" + r"(work|root|home/[a-z]+)/|pypi\." + "org|files.python" + "hosted|registry.npm" + "js", re.I)


def room_of(path: str) -> str:
    """`desk` for a file of the room desk, "" outside the rooms."""
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 2 and parts[0] == "gospult" and parts[1] in ROOMS else ""


def part_of(path: str) -> str:
    """`actions` for gospult/desk/actions.py and gospult/desk/actions/sorting.py."""
    parts = PurePosixPath(path).parts
    return parts[2].removesuffix(".py") if len(parts) > 2 else ""


def is_test(path: str) -> bool:
    """Whether the file is a test or a builder for tests."""
    parts = PurePosixPath(path).parts
    return "tests" in parts or parts[-1] in {"testing.py", "conftest.py", "contract.py"}


def imports(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported; relative ones are resolved, `from a import b` gives a.b."""
    package = PurePosixPath(path).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            whole = ".".join(filter(None, [base, node.module or ""]))
            yield from ((node.lineno, f"{whole}.{alias.name}") for alias in node.names)


def doors(path: str, text: str) -> list[str]:
    """Into another room only through models, queries, actions and accounts.journal; networks is a library of connectors."""
    own, faults = room_of(path), []
    may_test = is_test(path) or own in {"demo", "bench"} or path.startswith("tests/")
    for line, name in imports(path, text):
        parts = name.split(".")
        if parts[0] != "gospult" or len(parts) < 3 or parts[1] not in ROOMS or parts[1] in {own, "networks"}:
            continue
        door = parts[2]
        allowed = door in DOORS or (parts[1], door) == ("accounts", "journal") or (door == "testing" and may_test)
        allowed |= path.startswith("gospult/clock") and door == "jobs"
        allowed |= (path.startswith("gospult/urls") or own == "openapi") and door in {"urls", "api"}
        allowed |= path.startswith("tests/") or (path.startswith("gospult/cli") and parts[1] in {"demo", "bench"})
        if not allowed:
            faults.append(f"{path}:{line} enters {parts[1]} by {door}")
    return faults


def inside_order(path: str, text: str) -> list[str]:
    """views | api | jobs | admin → forms → actions → queries → models; never the other way."""
    own, part = room_of(path), part_of(path)
    if not own or is_test(path) or part not in {*ORDER, *TOP}:
        return []
    faults = []
    for line, name in imports(path, text):
        parts = name.split(".")
        if parts[:2] != ["gospult", own] or len(parts) < 3 or parts[2] == part:
            continue
        upward = parts[2] in TOP and part != "urls" if part in TOP else _height(parts[2]) > _height(part)
        if upward:
            faults.append(f"{path}:{line} {part} imports {parts[2]}")
    return faults


def _height(part: str) -> int:
    return len(ORDER) if part in TOP else ORDER.index(part) if part in ORDER else 0


def door_plate(path: str, text: str) -> list[str]:
    """A room's __init__.py says in 3–6 lines what it is for."""
    if PurePosixPath(path).name != "__init__.py" or len(PurePosixPath(path).parts) != 3 or not room_of(path):
        return []
    lines = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    return [] if 3 <= len(lines) <= 6 else [f"{path}: the door plate has {len(lines)} lines, 3–6 are wanted"]


def file_size(path: str, text: str) -> list[str]:
    """At most 500 lines a file."""
    lines = len(text.splitlines())
    return [f"{path}: {lines} lines"] if lines > 500 else []


def function_size(path: str, text: str) -> list[str]:
    """At most 60 lines a function."""
    long = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [f"{path}: {name} has {lines} lines" for name, lines in long if lines > 60]


def names(path: str, _text: str) -> list[str]:
    """No file named after nothing; `services` is a room, not a file."""
    pure = PurePosixPath(path)
    found = [part for part in (*pure.parts[2:-1], pure.stem) if part in FORBIDDEN_FILES]
    return [f"{path}: a file of that name collects what has no home" for _ in found]


def no_hidden_calls(path: str, text: str) -> list[str]:
    """Up by row, never by call: no signals, no save() or delete() overrides."""
    faults = [f"{path}:{line} uses signals" for line, name in imports(path, text) if ".signals" in name or name == "django.dispatch.receiver"]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and any("Model" in ast.unparse(base) or "Abstract" in ast.unparse(base) for base in node.bases):
            faults += [f"{path}:{item.lineno} overrides {item.name}()" for item in node.body if _is_override(item)]
    return faults


def _is_override(item: ast.stmt) -> bool:
    return isinstance(item, ast.FunctionDef) and item.name in {"save", "delete"} and bool(item.args.args) and item.args.args[0].arg == "self"


def escaped(path: str, text: str) -> list[str]:
    """A resident's text is always escaped."""
    marks = ("mark_safe", "SafeString(", "|safe", "| safe", "autoescape off")
    return [f"{path}:{number} {mark}" for number, line in enumerate(text.splitlines(), 1) for mark in marks if mark in line]


def no_machine(path: str, text: str) -> list[str]:
    """Nothing of one machine and no package registry in a file that is cloned."""
    return [f"{path}:{number} {found[0]}" for number, line in enumerate(text.splitlines(), 1) if (found := MACHINE.search(line))]


def no_foreign_hosts(path: str, text: str) -> list[str]:
    """A page loads nothing from foreign hosts; a link that a person follows is no load."""
    loads = re.finditer(r"""(?:<(?:script|link|img|iframe|source|video|audio|use)\b[^>]*?(?:src|href)=|url\(|@import\s+)["']?([^"'>)\s]+)""", text)
    return [f"{path}: loads {load[1]}" for load in loads if LOCAL_HOSTS.match(load[1])]


def why_comments(path: str, text: str) -> list[str]:
    """Each dependency of pyproject.toml says why it is there."""
    body = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.M | re.S)
    lines = [line.strip() for block in body for line in block.splitlines() if line.strip().startswith('"')]
    return [f"{path}: no reason beside {line}" for line in lines if not re.search(r'",\s+# \w', line)]


def settings_are_listed(settings: str, example: str) -> list[str]:
    """Each name that the code reads from the environment has a line in .env.example."""
    read = set(re.findall(r"""(?:env|_flag|_words|environ\.get|getenv)\(\s*["']([A-Z][A-Z0-9_]+)["']""", settings))
    listed = set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", example, re.M))
    return sorted(read - listed)


def clean_floor(path: str, text: str) -> list[str]:
    """lib and networks know neither the settings nor the database of Django."""
    if not path.startswith(("gospult/lib/", "gospult/networks/")) or is_test(path):
        return []
    bad = ("django.conf.settings", "django.db.models", "django.db.connection")
    return [f"{path}:{line} {name}" for line, name in imports(path, text) if name in bad]
