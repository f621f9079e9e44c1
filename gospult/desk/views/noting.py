"""Notes: the staff's own words in the stream of a case."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from gospult.lib.errors import Refused

from .. import actions
from ..forms_notes import NoteForm
from ..models import Case, Note
from .access import SORTERS, Request, cleaned, may, may_note, posting
from .case import shown


@posting(may_note)
def write(request: Request, case: Case) -> HttpResponse | None:
    try:
        data = cleaned(NoteForm(request.POST))
        actions.write_note(case=case, text=data["text"], colleague=data["colleague"], by=request.user)
    except Refused as no:
        return _typed(request, case, no)
    messages.success(request, "Заметка записана: её видят только сотрудники.")
    return None


@posting(may_note)
def edit(request: Request, case: Case, pk: int) -> HttpResponse | None:
    try:
        actions.edit_note(note=_note(case, pk), text=cleaned(NoteForm(request.POST))["text"], by=request.user)
    except Refused as no:
        return _typed(request, case, no)
    messages.success(request, "Заметка изменена.")
    return None


@posting(may_note)
def remove(request: Request, case: Case, pk: int) -> None:
    note = _note(case, pk)
    if note.author_id != request.user.pk and not may(request.user, case, SORTERS):
        raise PermissionDenied
    actions.remove_note(note=note, by=request.user)
    messages.success(request, "Заметка убрана.")


def _note(case: Case, pk: int) -> Note:
    return get_object_or_404(case.notes.select_related("case__topic", "case__territory"), pk=pk)


def _typed(request: Request, case: Case, no: Refused) -> HttpResponse:
    """A refusal is told, and what was typed comes back in the box."""
    messages.error(request, str(no))
    response = shown(request, case, note_text=request.POST.get("text", ""))
    response["HX-Push-Url"] = reverse("desk:case", args=[case.number])
    return response
