"""Tokens are kept, dropped and sealed anew. The journal names a token by its kind and label, never by itself."""

from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.registry.models import Page

from .. import vault
from ..models import Connection, Pace, Spending, Token


@transaction.atomic
def keep_token(
    *, network: str, page: Page | None, kind: str, token: str, label: str = "", expires_at: datetime | None = None, by: Person | None
) -> Token:
    """A token is sealed into the vault; one of the same page, kind and label gives way. Without a page it serves the installation."""
    found = {"sealed": vault.seal(token), "fingerprint": vault.fingerprint(token), "expires_at": expires_at}
    unknown: dict[str, Any] = {
        "checked_at": None,
        "tried_at": None,
        "problem": "",
        "rights": [],
    }  # nothing that was said of the old one is true of the new
    row, _ = Token.objects.update_or_create(network=network, page=page, kind=kind, label=label, defaults={**found, **unknown})
    journal.write(by, "token_kept", page, network=network, kind=kind, label=label)
    return row


@transaction.atomic
def drop_token(*, token: Token, by: Person | None) -> None:
    """A token leaves the vault; the network is not told, so it stays valid there until it is revoked."""
    journal.write(by, "token_dropped", token.page, network=token.network, kind=token.kind, label=token.label)
    token.delete()


@transaction.atomic
def reseal(*, by: Person | None) -> dict[str, int]:
    """Every token and webhook secret is sealed by the first key: counts of tokens, secrets, and of those that no key opens."""
    counts = {"tokens": 0, "secrets": 0, "unopened": 0}
    for token in Token.objects.select_for_update():
        counts["tokens" if _reseal_token(token) else "unopened"] += 1
    for row in Connection.objects.exclude(sealed_secret=b"").select_for_update():
        counts["secrets" if _reseal_secret(row) else "unopened"] += 1
    journal.write(by, "tokens_resealed", None, **counts)
    return counts


def _reseal_token(token: Token) -> bool:
    try:
        text = vault.unseal(token.sealed)
    except InvalidToken:
        return False
    before, after = token.fingerprint, vault.fingerprint(text)
    Token.objects.filter(pk=token.pk).update(sealed=vault.seal(text), fingerprint=after)
    if before != after:  # what the token has spent today stays spent
        for table in (Pace, Spending):
            if not table.objects.filter(fingerprint=after).exists():  # kept a second time since the new key was put in front
                table.objects.filter(fingerprint=before).update(fingerprint=after)
    return True


def _reseal_secret(row: Connection) -> bool:
    try:
        secret = vault.unseal(row.sealed_secret)
    except InvalidToken:
        return False
    Connection.objects.filter(pk=row.pk).update(sealed_secret=vault.seal(secret))
    return True
