"""A sheet for the door of an institution: its official pages as QR codes, by typst. Words go in as data, never as markup."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import segno
import typst

from .queries import Shown

SOURCE = Path(__file__).with_name("poster.typ")
MOST = 6  # codes on one sheet


def pdf(name: str, pages: Sequence[Shown], address: str) -> bytes:
    """One A4: the name, a code for each page in the given order, the card's own address; without pages the card's code alone."""
    shown = [(one.page.network_name, one.page.address) for one in pages if one.page.address][:MOST] or [("Страница в справочнике", address)]
    files = {f"{n}.svg": _code(link) for n, (_, link) in enumerate(shown)}
    data = {"name": name, "address": address, "pages": [{"network": network, "link": link.removeprefix("https://")} for network, link in shown]}
    read: Any = {"main": SOURCE.read_bytes(), "data.json": json.dumps(data, ensure_ascii=False).encode(), **files}
    made: bytes = typst.compile(read)
    return made


def _code(link: str) -> bytes:
    picture = io.BytesIO()
    segno.make(link, error="m", micro=False).save(picture, kind="svg", border=2, scale=4)
    return picture.getvalue()
