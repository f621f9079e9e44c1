"""What a person fills in about his alerts. The texts of errors are sentences for him."""

from typing import Any

from django import forms

from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from .models import Channel


class _Own(forms.Form):
    def _checked(self) -> dict[str, Any]:
        if not self.is_valid():
            raise Refused(next(iter(self.errors.values()))[0])
        return self.cleaned_data


class HabitForm(_Own):
    quiet_from = forms.TimeField(
        label="Не беспокоить с", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), error_messages={"required": "Укажите время: 21:00."}
    )
    quiet_to = forms.TimeField(
        label="до", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), error_messages={"required": "Укажите время: 08:00."}
    )
    quiet_weekends = forms.BooleanField(label="В субботу и воскресенье тоже", required=False)
    away_until = forms.DateField(
        label="Меня нет по",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Дату напишите так: 24.11.2026."},
    )
    deputy = forms.CharField(label="Вместо меня оповещать", required=False, help_text="Имя для входа вашего заместителя.")

    def chosen(self) -> dict[str, Any]:
        """What the action takes. Refused when something is wrong."""
        data = self._checked()
        name = data.pop("deputy").strip()
        deputy = Person.objects.filter(username=name, is_active=True).first() if name else None
        if name and deputy is None:
            raise Refused(f"Сотрудника с именем для входа «{name[:50]}» нет: проверьте имя.")
        return {**data, "deputy": deputy}


class ConnectForm(_Own):
    channel = forms.ChoiceField(
        choices=Channel.choices, error_messages={"required": "Выберите канал.", "invalid_choice": "Выберите канал из списка."}
    )
    address = forms.CharField(required=False, max_length=254)

    def chosen(self) -> tuple[str, str]:
        """Channel and address. Refused when something is wrong."""
        data = self._checked()
        return data["channel"], data["address"].strip()


class CodeForm(_Own):
    code = forms.CharField(max_length=20, error_messages={"required": "Введите код из письма."})

    def chosen(self) -> str:
        """The digits of the code. Refused when there is none."""
        return "".join(letter for letter in self._checked()["code"] if letter.isdecimal())
