"""What people change by hand: grounds for having no page, handles, the state of a page."""

import datetime

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..importing.address import HANDLE, WITH_ID
from ..models import Body, Exemption, Page, PageHandle
from ..models.pages import State


@transaction.atomic
def exempt(
    *,
    body: Body,
    ground: str,
    by: Person,
    document: str = "",
    date: datetime.date | None = None,
    review_date: datetime.date | None = None,
) -> Exemption:
    """The body keeps no page on this ground and leaves the denominators; an older ground ends."""
    if not ground.strip():
        raise Refused("Напишите основание: без него организация обязана вести страницу.")
    Exemption.objects.filter(body=body, ended_at__isnull=True).update(ended_at=timezone.now())
    made = Exemption.objects.create(body=body, ground=ground.strip(), document=document, date=date, review_date=review_date)
    journal.write(by, "registry.exempted", body, exemption=made.pk)
    return made


@transaction.atomic
def end_exemption(*, body: Body, by: Person) -> None:
    """The ground no longer holds: the body is obliged to keep a page again; Refused when there is none."""
    if not Exemption.objects.filter(body=body, ended_at__isnull=True).update(ended_at=timezone.now()):
        raise Refused("У этой организации нет действующего основания.")
    journal.write(by, "registry.exemption_ended", body)


@transaction.atomic
def change_handle(*, page: Page, handle: str, by: Person | None) -> None:
    """The page has another short name; the old one stays in its history. Refused when another page holds it."""
    handle = handle.strip().lstrip("@")
    if not HANDLE.fullmatch(handle) or (page.network == "vk" and WITH_ID.fullmatch(handle)):
        raise Refused("Короткое имя — латинские буквы, цифры, точка и подчёркивание, без адреса сети.")
    held = Page.objects.select_for_update().get(pk=page.pk)
    taken = Page.objects.filter(network=held.network, handle__iexact=handle).exclude(pk=held.pk).first()
    if taken:
        raise Refused(f"Это имя уже у страницы «{taken.name}».")
    now = timezone.now()
    PageHandle.objects.filter(page=held, until__isnull=True).update(until=now)
    PageHandle.objects.create(page=held, handle=handle, since=now)
    Page.objects.filter(pk=held.pk).update(handle=handle, url="")
    page.handle, page.url = handle, ""
    journal.write(by, "registry.handle_changed", page, old=held.handle, new=handle)


@transaction.atomic
def review_page(*, page: Page, state: State | str, by: Person, reason: str = "") -> None:
    """Move a page to another state; a page goes to review or to the archive only with a reason."""
    state = State(state)
    if state in (State.UNDER_REVIEW, State.ARCHIVED) and not reason.strip():
        raise Refused("Напишите причину: её увидят владельцы страницы.")
    old = page.state
    page.move_to(state, reason.strip()[:300] if state != State.PUBLISHED else "")
    journal.write(by, "registry.page_moved", page, old=old, new=str(state))
