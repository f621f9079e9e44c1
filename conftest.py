"""For every test: no network beyond this machine, the database that the plugin has started."""

import socket
from typing import Any

import pytest

from gospult.lib.pytest_embedded import own_name

pytest_plugins = ["gospult.registry.testing"]  # the fixed cast: operator, executor, curator, steward, stranger
LOCAL = {"127.0.0.1", "::1", "localhost"}


class NetworkUsed(RuntimeError):
    """A test reached for the internet."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """pytest-django's hook: a database of this run's own."""
    from django.conf import settings

    settings.DATABASES["default"]["TEST"]["NAME"] = own_name()
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0  # a thread's kept connection would stand in the way of dropping the database


@pytest.fixture(autouse=True)
def _no_memory(settings: Any) -> None:
    settings.REMEMBER_SECONDS = 0  # rows of one test are gone in the next
    settings.LIMITS = {"*": 0}  # tests that are not about the networks' limits do not wait for them


@pytest.fixture(autouse=True)
def _no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL:
            raise NetworkUsed(f"a test reached for {address[0]}")

    def guarded(self: socket.socket, address: Any) -> None:
        check(self, address)
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
