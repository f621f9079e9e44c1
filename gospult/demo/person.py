"""The person who is asked when an outcome cannot be found out: he opens the network, sees what stands there, and says so."""

from gospult.accounts.models import Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Outgoing
from gospult.lib.errors import Refused
from gospult.networks.testing import SandboxClient

from .evidence import Keys


def look(sandbox: SandboxClient, keys: Keys, *, by: Person) -> int:
    """Confirm what stands in the network, send again what does not; returns how many were decided."""
    rows = list(Outgoing.objects.filter(state=Outgoing.State.UNKNOWN, needs_person=True).select_related("page").order_by("id"))
    if not rows:
        return 0
    known = set(Outgoing.objects.exclude(external_id="").values_list("page__network", "page__external_id", "external_id"))
    lines = [(line["network"], keys.get((line["network"], line["page"]), ""), line) for line in sandbox.ledger() if line["by"] == "api"]
    for row in rows:
        place = row.page.network, row.page.external_id
        found = [
            line for *where, line in lines if tuple(where) == place and line["text"].startswith(row.text) and line["reply_to"] in ("", row.reply_to)
        ]
        _decide(row, [line["id"] for line in found if (*place, line["id"]) not in known], by)
    return len(rows)


def _decide(row: Outgoing, found: list[str], by: Person) -> None:
    try:
        if found:
            exchange.publish_by_hand(row=row, external_id=found[0], by=by)
        else:
            exchange.repeat(row=row, by=by)
    except Refused:
        return  # the network's own answer was quicker
