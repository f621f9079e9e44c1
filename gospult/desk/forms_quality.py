"""What people fill in for the quality of answers: the marks of a checklist, and the days of a draw."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from . import quality
from .queries.quality import last_week


def verdicts_of(data: QueryDict, checklist: quality.Checklist) -> dict[str, tuple[str, str]]:
    """code → (verdict, note) of what was ticked; what is not ticked is done as it should be."""
    failed, apart = data.getlist("failed"), data.getlist("na")
    said = {
        one.code: quality.FAILED if one.code in failed else quality.NOT_APPLICABLE if one.code in apart else quality.OK for one in checklist.criteria
    }
    return {code: (verdict, data.get(f"note-{code}", "").replace("\0", "")) for code, verdict in said.items()}


def rows_of(checklist: quality.Checklist, verdicts: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The lines of the form with what is already ticked in them."""
    points = quality.worths(checklist.criteria)
    return [
        {"key": n, "it": one, "worth": worth, "verdict": verdicts.get(one.code, ("", ""))[0], "note": verdicts.get(one.code, ("", ""))[1]}
        for n, (one, worth) in enumerate(zip(checklist.criteria, points, strict=True), start=1)
    ]


class DrawForm(forms.Form):
    """The days whose answers are drawn; without an address it is last week."""

    since = forms.DateField(
        label="С", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=dict.fromkeys(("required", "invalid"), "Первый день напишите так: 24.11.2026."),
    )  # fmt: skip
    until = forms.DateField(
        label="По", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages=dict.fromkeys(("required", "invalid"), "Последний день напишите так: 24.11.2026."),
    )  # fmt: skip
    seed = forms.CharField(
        label="Число жребия", max_length=32, required=False, widget=forms.TextInput(attrs={"placeholder": "само"}),
        error_messages={"max_length": "Число жребия не длиннее 32 знаков."},
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        since, until = last_week(timezone.localdate())
        super().__init__(data, initial={"since": since, "until": until}, use_required_attribute=False)
