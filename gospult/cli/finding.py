"""What a word of the command line means in the registry: a page, a body, a territory, a person."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from gospult.lib.errors import Refused

if TYPE_CHECKING:
    from gospult.accounts.models import Person
    from gospult.registry.models import Body, Page, Territory

Row = TypeVar("Row")
HOSTS = {"vk.com": "vk", "vk.ru": "vk", "ok.ru": "ok", "t.me": "telegram", "max.ru": "max"}
NUMBERED = re.compile(r"(?:public|club|event|wall-|group/)?(\d+)(?:_\d+)?")


def find_page(text: str) -> "Page":
    """The living page with this address, handle or id (of the network, else of the registry). Refused when there is none or more than one."""
    from gospult.registry.models import Page

    network, place = _place(text)
    pages = Page.objects.living().filter(network=network) if network else Page.objects.living()
    number = NUMBERED.fullmatch(place)
    found = list(pages.filter(external_id=number[1])[:2]) if number else []
    found = found or list(pages.filter(handle__iexact=place)[:2])
    if not found and place.isdecimal() and len(place) < 10:
        found = list(pages.filter(pk=int(place)))
    return _only(found, f"Страницы «{text}» нет в реестре: сверьте адрес или загрузите выгрузку (gospult registry import).", f"Страниц «{text}»")


def _place(text: str) -> tuple[str, str]:
    """The network ("" when the text does not tell) and the handle or numbered name."""
    text = text.replace("\0", "").strip().removeprefix("@")
    if "://" not in text and text.partition("/")[0].removeprefix("www.").removeprefix("m.").lower() not in HOSTS:
        return "", text
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:  # «https://[»
        host = ""
    if host not in HOSTS:
        raise Refused(f"Сеть по адресу «{text}» неизвестна: понимаю {', '.join(HOSTS)}.")
    return HOSTS[host], parts.path.strip("/")


def find_body(text: str) -> "Body":
    """The body with this ОГРН or code."""
    from gospult.registry.models import Body

    bodies = Body.objects.filter(gone_at__isnull=True)
    found = list(bodies.filter(code=text)[:2]) or list(bodies.filter(ogrn=text)[:2])
    return _only(found, f"Организации с ОГРН или кодом «{text}» нет в реестре.", f"Организаций «{text}»")


def find_territory(text: str) -> "Territory":
    """The territory with this code or ОКТМО."""
    from gospult.registry.models import Territory

    found = list(Territory.objects.filter(code=text)[:2]) or list(Territory.objects.filter(oktmo=text)[:2])
    return _only(found, f"Территории с кодом или ОКТМО «{text}» нет.", f"Территорий «{text}»")


def find_person(name: str) -> "Person":
    """The person who logs in by this name."""
    from gospult.accounts.models import Person

    return _only(Person.objects.filter(username=name)[:2], f"Сотрудника «{name}» нет: заведите его (gospult admin person {name}).", "Сотрудников")


def _only(found: Iterable[Row], missing: str, many: str) -> Row:
    rows = list(found)
    if not rows:
        raise Refused(missing)
    if len(rows) > 1:
        raise Refused(f"{many} несколько: {'; '.join(str(row) for row in rows)}. Назовите точнее.")
    return rows[0]
