"""The watchdog: keys that stewards gave are checked, and every connected page is asked whether it can still be heard and answered.

The networks are asked between transactions. A process may be killed anywhere: what was claimed is due again after CLAIM_TIMEOUT.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import connection as database
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.lib.errors import Refused
from gospult.networks.base import Network, NetworkError, Rights, Webhook
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import FAULT_WORDS, TO_ANSWER, Connection, Hook, Invitation, Mode, Task, best, refusal
from ..queries import connector, connector_with, kinds_of
from .connections import connect

logger = logging.getLogger(__name__)

MAX_CHECKS = 6  # of one key while its network does not answer: about ten minutes
SOON = 300  # seconds until a page with a passing trouble is looked at again
OVERLAP = 2000  # rows of a round of `note_heard` that are read again: a transaction may commit late
WINDOW = 50_000  # rows that it reads at most
HANDSHAKE = (0.2, 0.5, 1.0, 2.0)  # seconds between looks whether the network has shaken hands
HEARD_TO = "exchange.heard_to"
BARE = {"failed", "wait", "unconfigured"}  # VK's states of a Callback server
PASSING = {"down", "timeout", "quota", "too_fast", "flood", "other"}


@dataclass(frozen=True)
class Hearing:
    """Where the network sends a page's events; `words` say what is wrong, "" when nothing."""

    hook: str
    words: str = ""


# Keys given by a link


def check_keys(*, limit: int = 20) -> int:
    """Check keys that stewards gave; returns how many were looked at."""
    for number in range(limit):
        with transaction.atomic():
            due = Invitation.objects.filter(next_check_at__lte=timezone.now()).order_by("next_check_at").select_related("page")
            row = due.select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return number
            lease = timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT)
            Invitation.objects.filter(pk=row.pk).update(checks=F("checks") + 1, next_check_at=lease)
            row.refresh_from_db()
        _check_key(row)
    return limit


def _check_key(row: Invitation) -> None:
    kind = asked_kind(row.page.network)
    try:
        page = _identified(row.page, kind, vault.unseal(row.sealed))
        rights = _proved(page, kind, vault.unseal(row.sealed))
        if refusal(Mode.COPY, page.network, rights.can):
            raise NetworkError("", fault="access", permanent=True)
    except NetworkError as error:
        _key_trouble(row, error)
    except Refused as no:
        _refuse_key(row, str(no), "identity")
    except Exception:
        logger.exception("the key of link %s was not checked", row.pk)
        _key_trouble(row, NetworkError("", fault="other"))
    else:
        _accept_key(row, kind, rights)


def _proved(page: Page, kind: str, token: str) -> Rights:
    """What a key allows. NetworkError when it does not show the page: a bot that stands in another channel still answers in its own dialogues."""
    network, kinds = connector_with(page, {kind: token}, task=Task.POLL), frozenset({kind})
    rights = _rights(network, page, kinds)
    if "card" in network.can(kinds) and not network.cards([page.external_id or page.handle]):  # type: ignore[arg-type]
        raise NetworkError("", fault="access", permanent=True)
    return rights


def asked_kind(network: str) -> str:
    """The token kind that a steward is asked for: the first one that the network gives out."""
    return str(NETWORKS[network].kinds[0])


def _identified(page: Page, kind: str, token: str) -> Page:
    """The page with its id in the network; a registry often knows only the handle. Refused when another page has this id."""
    if page.external_id:
        return page
    found = connector_with(page, {kind: token}, task=Task.POLL).cards([page.handle]) if page.handle else []
    if not found:
        raise Refused("Страница с таким адресом в сети не нашлась: пусть оператор проверит её адрес в реестре.")
    known = found[0].external_id
    if Page.objects.filter(network=page.network, external_id=known).exclude(pk=page.pk).exists():
        raise Refused("Этот ключ от страницы, которая в реестре записана под другим названием: сообщите оператору.")
    Page.objects.filter(pk=page.pk, external_id=None).update(external_id=known)
    journal.write(None, "page_identified", page, external_id=known)
    page.external_id = known
    return page


def _rights(network: Network, page: Page, kinds: frozenset[Any]) -> Rights:
    """What the tokens of a connector allow, by the network's own word; where it says nothing of rights, the page's card is the proof."""
    can = network.can(kinds)
    if "rights" in can:
        return network.rights()
    if "card" in can and not network.cards([page.external_id or page.handle]):
        raise NetworkError("", fault="access", permanent=True)
    return Rights(can=can)


def _key_trouble(row: Invitation, error: NetworkError) -> None:
    """A network that is silent is asked again; what it refuses for good is told to the steward."""
    if error.permanent and error.fault not in PASSING:
        return _refuse_key(row, refused_words(row.page.network, error.fault), error.fault)
    if row.checks >= MAX_CHECKS:
        return _refuse_key(row, "Сеть сейчас не отвечает, ключ не проверен и не сохранён. Попробуйте ещё раз через час.", error.fault)
    wait = error.retry_after or settings.RETRY_BASE * 2**row.checks
    _same(row).update(next_check_at=timezone.now() + timedelta(seconds=wait))
    return None


def refused_words(network: str, fault: str) -> str:
    """One sentence for a steward whose key did not do."""
    needed = TO_ANSWER.get(network, "ключ этой страницы")
    if fault == "auth":
        return f"Сеть не приняла этот ключ: он скопирован не целиком, отозван или другого вида. Нужен {needed}."
    if fault == "gone":
        return f"С этим ключом сеть не показывает страницу: он от другой страницы, или бот ещё не добавлен. Нужен {needed}."
    if fault in ("access", "unsupported"):
        return f"Этот ключ от другой страницы или без нужных прав. Нужен {needed}."
    return FAULT_WORDS.get(fault, "Сеть отказала этому ключу.") + f" Нужен {needed}."


@transaction.atomic
def _refuse_key(row: Invitation, words: str, fault: str) -> None:
    if _same(row).update(sealed=b"", next_check_at=None, problem=words):
        journal.write(None, "key_refused", row.page, fault=fault)


@transaction.atomic
def _accept_key(row: Invitation, kind: str, rights: Rights) -> None:
    """The key moves from the link into the vault, and the page is connected; the watchdog subscribes it at its next round."""
    held = _same(row).select_for_update(of=("self",)).first()
    if held is None:  # revoked while the network was asked
        return
    before = Connection.objects.filter(page=row.page).first()
    mode = before.mode if before and not refusal(before.mode, row.page.network, rights.can) else best(rights.can)
    connect(page=row.page, tokens={kind: vault.unseal(row.sealed)}, mode=mode, by=None)
    Invitation.objects.filter(pk=row.pk).update(sealed=b"", next_check_at=None, problem="", connected_at=timezone.now())


def _same(row: Invitation) -> QuerySet[Invitation]:
    """The link as long as it still holds the key that is being checked."""
    return Invitation.objects.filter(pk=row.pk, sealed=bytes(row.sealed), connected_at=None, revoked_at=None)


# Connected pages


def watch_due(*, limit: int = 100) -> int:
    """Look after pages whose turn has come; returns how many."""
    for number in range(limit):
        with transaction.atomic():
            due = Connection.objects.filter(check_at__lte=timezone.now()).order_by("check_at").select_related("page")
            row = due.select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return number
            Connection.objects.filter(pk=row.pk).update(check_at=timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT))
        watch(row)
    return limit


def watch(connection: Connection) -> None:
    """Ask the network what the page's tokens allow and where its events go; where they are lost, subscribe again."""
    page = connection.page
    try:
        network = connector(page, task=Task.POLL)
        rights = _rights(network, page, kinds_of(page))
        hearing = _hearing(connection, network, rights.can)
    except NetworkError as error:
        _not_well(connection, error)
    except Exception:
        logger.exception("page %s was not looked after", page.pk)
        _not_well(connection, NetworkError("", fault="other"))
    else:
        _looked(connection, rights, hearing)


def _hearing(connection: Connection, network: Network, can: frozenset[str]) -> Hearing:
    """Where events go now. Only pages that somebody works with are subscribed: an observed page asks nothing of its network."""
    if connection.mode == Mode.OBSERVE or "webhook" not in can:
        return Hearing(Hook.BY_HAND if network.pushes and connection.mode != Mode.OBSERVE else Hook.UNKNOWN)
    address = hook_address(connection)
    found = network.webhook(address)
    ours = is_ours(connection, found.url)
    if found.url.partition("?")[0] == address and not connection.subscribed_at:
        Connection.objects.filter(pk=connection.pk).update(subscribed_at=timezone.now())
    if (ours and found.alive and connection.checked_at) or (not found.url and _heard_lately(connection)):
        return Hearing(Hook.ALIVE)
    if not _reachable(connection.page.network):
        return Hearing(Hook.DROPPED, "Сеть присылает события только на https: задайте GOSPULT_URL.")
    if found.confirmation:  # the network asks for it while we subscribe
        Connection.objects.filter(pk=connection.pk).update(confirmation=found.confirmation[:64])
    network.subscribe(address, vault.unseal(connection.sealed_secret))
    Connection.objects.filter(pk=connection.pk).update(subscribed_at=timezone.now())
    if not (ours and found.alive):
        was = "dropped" if ours else "elsewhere" if found.url else "none"
        journal.write(None, "hook_renewed", connection.page, was=was)
        # What came meanwhile is read from the network by the next round of polling.
        Connection.objects.filter(pk=connection.pk).update(polled_at=None, gaps_at=None)
    again = _after_handshake(network, address)
    if is_ours(connection, again.url) and again.alive:
        return Hearing(Hook.ALIVE)
    return Hearing(Hook.ELSEWHERE if again.url and not is_ours(connection, again.url) else Hook.DROPPED, _why_deaf(again.error))


def _after_handshake(network: Network, address: str) -> Webhook:
    """The webhook once the network has called us back, as some do after the subscription was answered."""
    found = network.webhook(address)
    for pause in HANDSHAKE:
        if found.alive or found.error:
            break
        time.sleep(pause)
        found = network.webhook(address)
    return found


def _heard_lately(connection: Connection) -> bool:
    """Whether a webhook that a person entered brings events: a second one beside it would bring each of them twice."""
    if connection.subscribed_at:  # what we heard came by our own webhook: it says nothing of one that a person entered
        return False
    return bool(connection.confirmation and connection.heard_at and connection.heard_at > timezone.now() - timedelta(days=1))


def _why_deaf(error: str) -> str:
    """In Russian whatever the network said: a bare word of its own means nothing to a steward."""
    if not error:
        return "Сеть ещё не подтвердила адрес для событий."
    if error in BARE:
        return "Сеть не смогла проверить адрес для событий. Через несколько минут подпишемся снова."
    return f"Сеть не присылает события: {error[:200]}"


def hook_address(connection: Connection) -> str:
    """Where the network sends this page's events: an address of its own."""
    return settings.URL + reverse("exchange:door", args=[connection.page.network, connection.door])


def is_ours(connection: Connection, url: str) -> bool:
    """Whether the address is the page's own, or the network's common one that a person entered together with a confirmation string."""
    ours = {hook_address(connection)}
    if connection.confirmation:
        ours.add(settings.URL + reverse("exchange:hook", args=[connection.page.network]))
    return url.partition("?")[0] in ours


def _reachable(network: str) -> bool:
    """Real networks call only https; the sandbox of the same machine calls anything."""
    local = urlsplit(settings.NETWORKS.get(network, {}).get("base_url", "")).hostname in {"127.0.0.1", "::1", "localhost"}
    return local or settings.URL.startswith("https://")


@transaction.atomic
def _looked(connection: Connection, rights: Rights, hearing: Hearing) -> None:
    now = timezone.now()
    words = refusal(connection.mode, connection.page.network, rights.can) or hearing.words
    found = {
        "granted": sorted(rights.can), "missing": [str(word)[:200] for word in rights.missing][:20], "account": rights.account[:200],
        "places": [str(place) for place in rights.places], "hook": hearing.hook, "checked_at": now, "last_proof_at": now,
    }  # fmt: skip
    _told(connection, words, "hook" if hearing.words else "rights")
    Connection.objects.filter(pk=connection.pk).update(**found, problem=words, check_at=_next(passing=bool(hearing.words)))


@transaction.atomic
def _not_well(connection: Connection, error: NetworkError) -> None:
    """What the network refused is shown; a network that is only silent for a moment changes nothing but the next turn."""
    passing = not error.permanent and error.fault in PASSING
    if not passing:
        words = FAULT_WORDS.get(error.fault, "Сеть отказала.")
        _told(connection, words, error.fault)
        Connection.objects.filter(pk=connection.pk).update(problem=words, checked_at=timezone.now())
    Connection.objects.filter(pk=connection.pk).update(check_at=_next(passing=passing, wait=error.retry_after))


def _told(connection: Connection, words: str, fault: str) -> None:
    """One journal line when a page falls ill and one when it is well again, not one for every round."""
    if words and not connection.problem:
        journal.write(None, "page_trouble", connection.page, fault=fault)
    elif connection.problem and not words:
        journal.write(None, "page_well", connection.page)


def _next(*, passing: bool, wait: float | None = None) -> object:
    seconds = max(wait or 0, SOON) if passing else settings.WATCH_EVERY
    return timezone.now() + timedelta(seconds=min(seconds, settings.WATCH_EVERY))


# What webhooks have brought


def note_heard() -> int:
    """Each page's latest event becomes its proof of life; returns how many pages. A webhook itself costs one insert and cannot do it."""
    begin = cache.get(HEARD_TO)
    with database.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM exchange_incoming")
        last = int(cursor.fetchone()[0])
        first = max(last - WINDOW, (begin if isinstance(begin, int) else 0) - OVERLAP)
        cursor.execute(HEARD, [first, last])
        done = int(cursor.rowcount)
    cache.set(HEARD_TO, last, None)
    return done


# Only what a webhook brought: a polled row proves that we can read, not that the network calls.
HEARD = """
    UPDATE exchange_connection SET heard_at = latest.at
    FROM (
        SELECT page_id, max(received_at) AS at FROM exchange_incoming
        WHERE id > %s AND id <= %s AND page_id IS NOT NULL AND NOT raw ?| ARRAY['polled', 'read'] GROUP BY page_id
    ) AS latest
    WHERE exchange_connection.page_id = latest.page_id AND (heard_at IS NULL OR heard_at < latest.at)
"""
