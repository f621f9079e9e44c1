"""What people fill in on «Сроки и календари». The texts of errors are sentences for the person."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from gospult.lib.calendar import WEEKDAY_NAMES, WEEKDAYS
from gospult.lib.calendar_text import days_of, week_of, with_days
from gospult.lib.errors import Refused
from gospult.registry.models import Sphere, Territory

from . import queries
from .models import WorkCalendar

UNIT_CHOICES = [("hours", "часов"), ("working_hours", "рабочих часов"), ("days", "дней"), ("working_days", "рабочих дней")]
TERM_LABELS = {
    "first": "Первая реакция", "interim": "Ответ по существу или промежуточный", "final": "Окончательный ответ",
    "final_after_interim": "Окончательный после промежуточного, не позже", "rework": "После возврата на доработку",
    "pause": "Все паузы вместе, не дольше",
}  # fmt: skip
BAD_DATE = {"required": "Укажите день, с которого действуют сроки.", "invalid": "Дату напишите так: 24.11.2026."}


class DeadlinesForm(forms.Form):
    """A version of the deadlines; each term is a number with its unit, an empty one means there is no such clock."""

    title = forms.CharField(max_length=120, label="Название", error_messages={"required": "Назовите сроки: под этим именем их увидят в объяснении."})
    valid_from = forms.DateField(label="Действует с", error_messages=BAD_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    valid_to = forms.DateField(required=False, label="По", error_messages=BAD_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    group_code = forms.ChoiceField(required=False, label="Группа тем", choices=lambda: [("", "Все темы"), *_groups()])
    territory = forms.ModelChoiceField(
        Territory.objects.filter(level__in=["region", "municipality"]), to_field_name="code", required=False, label="Территория", empty_label="Все"
    )
    sphere = forms.ModelChoiceField(Sphere.objects.all(), to_field_name="code", required=False, label="Сфера органа", empty_label="Все")
    calendar = forms.ModelChoiceField(
        WorkCalendar.objects.order_by("title"), to_field_name="code", required=False, label="Календарь", empty_label="Региона или органа"
    )
    closed_since = forms.DateField(
        required=False, label="Пересчитать и отвеченные, пришедшие с", error_messages=BAD_DATE,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, preset: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=_term_fields(preset or {}), use_required_attribute=False)
        for name in self.term_names():
            bad = {"invalid": "Срок — целое число.", "min_value": "Срок не меньше 1.", "max_value": "Срок слишком велик: проверьте число."}
            self.fields[name] = forms.IntegerField(required=False, min_value=1, max_value=8784, error_messages=bad)
            self.fields[name + "_unit"] = forms.ChoiceField(choices=UNIT_CHOICES, required=False)

    @staticmethod
    def term_names() -> list[str]:
        """Names of the number fields: the usual terms, then the urgent ones."""
        return [*TERM_LABELS, *(f"urgent_{name}" for name in TERM_LABELS)]

    def rows(self) -> list[dict[str, Any]]:
        """A row of the table for each term: its label and the four bound fields."""
        names = ("", "_unit")
        return [
            {"label": label, "usual": [self[name + end] for end in names], "urgent": [self[f"urgent_{name}{end}"] for end in names]}
            for name, label in TERM_LABELS.items()
        ]

    def terms(self) -> dict[str, Any]:
        """The terms as `deadlines.DeadlineRule` reads them."""
        given = {name: _duration(self.cleaned_data, name) for name in self.term_names()}
        usual = {name: given[name] for name in TERM_LABELS if given[name]}
        return usual | {"urgent": {name: given[f"urgent_{name}"] for name in TERM_LABELS if given[f"urgent_{name}"]}}


def _duration(data: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    return {"value": data[name], "unit": data[name + "_unit"] or "working_hours"} if data.get(name) else None


def _term_fields(preset: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"title": preset.get("title", "")}
    for prefix, terms in (("", preset), ("urgent_", preset.get("urgent", {}))):
        for name in TERM_LABELS:
            if term := terms.get(name):
                fields |= {prefix + name: term["value"], f"{prefix}{name}_unit": term["unit"]}
    return fields


def _groups() -> list[tuple[str, str]]:
    return sorted({(topic.group_code, topic.group) for topic in queries.known_topics().values()}, key=lambda pair: pair[1])


class CalendarForm(forms.Form):
    """Hours of the week and the special days of one year, a line each."""

    title = forms.CharField(max_length=120, label="Название", error_messages={"required": "Назовите календарь."})
    days = forms.CharField(
        required=False, label="Особые дни", widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text="По строке на день: «01.01.2026 праздник», «03.11.2026 09:00-17:00 короткий день», «31.12.2026–08.01.2027 каникулы».",
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, title: str = "", week: Mapping[str, str] | None = None, days: str = "") -> None:
        hours = {f"week_{day}": text for day, text in (week or {}).items()}
        super().__init__(data, initial={"title": title, "days": days, **hours}, use_required_attribute=False)
        for day, name in zip(WEEKDAYS, WEEKDAY_NAMES, strict=True):
            self.fields[f"week_{day}"] = forms.CharField(required=False, max_length=100, label=name.capitalize())

    def week(self) -> list[forms.BoundField]:
        """The seven fields of the week."""
        return [self[f"week_{day}"] for day in WEEKDAYS]

    def calendar_data(self, before: Mapping[str, Any], year: int) -> dict[str, Any]:
        """The calendar that the form describes, on top of what was there; Refused with the line that cannot be read."""
        week = week_of({day: self.cleaned_data[f"week_{day}"] for day in WEEKDAYS})
        try:
            return with_days({**before, "week": week}, year, days_of(self.cleaned_data["days"]))
        except ValueError as wrong:
            raise Refused(str(wrong)) from wrong


class PauseForm(forms.Form):
    reason = forms.CharField(max_length=300, error_messages={"required": "Напишите, чего ждём: причина останется в истории срока."})
    until = forms.DateField(error_messages={"required": "Укажите, до какого дня пауза.", "invalid": "Дату напишите так: 24.11.2026."})
