"""How other commands find a demo that is running: its environment lies in the home folder while it lives."""

import json
import os
from collections.abc import Mapping

from gospult.lib.embedded import find_home
from gospult.lib.errors import Refused

NAME = "demo.json"
KEPT = ("DATABASE_URL", "GOSPULT_URL", "GOSPULT_DEMO")


def leave(env: Mapping[str, str]) -> None:
    """A demo has begun: where its database, site and networks are, readable by its owner only, because the address holds a password."""
    path = find_home() / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    told = {name: os.environ[name] for name in KEPT if name in os.environ} | dict(env)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(told, file)


def forget() -> None:
    """The demo has ended."""
    (find_home() / NAME).unlink(missing_ok=True)


def found() -> dict[str, str]:
    """The environment of the running demo; Refused when there is none in this home."""
    try:
        told = json.loads((find_home() / NAME).read_text())
    except (OSError, ValueError):
        told = {}
    if not isinstance(told, dict) or "DATABASE_URL" not in told:
        raise Refused("Демонстрация не запущена: сначала gospult demo (или make demo), в соседнем окне.")
    return {str(name): str(value) for name, value in told.items()}
