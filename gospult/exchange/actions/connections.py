import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import Addressee, Connection, Invitation, Mode, Token, refusal
from ..queries import kinds_of
from .vault_keeping import drop_token, keep_token


@transaction.atomic
def connect(
    *, page: Page, tokens: Mapping[str, str], secret: str = "", confirmation: str = "", mode: str = Mode.FULL,
    expires_at: datetime | None = None, by: Person | None,
) -> Connection:  # fmt: skip
    """A page is connected: its tokens and webhook secret are sealed into the vault; a secret or confirmation not given stays as it was.

    `expires_at` is the term of the tokens where a person knows it, since no network tells: `gospult doctor` warns before it.
    A page without a secret gets one, and the watchdog looks at the page at its next round.
    """
    for kind, token in tokens.items():
        keep_token(network=page.network, page=page, kind=kind, token=token, expires_at=expires_at, by=by)
    # What was true of the former tokens says nothing of these.
    given: dict[str, object] = {
        "mode": mode,
        "granted": None,
        "places": None,
        "missing": [],
        "checked_at": None,
        "check_at": timezone.now(),
        "problem": "",
    }
    before = Connection.objects.select_for_update().filter(page=page).first()
    if secret or before is None or not before.sealed_secret:
        given["sealed_secret"] = vault.seal(secret or secrets.token_hex(16))
    if confirmation:
        given["confirmation"] = confirmation
    connection, _ = Connection.objects.update_or_create(page=page, defaults=given)
    journal.write(by, "page_connected", page, mode=str(mode), kinds=sorted(tokens))
    return connection


def abilities(connection: Connection) -> frozenset[str]:
    """What the page's tokens carry: what their kinds allow, less what the network has not granted as far as that is known."""
    page = connection.page
    can = NETWORKS[page.network].can(kinds_of(page)) if page.network in NETWORKS else frozenset()
    return can if connection.granted is None else can & frozenset(connection.granted)


@transaction.atomic
def set_mode(*, page: Page, mode: str, by: Person | None) -> None:
    """A page's mode changes: observe, copy or full. Refused when its tokens do not carry it, with the right that is missing."""
    connection = Connection.objects.select_for_update(of=("self",)).select_related("page").filter(page=page).first()
    if connection is None:
        raise Refused(f"Страница «{page.name}» не подключена: сначала создайте для неё ссылку.")
    if why := refusal(mode, page.network, abilities(connection)):
        raise Refused(why)
    # Looked at again at once: an observed page is not subscribed to events, a worked one is.
    Connection.objects.filter(pk=connection.pk).update(mode=mode, problem="", check_at=timezone.now())
    journal.write(by, "page_mode", page, mode=str(mode))


@transaction.atomic
def serve_staff(*, page: Page, by: Person | None) -> None:
    """The page's dialogues become the line to the centre's own people; residents who write there are handed on to the desk. One page a network."""
    connection = Connection.objects.select_for_update(of=("self",)).select_related("page").filter(page=page).first()
    if connection is None or connection.mode != Mode.FULL or "reply_dm" not in abilities(connection):
        raise Refused(
            f"Через «{page.name}» нельзя писать сотрудникам: нужна подключённая страница в полном режиме, чей ключ отвечает в личные сообщения."
        )
    Connection.objects.filter(page__network=page.network, dm_to=Addressee.ALERTS).update(dm_to=Addressee.DESK)
    Connection.objects.filter(pk=connection.pk).update(dm_to=Addressee.ALERTS)
    journal.write(by, "page_serves_staff", page)


@transaction.atomic
def observe(*, page: Page, by: Person | None) -> Connection:
    """A page is read with the installation's own tokens, nothing is asked of its steward. Refused where its network does not show pages that way."""
    if Connection.objects.filter(page=page).exists():
        raise Refused("Страница уже подключена: смените ей способ работы.")
    can = NETWORKS[page.network].can(kinds_of(page)) if page.network in NETWORKS else frozenset()
    if why := refusal(Mode.OBSERVE, page.network, can):
        raise Refused(why)
    return connect(page=page, tokens={}, mode=Mode.OBSERVE, by=by)


@transaction.atomic
def look_again(*, page: Page, by: Person | None) -> None:
    """The watchdog looks at a page at its next round instead of in an hour. Refused when the page is not connected."""
    if not Connection.objects.filter(page=page).update(check_at=timezone.now()):
        raise Refused("Страница не подключена.")
    journal.write(by, "page_look_asked", page)


@transaction.atomic
def disconnect(*, page: Page, by: Person | None) -> None:
    """A page is no longer connected: its own tokens leave the vault, its door closes, its open link ends. What has come stays."""
    connection = Connection.objects.select_for_update().filter(page=page).first()
    if connection is None:
        raise Refused("Страница уже отключена.")
    for token in Token.objects.filter(page=page):
        drop_token(token=token, by=by)
    Invitation.objects.filter(page=page, connected_at=None, revoked_at=None).update(revoked_at=timezone.now(), sealed=b"", next_check_at=None)
    connection.delete()
    journal.write(by, "page_disconnected", page)
