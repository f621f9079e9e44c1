"""What people fill in for control: the period of a rating, reasons, a checklist."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.registry.models import Body

from .queries.rating import Asked, bodies_of

SPANS = {"month": "этот месяц", "last_month": "прошлый месяц", "quarter": "этот квартал", "last_quarter": "прошлый квартал", "free": "свои дни"}
LONGEST = 366  # days


class RatingForm(forms.Form):
    """Which cases are rated; without an address it is this month and everything that the person sees."""

    span = forms.ChoiceField(label="Период", choices=list(SPANS.items()), required=False)
    since = forms.DateField(label="С", required=False, error_messages={"invalid": "Первый день напишите так: 24.11.2026."})
    until = forms.DateField(label="По", required=False, error_messages={"invalid": "Последний день напишите так: 24.11.2026."})
    branch = forms.ModelChoiceField(
        Body.objects.none(), label="Ветвь", required=False, empty_label="Все видимые",
        error_messages={"invalid_choice": "Такой ветви нет или она вам не видна: выберите из списка."},
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any], user: Person) -> None:
        super().__init__(data)
        founders = Body.objects.filter(pk__in=Body.objects.filter(parent__isnull=False).values("parent"), gone_at=None)
        mine = bodies_of(user, Asked(date.min, date.min))
        self.fields["branch"].queryset = founders.filter(pk__in=mine).order_by("sort_name")  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("span") == "free" and not self.errors:
            since, until = data.get("since"), data.get("until")
            if not since or not until:
                raise forms.ValidationError("Для своих дней укажите первый и последний день.")
            if since > until:
                raise forms.ValidationError("Первый день позже последнего: поменяйте их местами.")
            if (until - since).days >= LONGEST:
                raise forms.ValidationError("Рейтинг считают не больше чем за год: сузьте дни.")
        return data

    def asked(self) -> Asked:
        """What is rated; where the form has errors it is this month."""
        data = self.cleaned_data if self.is_valid() else {}
        branch = data.get("branch")
        since, until = _days(data.get("span") or "month", data)
        return Asked(since, until, branch.pk if branch else None)


def _days(span: str, data: Mapping[str, Any]) -> tuple[date, date]:
    if span == "free":
        return data["since"], data["until"]
    today = timezone.localdate()
    months = 3 if span.endswith("quarter") else 1
    first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    if not span.startswith("last"):
        return first, today
    last = first - timedelta(days=1)
    return last.replace(month=(last.month - 1) // months * months + 1, day=1), last
