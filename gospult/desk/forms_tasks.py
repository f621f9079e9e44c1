"""What is asked of bodies below, and what they say to it."""

from typing import Any

from django import forms
from django.http import QueryDict

from gospult.registry.models import Body

from .forms import BAD_DAY, DAY
from .models import Case
from .queries.tasks import below


class TaskForm(forms.Form):
    """Whom to ask, for what and until when; the action says what is wrong with the words and the day."""

    body = forms.ModelMultipleChoiceField(
        Body.objects.none(),
        error_messages={"required": "Выберите, кому поручить.", "invalid_choice": "Такой подведомственной организации нет: выберите из списка."},
    )
    text = forms.CharField(
        label="Что сделать", error_messages={"required": "Напишите, что нужно сделать."}, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000})
    )
    due = forms.DateField(label="До какого дня", widget=DAY, error_messages={"required": "Выберите, до какого дня сделать.", "invalid": BAD_DAY})
    because = forms.CharField(
        required=False, max_length=300, label="Почему дольше срока обращения", help_text="Нужно, только если день позже срока ответа жителю."
    )

    def __init__(self, data: QueryDict | None, case: Case, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.fields["body"].queryset = below(case)  # type: ignore[attr-defined]


class SaidForm(forms.Form):
    """What was done, or why it comes back."""

    said = forms.CharField(required=False)
    photo = forms.FileField(required=False)
