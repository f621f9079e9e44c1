"""Which method, which month, which rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from gospult.lib.errors import Refused

from .inputs import month_of
from .method import Method
from .queries import Asked, months_of
from .saying import month_name


class ScoresForm(forms.Form):
    """A method of those that score the subject and one of its months; what cannot be read is the first method and the latest month."""

    method = forms.ChoiceField(label="Методика", required=False)
    month = forms.ChoiceField(label="Месяц", required=False)

    def __init__(self, data: Mapping[str, Any], methods: Sequence[Method]) -> None:
        chosen = next((one for one in methods if one.code == data.get("method")), methods[0])
        months = months_of(chosen) or [timezone.localdate().replace(day=1)]
        day = _month(str(data.get("month", ""))) or months[0]
        super().__init__({"method": chosen.code, "month": f"{day:%Y-%m}"})
        self.method_chosen, self.month_chosen = chosen, day
        self.fields["method"].choices = [(one.code, one.title) for one in methods]  # type: ignore[attr-defined]
        self.fields["month"].choices = [(f"{one:%Y-%m}", month_name(one)) for one in sorted({*months, day}, reverse=True)]  # type: ignore[attr-defined]

    @property
    def query(self) -> str:
        """What was chosen, for links."""
        return f"method={self.method_chosen.code}&month={self.month_chosen:%Y-%m}"


def _month(text: str) -> date | None:
    try:
        return month_of(text)
    except Refused:
        return None


def asked(data: Mapping[str, Any]) -> Asked:
    """The rows that a list shows."""
    territory = str(data.get("territory", ""))[:18]
    number = int(territory) if territory.isascii() and territory.isdecimal() else None
    return Asked(group=str(data.get("group", ""))[:60], territory=number, words=str(data.get("q", ""))[:200])
