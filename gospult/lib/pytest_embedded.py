"""pytest plugin: the embedded server is up before Django's settings are read, unless DATABASE_URL names another.

Each run has a test database of its own, so that several runs of one checkout do not meet.
"""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gospult.lib import embedded

PREFIX = "test_gospult_"


@pytest.hookimpl(wrapper=True)  # a wrapper runs before pytest-django's own hook, which reads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    home = Path(early_config.rootpath) / ".gospult" / "tests"
    os.environ["GOSPULT_HOME"] = str(home)
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = embedded.start(home, durable=False)
        _drop_leftovers(os.environ["DATABASE_URL"])
    return (yield)


def own_name() -> str:
    """The name of this run's test database."""
    return f"{PREFIX}{os.getpid()}"


def _drop_leftovers(url: str) -> None:
    """A killed run leaves its database behind: drop those whose process is gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])]
        for name in names:
            if not Path(f"/proc/{name.removeprefix(PREFIX)}").exists():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
