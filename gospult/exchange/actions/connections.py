from collections.abc import Mapping

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.registry.models import Page

from .. import vault
from ..models import Connection, Mode
from .vault_keeping import keep_token


@transaction.atomic
def connect(
    *, page: Page, tokens: Mapping[str, str], secret: str = "", confirmation: str = "", mode: str = Mode.FULL, by: Person | None
) -> Connection:
    """A page is connected: its tokens and webhook secret are sealed into the vault; a secret or confirmation not given stays as it was."""
    for kind, token in tokens.items():
        keep_token(network=page.network, page=page, kind=kind, token=token, by=by)
    given: dict[str, object] = {"mode": mode}
    if secret:
        given["sealed_secret"] = vault.seal(secret)
    if confirmation:
        given["confirmation"] = confirmation
    connection, _ = Connection.objects.update_or_create(page=page, defaults=given)
    journal.write(by, "page_connected", page, mode=str(mode), kinds=sorted(tokens))
    return connection


@transaction.atomic
def set_mode(*, page: Page, mode: str, by: Person | None) -> None:
    """A page's mode changes: observe, copy or full."""
    Connection.objects.filter(page=page).update(mode=mode)
    journal.write(by, "page_mode", page, mode=str(mode))
