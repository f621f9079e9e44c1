"""docs/networks.md says what the code does."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from gospult.networks.base import DEEDS, FEATURES
from gospult.networks.registry import NETWORKS

DOCS = Path(__file__).parents[3] / "docs/networks.md"
pytestmark = pytest.mark.skipif(not DOCS.is_file(), reason="installed without its docs")


ORDER = ["vk", "ok", "telegram", "max"]  # columns of the summary


def rows(title):
    """The rows of a section's tables that begin with a `word`."""
    sections = DOCS.read_text(encoding="utf-8").split("\n## ")
    [section] = [text for text in sections if text.split("\n")[0].lower() == title]
    lines = [line for line in section.splitlines() if re.match(r"\| `\w+` \|", line)]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def table(code):
    """The table of a network's section: feature → (yes or no of each token kind, calls)."""
    return {feature.strip("`"): (words, calls) for feature, *words, calls in rows(code)}


def test_the_summary_tells_what_each_network_can_and_tells():
    summary = {word.strip("`"): cells for word, _, *cells in rows("at a glance")}
    assert (sorted(ORDER), summary.keys()) == (sorted(NETWORKS), FEATURES | DEEDS | {"said_comment", "said_dm"})
    for column, code in enumerate(ORDER):
        kind = NETWORKS[code]
        does = kind.can(frozenset(kind.kinds)) | kind.tells | {f"said_{word}" for word in kind.pushes}
        assert {word for word, cells in summary.items() if cells[column] == "yes"} == does


@pytest.mark.parametrize("code", sorted(NETWORKS))
def test_the_table_tells_what_each_token_can(code):
    written, kinds = table(code), NETWORKS[code].kinds
    assert {len(words) for words, _ in written.values()} == {len(kinds)}
    for number, kind in enumerate(kinds):
        assert {feature for feature, (words, _) in written.items() if words[number] == "yes"} == NETWORKS[code].can(frozenset({kind}))


@pytest.mark.parametrize("code", sorted(NETWORKS))
def test_the_table_names_the_calls(code):
    needs = import_module(f"gospult.networks.{code}.connector").NEEDS
    assert {feature: tuple(calls.split(", ")) for feature, (_, calls) in table(code).items()} == needs
