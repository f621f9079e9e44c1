"""docs/networks.md says what the code does."""

import re
from pathlib import Path

import pytest

from gospult.networks.registry import NETWORKS
from gospult.networks.vk.connector import NEEDS

DOCS = Path(__file__).parents[3] / "docs/networks.md"
KINDS = ("community", "user", "service")
pytestmark = pytest.mark.skipif(not DOCS.is_file(), reason="installed without its docs")


def table(title):
    """The first table of a section: feature → (who can, calls)."""
    section = DOCS.read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \| (\S+) \| (.+?) \|$", section, re.MULTILINE)
    return {feature: (words, calls) for feature, *words, calls in rows}


@pytest.mark.parametrize("code", sorted(NETWORKS))
def test_the_table_tells_what_each_token_can(code):
    written = table(code.upper())
    for number, kind in enumerate(KINDS):
        assert {feature for feature, (words, _) in written.items() if words[number] == "yes"} == NETWORKS[code].can(frozenset({kind}))


def test_the_table_of_vk_names_the_calls():
    assert {feature: tuple(calls.split(", ")) for feature, (_, calls) in table("VK").items()} == NEEDS
