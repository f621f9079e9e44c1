"""Each token is asked about at its network: what it allows and when it ends. Between transactions, like every call."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gospult.accounts import journal
from gospult.networks.base import Network, NetworkError, Rights

from ..models import Token
from ..queries import token_connector

logger = logging.getLogger(__name__)

AGAIN = 3600.0  # seconds until a token is asked about again when the network did not answer
OF_THE_PAGE = {"access", "gone", "closed", "unsupported"}  # said of the page that was asked about, not of a token that serves many


def check_tokens_due(*, limit: int = 50) -> int:
    """Ask about tokens that were not checked for CHECK_EVERY seconds, the longest ago first; returns how many."""
    for number in range(limit):
        with transaction.atomic():
            row = _due().select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return number
            Token.objects.filter(pk=row.pk).update(tried_at=timezone.now())
        check_token(row)
    return limit


def _due() -> QuerySet[Token]:
    now = timezone.now()
    unanswered = Q(tried_at__lt=now - timedelta(seconds=AGAIN)) & (Q(checked_at=None) | Q(checked_at__lt=F("tried_at")))
    long_ago = Q(tried_at__lt=now - timedelta(seconds=settings.CHECK_EVERY))
    return Token.objects.filter(Q(tried_at=None) | long_ago | unanswered).order_by(F("tried_at").asc(nulls_first=True), "pk").select_related("page")


def check_token(token: Token) -> str:
    """Ask the network what a token allows and keep it; gives our fault word, also of a network that is only silent, "" when all is well."""
    try:
        rights = _rights(token_connector(token), token)
    except NetworkError as error:
        if error.permanent and not (token.page_id is None and error.fault in OF_THE_PAGE):
            _keep(token, problem=error.fault)
        return error.fault
    except Exception:
        logger.exception("token %s was not checked", token.pk)
        return "other"
    _keep(token, problem="", rights=sorted(rights.can), expires_at=rights.expires_at or token.expires_at)
    return ""


def _rights(network: Network, token: Token) -> Rights:
    """The network's own word; where it says nothing about rights, a card that it gives is the proof that the token works."""
    can = network.can(frozenset({token.kind}))  # type: ignore[arg-type]
    if "rights" in can:
        return network.rights()
    if "card" in can and token.page is not None:
        network.cards([token.page.external_id or token.page.handle])
    return Rights(can=can)


@transaction.atomic
def _keep(token: Token, **found: object) -> None:
    """Keep an answer; one journal line when a token falls ill and one when it is well again."""
    # A token that was changed while the network was asked about the old one knows nothing yet.
    if not Token.objects.filter(pk=token.pk, fingerprint=token.fingerprint).update(checked_at=timezone.now(), **found):
        return
    if token.problem != found["problem"]:
        verb = "token_trouble" if found["problem"] else "token_well"
        journal.write(None, verb, token.page, network=token.network, kind=token.kind, label=token.label, fault=found["problem"])
