"""What is filled in on the office's screens. The texts of errors are sentences for the person."""

from typing import Any

from django import forms

from gospult.desk.models import Case
from gospult.registry.models import Body, Page

from .models import Goal
from .queries.remedies import overdue_cases

LONGEST = 16_000
WHEN = "Выберите «Сейчас» или «Запланировать»."
EMPTY = "Напишите ответ: пустой не отправить."
TOO_LONG = "Ответ длиннее 16 000 знаков: сократите его."


class AnswerForm(forms.Form):
    """One box; «когда сделаем» makes the answer an interim one."""

    text = forms.CharField(
        max_length=LONGEST, strip=True, error_messages={"required": "Напишите ответ: пустой не отправить.", "max_length": TOO_LONG}
    )
    promised_date = forms.DateField(required=False, error_messages={"invalid": "Дату напишите так: 24.11.2026."})


class PostForm(forms.Form):
    """A post: its words and hour; pages and photos are lists and are read by the view."""

    key = forms.UUIDField(required=False, error_messages={"invalid": "Форма устарела: откройте «Написать пост» ещё раз."})
    text = forms.CharField(
        required=False, max_length=16_000, strip=True, error_messages={"max_length": "Текст длиннее 16 000 знаков: сократите его."}
    )
    when = forms.ChoiceField(choices=[("now", "now"), ("later", "later")], error_messages={"required": WHEN, "invalid_choice": WHEN})
    at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"],
        error_messages={"invalid": "День и час напишите так: 24.11.2026 15:30."},
    )

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"] or "")

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


NAMED = 20  # cases offered by name; of more the goal «ни одного просроченного» speaks better
BAD_DAY = {"invalid": "Дату напишите так: 24.11.2026.", "required": "Выберите день, до которого ждёте."}


class RemedyForm(forms.Form):
    """What a body is to put right, by when."""

    goal = forms.ChoiceField(label="Что исправить", choices=Goal.choices, error_messages={"required": "Выберите, что исправить."})
    page = forms.ModelChoiceField(Page.objects.none(), label="Какая страница", required=False, empty_label="Если задача о странице")
    cases = forms.ModelMultipleChoiceField(
        Case.objects.none(), label="На какие обращения ответить", required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label="Своими словами", max_length=500, required=False, error_messages={"max_length": "Задача длиннее 500 знаков: сократите её."}
    )
    due_date = forms.DateField(label="До какого дня", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), error_messages=BAD_DAY)

    def __init__(self, body: Body, data: Any = None) -> None:
        super().__init__(data, auto_id="task-%s")
        fields: dict[str, Any] = self.fields
        overdue = overdue_cases(body)
        fields["page"].queryset = Page.objects.living().filter(owners__body=body)
        fields["cases"].queryset = overdue
        fields["cases"].choices = [(case.pk, f"{case.number} {case.headline}"[:80]) for case in overdue[:NAMED]]


class NoteForm(forms.Form):
    """What was done, by who says that it is done."""

    note = forms.CharField(max_length=500, required=False, strip=True, error_messages={"max_length": "Пояснение длиннее 500 знаков: сократите его."})


class ConfirmForm(forms.Form):
    """What a person has seen of a page on a day."""

    SEEN = (("", "не смотрел"), ("yes", "да"), ("no", "нет"))

    BAD = {"invalid": "Дату напишите так: 24.11.2026.", "required": "Укажите день."}

    day = forms.DateField(label="Когда видели", widget=forms.DateInput(attrs={"type": "date"}), error_messages=BAD)
    has_mark = forms.ChoiceField(label="Госметка", choices=SEEN, required=False)
    connected = forms.ChoiceField(label="Подключена к «Госпабликам»", choices=SEEN, required=False)

    def told(self) -> dict[str, Any]:
        """The words of the action: day, has_mark, connected."""
        said = {"yes": True, "no": False}
        return {"day": self.cleaned_data["day"], **{name: said.get(self.cleaned_data[name]) for name in ("has_mark", "connected")}}
