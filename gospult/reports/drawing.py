"""A chart's specification becomes SVG, on the server and without scripts. The renderer keeps about 100 MB of a process, so pictures are cached."""

import hashlib
import json
import re
from typing import Any

from django.core.cache import cache

ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
KEPT = 24 * 3600  # seconds


class Drawing:
    """An SVG for a template. The renderer escapes every text that comes from the data; nothing else comes in.

    What it says to a screen reader of every line and axis goes away: the words around the picture say it in one sentence.
    """

    def __init__(self, svg: str) -> None:
        self.svg = ROLES.sub("", svg)

    def __html__(self) -> str:
        return self.svg


def svg(spec: dict[str, Any]) -> str:
    """The picture; the same specification is drawn once a day."""
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, default=str)
    key = f"chart:{hashlib.sha256(text.encode()).hexdigest()}"
    found: str | None = cache.get(key)
    if found is None:
        import vl_convert  # here, so that processes that draw nothing do not carry it

        found = vl_convert.vegalite_to_svg(text)
        cache.set(key, found, KEPT)
    return found
