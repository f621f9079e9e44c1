"""The choice of a period and a place."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.desk.queries import rating
from gospult.registry.models import Body, Territory

from .periods import KINDS, Period, last_whole_month, period
from .queries import Asked

SPANS = {
    "month": "этот месяц", "last_month": "прошлый месяц", "week": "эта неделя", "last_week": "прошлая неделя", "year": "этот год",
    "last_year": "прошлый год", "period": "свои дни",
}  # fmt: skip
WRONG = "Показан этот месяц."


class ReportForm(forms.Form):
    """Without an address it is this month and everything that the person sees; a wrong value is said and not obeyed."""

    kind = forms.ChoiceField(label="Период", choices=list(SPANS.items()), required=False)
    since = forms.DateField(label="С", required=False, error_messages={"invalid": "Первый день напишите так: 24.11.2026."})
    until = forms.DateField(label="По", required=False, error_messages={"invalid": "Последний день напишите так: 24.11.2026."})
    territory = forms.ModelChoiceField(Territory.objects.none(), label="Территория", required=False, empty_label="Весь регион")
    body = forms.ModelChoiceField(Body.objects.none(), label="Ветвь", required=False, empty_label="Все организации")

    def __init__(self, data: Mapping[str, Any], user: Person) -> None:
        super().__init__(data)
        self.user = user
        seen = Body.objects.visible_to(user)
        places, bodies = self.fields["territory"], self.fields["body"]
        everything = rating.sees_all(user)
        shown = Territory.objects.filter(level="municipality")
        places.queryset = shown if everything else shown.filter(bodies__in=seen).distinct()  # type: ignore[attr-defined]
        founders = Body.objects.filter(pk__in=Body.objects.filter(parent__isnull=False).values("parent"), gone_at=None)
        listed = str(data.get("body", ""))
        named = seen.filter(pk=int(listed)) if listed.isascii() and listed.isdecimal() and len(listed) < 19 else seen.none()
        bodies.queryset = (founders.filter(pk__in=seen) | Body.objects.filter(pk__in=named)).order_by("sort_name")  # type: ignore[attr-defined]
        for field in (places, bodies):
            field.error_messages["invalid_choice"] = "Такого места нет или оно вам не видно: выберите из списка."
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self._period(data)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def _period(self, data: Mapping[str, Any]) -> Period:
        kind, today = data.get("kind") or "month", timezone.localdate()
        if kind == "period":
            return period(kind, today, data.get("since"), data.get("until"))
        if kind.startswith("last_"):
            return period(kind.removeprefix("last_"), today, _before(kind, today))
        return period(kind, today, data.get("since"))

    def asked(self) -> Asked:
        """What is asked for; where the form has errors it is this month."""
        data = self.cleaned_data if self.is_valid() else {}
        return Asked(self._period(data), self.user, data.get("territory"), data.get("body"))


def _before(kind: str, today: date) -> date:
    if kind == "last_week":
        return date.fromordinal(today.toordinal() - 7)
    return last_whole_month(today) if kind == "last_month" else date(today.year - 1, 1, 1)


__all__ = ["KINDS", "ReportForm"]
