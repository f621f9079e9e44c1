"""The set of official pages as open data: rows, passport, and a signature that anybody can check."""

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from gospult.lib.tables import defuse

COLUMNS = {
    "body": "Наименование организации",
    "ogrn": "ОГРН",
    "territory": "Территория",
    "spheres": "Сферы",
    "network": "Сеть",
    "page": "Название страницы",
    "url": "Адрес страницы",
    "checked": "Сведения на дату",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One official page of one body."""

    body: str
    ogrn: str
    territory: str
    spheres: str
    network: str
    page: str
    url: str
    checked: str


def passport(rows: int, day: date) -> dict[str, Any]:
    """The passport of the set, by the fields of the methodical recommendations for open data."""
    return {
        "identifier": "official-pages",
        "title": "Официальные страницы органов власти и учреждений в социальных сетях",
        "description": "Действующие официальные страницы с организациями, которым они принадлежат. Личных страниц и сведений о людях в наборе нет.",
        "creator": "Центр управления регионом",
        "created": day.isoformat(),
        "modified": day.isoformat(),
        "subject": "официальные страницы, госпаблики, социальные сети",
        "format": "CSV (UTF-8, точка с запятой), JSON, JSON с подписью Ed25519",
        "periodicity": "обновляется непрерывно",
        "rows": rows,
        "structure": [{"name": name, "title": title, "type": "string"} for name, title in COLUMNS.items()],
        "url": f"{settings.URL}/opendata/",
        "public_key": public_key(),
    }


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Lines of the CSV: BOM and semicolons as Russian Excel opens it, words that never run as a formula."""
    yield "\ufeff" + _line(list(COLUMNS.values()))
    for row in rows:
        yield _line([defuse(str(getattr(row, name))) for name in COLUMNS])


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON list, row after row."""
    first = True
    yield "["
    for row in rows:
        told = json.dumps({name: getattr(row, name) for name in COLUMNS}, ensure_ascii=False)
        yield told if first else f",\n{told}"
        first = False
    yield "]\n"


def signed(rows: Iterable[Row], day: date) -> dict[str, str]:
    """`payload` is the JSON text of {date, pages}; `signature` is of its bytes in UTF-8, base64; `public_key` is raw Ed25519, base64."""
    pages = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
    payload = json.dumps({"date": day.isoformat(), "pages": pages}, ensure_ascii=False, separators=(",", ":"))
    return {"payload": payload, "signature": _base64(_key().sign(payload.encode())), "public_key": public_key(), "algorithm": "Ed25519"}


def public_key() -> str:
    """The key by which everybody checks a signed list: 32 raw bytes, base64."""
    return _base64(_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _key() -> Ed25519PrivateKey:
    """Derived from the installation's own key, which is kept already: no second secret to lose."""
    made = HKDF(hashes.SHA256(), length=32, salt=None, info=b"gospult directory signed list").derive(settings.TOKEN_KEYS[-1].encode())
    return Ed25519PrivateKey.from_private_bytes(made)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue()
