"""Import of the official export: file → preview → apply → result with undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused

from .. import actions
from ..forms import ImportForm
from ..importing.problems import TITLES
from ..models import RegistryImport
from ..models.imports import ImportState
from .access import Request, cleaned, importer

HISTORY = 20
ROWS_SHOWN = 30
FIGURES = [
    ("rows", "строк в файле"),
    ("bodies", "организаций"),
    ("pages", "страниц"),
    ("exempt", "с основанием не вести"),
    ("created", "строк с новыми"),
    ("changed", "строк с изменениями"),
    ("unchanged", "строк без изменений"),
    ("gone_bodies", "организаций нет в файле"),
    ("gone_pages", "страниц уйдут на проверку"),
]


@importer
def imports(request: Request) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST":
        try:
            data = cleaned(form)
            file = data["file"]
            made = actions.preview_import(file=file.read(), by=request.user, file_name=file.name, day=data["date"])
            return redirect("registry:import", pk=made.pk)
        except Refused as no:
            form.errors.clear()
            form.add_error("file", str(no))
    history = RegistryImport.objects.defer("content", "problems", "sample").select_related("by").exclude(state=ImportState.PREVIEWED)[:HISTORY]
    return render(request, "registry/imports.html", {"form": form, "history": history}, status=422 if form.errors else 200)


@require_safe
@importer
def one(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(RegistryImport.objects.defer("content").select_related("by"), pk=pk)
    context = {
        "imported": found,
        "figures": [(found.counts.get(key, 0), title) for key, title in FIGURES],
        "problems": _problems(found.problems),
        "later": RegistryImport.objects.filter(pk__gt=pk, state=ImportState.APPLIED, changes__isnull=False).exists(),
    }
    return render(request, "registry/import.html", context)


@require_POST
@importer
def apply(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(RegistryImport.objects.defer("content"), pk=pk)
    try:
        actions.apply_import(imported=found, by=request.user)
        messages.success(request, "Импорт применён. Его можно отменить на этой странице.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("registry:import", pk=pk)


@require_POST
@importer
def undo(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(RegistryImport.objects.defer("content"), pk=pk)
    try:
        actions.undo_import(imported=found, by=request.user)
        messages.success(request, "Импорт отменён, реестр такой же, каким был до него.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("registry:import", pk=pk)


def _problems(kinds: dict[str, list[list[Any]]]) -> list[dict[str, Any]]:
    """Problems for a person: title, how many rows, the first of them with what stood there."""
    shown = []
    for kind, title in TITLES.items():
        if found := kinds.get(kind):
            rows = sorted({row for row, _ in found})
            shown.append({"title": title, "count": len(rows), "rows": found[:ROWS_SHOWN], "more": max(0, len(found) - ROWS_SHOWN)})
    return shown
