"""What people fill in about a formal appeal beside a case."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from .models import Case, Handover

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BAD_DAY = {"required": "Укажите день.", "invalid": "Дату напишите так: 24.11.2026."}
LONG_NUMBER = {"max_length": "Номер длиннее 60 знаков: проверьте его."}


def _on(label: str) -> forms.DateField:
    return forms.DateField(label=label, initial=timezone.localdate, widget=DAY, error_messages=BAD_DAY)


class HandoverForm(forms.Form):
    way = forms.ChoiceField(
        label="Куда", choices=Handover.Way.choices, error_messages={"required": "Выберите, куда.", "invalid_choice": "Выберите, куда, из списка."}
    )
    number = forms.CharField(
        label="Номер", required=False, max_length=60, error_messages=LONG_NUMBER, help_text="Если уже зарегистрировано; иначе оставьте пустым."
    )
    handed = _on("Когда поступило")
    link = forms.URLField(
        label="Ссылка на карточку", required=False, max_length=500, assume_scheme="https",
        error_messages={"invalid": "Ссылку вставьте целиком, она начинается с https://."},
    )  # fmt: skip


class StepForm(forms.Form):
    """What has happened to an appeal of this very case, and when; each step asks for its own fields."""

    handover = forms.ModelChoiceField(
        Handover.objects.none(), error_messages={"required": "Обновите страницу.", "invalid_choice": "Обновите страницу."}
    )
    was = forms.ChoiceField(choices=Handover.State.choices, error_messages={"required": "Обновите страницу.", "invalid_choice": "Обновите страницу."})
    on = forms.DateField(required=False, error_messages=BAD_DAY)
    number = forms.CharField(required=False, max_length=60, error_messages=LONG_NUMBER)
    to = forms.CharField(required=False, max_length=300, error_messages={"max_length": "Название длиннее 300 знаков: сократите его."})
    why = forms.CharField(required=False, max_length=300, error_messages={"max_length": "Причина длиннее 300 знаков: сократите её."})

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        self.fields["handover"].queryset = Handover.objects.filter(case=case)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("handover") and data.get("was"):
            data["handover"].state = data["was"]  # as the person saw it
        return data
