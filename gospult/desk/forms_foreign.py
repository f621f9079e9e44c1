"""What is filled in on «ИМ и ПОС»."""

from typing import Any

from django import forms
from django.http import QueryDict

from gospult.accounts.models import Person

from .layouts import SYSTEMS
from .models import Case


class ForeignFileForm(forms.Form):
    system = forms.ChoiceField(label="Откуда", choices=list(SYSTEMS.items()), error_messages={"required": "Выберите систему: ИМ или ПОС."})
    file = forms.FileField(
        label="Выгрузка XLSX или CSV", error_messages={"required": "Выберите файл выгрузки.", "empty": "Файл пустой: сделайте выгрузку ещё раз."}
    )


class ForeignFilters(forms.Form):
    """Filters in the address; a wrong value does not filter."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Номер там или у нас"}))
    system = forms.ChoiceField(choices=[("", "ИМ и ПОС"), *SYSTEMS.items()], required=False)
    matched = forms.ChoiceField(
        choices=[("", "Все"), ("yes", "Связаны"), ("no", "Не нашли сообщение"), ("doubt", "Подходит несколько")], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("q", "Поиск"), ("system", "Система"), ("matched", "Связь")):
            self.fields[name].widget.attrs["aria-label"] = label

    def chosen(self) -> dict[str, str]:
        """What filters, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class TieForm(forms.Form):
    case = forms.ModelChoiceField(
        Case.objects.none(),
        to_field_name="number",
        error_messages={"required": "Выберите обращение.", "invalid_choice": "Такого обращения нет или оно вам не видно."},
    )

    def __init__(self, data: QueryDict, user: Person) -> None:
        super().__init__(data)
        self.fields["case"].queryset = Case.objects.visible_to(user)  # type: ignore[attr-defined]


class NumberThereForm(forms.Form):
    """Under which number a person has entered the case into another system."""

    system = forms.ChoiceField(choices=list(SYSTEMS.items()), label="Система", error_messages={"required": "Выберите систему: ИМ или ПОС."})
    there = forms.CharField(
        max_length=40, label="Номер там", error_messages={"required": "Напишите номер, под которым обращение стоит в другой системе."}
    )
