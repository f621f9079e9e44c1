"""What the desk has decided takes notice of what became of it in the networks."""

from django.db import transaction
from django.utils import timezone

from gospult.exchange.models import Deed

from .banning import settle_ban
from .hiding import settle_hiding


def settle_deeds(*, limit: int = 200) -> int:
    """Hidings and bans take notice of their deeds that have ended; returns how many."""
    ended = Deed.objects.filter(settled_at=None, state__in=[Deed.State.DONE, Deed.State.FAILED])
    with transaction.atomic():
        rows = list(ended.order_by("id").select_for_update(skip_locked=True)[:limit])
        for deed in rows:
            (settle_ban if deed.what in (Deed.What.BAN, Deed.What.UNBAN) else settle_hiding)(deed=deed)
        Deed.objects.filter(pk__in=[deed.pk for deed in rows]).update(settled_at=timezone.now())
    return len(rows)
