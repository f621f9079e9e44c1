"""Files: what residents sent, seen by those who see the case; photo reports, public once their answer is."""

import mimetypes
from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gospult.exchange.models import Attachment

from ..actions import detach_photo, pair_photo
from ..actions import insist as insist_on
from ..models import Answer, Case, Message, PhotoReport
from .access import WRITERS, Request, acting, member

# Shown in the page; anything else is only offered for saving, so that a hostile file never runs as a page of ours.
SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif", "audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4", "video/webm", "application/pdf"}
PUBLIC = (Answer.State.APPROVED, Answer.State.PUBLISHED)


@require_safe
@member
def media(request: Request, pk: int) -> FileResponse:
    file = get_object_or_404(Attachment.objects.select_related("incoming"), pk=pk, state=Attachment.State.KEPT)
    row = file.incoming
    said = Message.objects.filter(
        network=row.network, page_key=row.page_key, external_id=row.external_id, case__in=Case.objects.visible_to(request.user)
    )
    if not said.exists():
        raise Http404
    return send_file(file.file, file.mime, file.name or f"{file.kind}-{file.pk}")


@require_safe
@member
def report(request: Request, pk: int) -> FileResponse:
    photo = get_object_or_404(PhotoReport, pk=pk, answer__case__in=Case.objects.visible_to(request.user))
    return send_file(photo.file, "image/jpeg", f"{photo.pk}.jpg")


@require_safe
def report_photo(request: HttpRequest, key: str) -> FileResponse:
    """The public address that an answer gives where the network takes no pictures."""
    photo = get_object_or_404(PhotoReport, key=key, answer__state__in=PUBLIC)
    return send_file(photo.file, "image/jpeg", f"{photo.pk}.jpg")


@acting(*WRITERS)
def detach(request: Request, case: Case, pk: int) -> None:
    detach_photo(photo=get_object_or_404(PhotoReport, pk=pk, answer__case=case), by=request.user)


def send_file(file: Any, mime: str, name: str) -> FileResponse:
    shown = mime.split(";")[0].strip().lower()
    if "." not in name:
        name += mimetypes.guess_extension(shown) or ""
    try:
        opened = file.open("rb")
    except (FileNotFoundError, ValueError) as gone:
        raise Http404 from gone
    known = shown in SHOWN
    response = FileResponse(opened, content_type=shown if known else "application/octet-stream", as_attachment=not known, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@acting(*WRITERS)
def insist(request: Request, case: Case, pk: int) -> None:
    insist_on(photo=get_object_or_404(PhotoReport, pk=pk, answer__case=case), because=request.POST.get("because", ""), by=request.user)


@acting(*WRITERS)
def pair(request: Request, case: Case, pk: int) -> None:
    """`before` names what stands beside the photo: own-<report>, sent-<attachment>, or nothing."""
    photo = get_object_or_404(PhotoReport, pk=pk, answer__case=case)
    whose, _, number = request.POST.get("before", "").partition("-")
    found = int(number) if number.isdecimal() and len(number) < 12 else 0
    own = get_object_or_404(PhotoReport, pk=found, answer__case=case) if whose == "own" else None
    sent = get_object_or_404(Attachment, pk=found) if whose == "sent" else None
    pair_photo(photo=photo, before=own, sent=sent, by=request.user)
