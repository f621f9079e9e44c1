"""A network that nobody has: a folder, one line, and the whole contract runs for it."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("gospult.networks.contract")

from gospult.networks.contract import *  # noqa: E402, F403 -- every test of the contract
from gospult.networks.contract import Stage, opened  # noqa: E402
from gospult.networks.registry import NETWORKS  # noqa: E402
from gospult.networks.sandbox.dialects import DIALECTS  # noqa: E402

from .tiny.connector import Tiny  # noqa: E402
from .tiny.dialect import TinyDialect  # noqa: E402


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setitem(NETWORKS, "tiny", Tiny)
    monkeypatch.setitem(DIALECTS, "tiny", TinyDialect)
    with opened("tiny") as stage:
        yield stage
