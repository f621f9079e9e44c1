"""«Принял»."""

from django.contrib import messages
from django.utils import timezone

from gospult.accounts.models import Role

from .. import actions
from ..models import Case
from .access import WRITERS, Request, acting


@acting(*WRITERS, Role.HEAD)
def acknowledge(request: Request, case: Case) -> None:
    alarm = actions.acknowledge(case=case, by=request.user)
    messages.success(request, f"Принял: {request.user}, {timezone.localtime(alarm.seen_at):%H:%M}.")
