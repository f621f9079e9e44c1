"""A ready answer: its placeholders, what is known of them, and how much of it an answer has kept."""

import re
from collections.abc import Mapping

from gospult.lib.text import tokens

NAME = re.compile(r"\{([^{}\n]{1,60})\}")
KEPT_ENOUGH = 0.5  # from here on an answer counts as one by a template


def placeholders(text: str) -> list[str]:
    """The names in braces, each once, in order."""
    return list(dict.fromkeys(NAME.findall(text)))


def fill(text: str, known: Mapping[str, str]) -> str:
    """The text with what is known put in; what is not known stays in braces and blocks publishing."""
    return NAME.sub(lambda hit: known.get(hit[1].strip().lower(), "") or hit[0], text)


def kept(template: str, answer: str) -> float:
    """How much of the template's own words, in threes, the answer has: 0 to 1. Placeholders are nobody's words."""
    mine = [triple for part in NAME.split(template)[::2] for triple in _triples(part)]
    if not mine:
        return 0.0
    answered = set(_triples(answer))
    return sum(triple in answered for triple in mine) / len(mine)


def _triples(text: str) -> list[tuple[str, ...]]:
    words = [word.lower() for word in tokens(text)]
    return list(zip(words, words[1:], words[2:], strict=False))
