"""The sandbox's side of the demo: its pages, and what stood on them before a restart."""

import re
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.test import override_settings
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange import actions as exchange
from gospult.exchange.models import Connection, Hook, Incoming, Outgoing, Token
from gospult.lib.errors import Refused
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import SandboxClient
from gospult.registry.models import Page

from .cast import PAGES, number_of

NEWS = (
    "Доброе утро! Рассказываем, что изменится в городе на этой неделе.",
    "Приглашаем на субботник и ярмарку. Пишите в комментариях, что нужно исправить рядом с вами.",
    "Отвечаем на вопросы жителей. Задавайте их здесь или в личных сообщениях.",
)
REGION = "75"  # the first digits of ОКТМО, by which ПОС knows it
BUTTONS = (
    (("поликлиник", "больниц"), "Запись к врачу", "https://www.gosuslugi.ru/10700"),
    (("школ", "лице", "гимнази", "сад"), "Запись в кружок", "https://www.gosuslugi.ru/category/learning"),
    (("музе", "театр", "дом культуры", "дворец культуры"), "Пушкинская карта", "https://www.culture.ru/pushkinskaya-karta"),
)
PATIENCE = 60.0  # seconds for all pages to be subscribed
SOON = timedelta(hours=1)  # pages that are not opened yet have their turn later
POSTS = tuple(range(1, len(NEWS) + 1))  # the sandbox's own numbers of these posts on every wall


def demo_pages() -> list[Page]:
    """The connected pages of the demo."""
    return list(Page.objects.filter(is_demo=True, connection__isnull=False).order_by("id").prefetch_related("bodies"))


def page_number(page: Page) -> int:
    """The sandbox's own number of a demo page."""
    return number_of(page.bodies.all()[0].code or "")


def members_of(place: int) -> int:
    """Subscribers of the page that stands at this place among the demo's."""
    return 900 + 137 * place


def keys() -> dict[tuple[str, str], str]:
    """Network and the sandbox's own number of each demo page → its id as the network tells it."""
    return {(page.network, str(page_number(page))): page.external_id or "" for page in demo_pages()}


def hold() -> None:
    """Nobody asks the networks about the demo's pages and their tokens until they stand in the sandbox: open_pages lets it begin."""
    later, now = timezone.now() + SOON, timezone.now()
    Connection.objects.filter(page__is_demo=True).update(check_at=later, polled_at=now)
    Token.objects.filter(page__is_demo=True).update(tried_at=now, checked_at=now)


def show_addresses(base_url: str) -> None:
    """The registry's demo pages lead to their walls in the sandbox, and never to a real page of a like name."""
    pages, others = demo_pages(), list(by_export())
    for page in pages:
        page.url = f"{base_url}/{page.network}/wall/{page_number(page)}"
    for page in others:
        page.url = f"{base_url}/{page.network}/wall/{page.external_id}"
    Page.objects.bulk_update([*pages, *others], ["url"])


def by_export() -> QuerySet[Page]:
    """Pages that came with the official export: they are known and not connected."""
    return Page.objects.filter(is_demo=True, connection=None).exclude(external_id=None).order_by("id")


def open_others(sandbox: SandboxClient) -> None:
    """The pages that are not connected stand in the sandbox, too: nobody says anything there, and a sweep finds them."""
    for page in by_export():
        sandbox.at(page.network).add_page(int(page.external_id or 0), name=page.name, handle=page.handle, members=page.members or 0, **face(page))


def open_pages(sandbox: SandboxClient, *, codes: Collection[str] = PAGES) -> None:
    """Open the demo's pages in the sandbox with what our database knows of their walls; the watchdog subscribes each at its next round."""
    opened = [page for page in demo_pages() if page.bodies.all()[0].code in codes]
    for number, page in enumerate(opened):
        client = sandbox.at(page.network)
        client.add_page(page_number(page), name=page.name, handle=page.handle, members=page.members or members_of(number), **face(page))
        posts = [{"id": post, "text": text, "at": int(page.created_at.timestamp())} for post, text in zip(POSTS, NEWS, strict=True)]
        client.remember(page_number(page), posts=posts, said=remembered(page))
    Connection.objects.filter(page__in=opened).update(check_at=timezone.now(), polled_at=None)
    Token.objects.filter(page__in=opened).update(tried_at=None, checked_at=None)  # held back, they looked checked and found to carry nothing


def face(page: Page) -> dict[str, Any]:
    """What a card shows: contacts, and in VK the two links of ПОС and the button of the sector; every ninth page has forgotten something."""
    body = page.bodies.all()[0]
    told = {"description": f"Официальная страница: {body.name}. Телефон +7 (351) 200-{body.pk % 90 + 10}-00, часы работы: пн–пт 9:00–18:00."}
    if page.network != "vk" or not body.ogrn:
        return told
    tail = f"utm_medium={REGION}&utm_campaign={body.ogrn}"
    links = [["Сообщить о проблеме", f"https://pos.gosuslugi.ru/form/?opaId={200000 + page.pk}&utm_source=vk&{tail}"]]
    links += [["Высказать мнение", f"https://pos.gosuslugi.ru/og/org-activities?reg_code={REGION}&utm_source=vk1&{tail}"]] if page.pk % 9 else []
    name = body.name.lower()
    links += [[title, url] for words, title, url in BUTTONS if any(word in name for word in words) and page.pk % 9 != 4]
    return told | {"menu": links}


def subscribe_pages(sandbox: SandboxClient, site: str) -> None:
    """Let the watchdog subscribe the opened pages here and now, before anybody speaks on them; the site must be answering at this address."""
    networks = {network: {"base_url": sandbox.api_url(network), "ca_file": ""} for network in NETWORKS}
    deaf, deadline = Connection.objects.exclude(hook=Hook.ALIVE).filter(check_at__lt=timezone.now() + SOON / 2), time.monotonic() + PATIENCE
    with override_settings(NETWORKS=networks, URL=site):
        while exchange.watch_due() or deaf.exists():  # a worker may have some of them in its hands
            if time.monotonic() > deadline:
                raise Refused(f"Страницы песочницы не подписались на события: {deaf.count()}.")
            time.sleep(0.1)
    # A page that begins to speak only now has no gaps to be read.
    Connection.objects.filter(hook=Hook.ALIVE).update(gaps_at=timezone.now())


def remembered(page: Page) -> list[dict[str, Any]]:
    """What was said on a page as our rows know it, oldest first: residents, the page itself, our published replies."""
    lines: dict[str, dict[str, Any]] = {}
    heard = Incoming.objects.filter(network=page.network, page_key=page.external_id, action__in=["said", "edited"]).exclude(thread_id="")
    for row in heard.order_by("id"):
        author = -page_number(page) if row.by_page else _digits(row.author_id)
        lines[row.external_id] = _line(row, row.external_id, row.author_name, author)
    typed = Journal.objects.filter(verb="reply_confirmed").values_list("object_id", flat=True)  # a person's word for the id, of any form
    for sent in Outgoing.objects.filter(page=page, state=Outgoing.State.SENT).exclude(pk__in=list(typed)).order_by("id"):
        lines.setdefault(sent.external_id, _line(sent, sent.external_id, "", -page_number(page)))
    return sorted(lines.values(), key=lambda line: int(line["at"]))


def _line(row: Incoming | Outgoing, name: str, author_name: str, author: int) -> dict[str, Any]:
    at = row.sent_at or row.created_at if isinstance(row, Outgoing) else row.sent_at
    kept = {"id": name, "thread": row.thread_id, "reply_to": row.reply_to, "author": author, "name": author_name}
    return kept | {"text": row.text, "at": int(at.timestamp())}


def _digits(author_id: str) -> int:
    """The sandbox's number of a resident behind an author's id of any network; 1 where it tells none."""
    found = re.search(r"\d+$", author_id)
    return int(found[0]) if found else 1
