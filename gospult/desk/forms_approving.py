"""What people fill in on «Согласование»."""

from typing import Any

from django import forms
from django.db.models import Q

from gospult.accounts.models import Person, Role
from gospult.registry.models import Grant, Sphere, live_on

from . import queries
from .models import Topic

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BAD_DAY = {"invalid": "Дату напишите так: 24.11.2026."}
ASKED = [(1, "Один человек"), (2, "Двое, разные"), (0, "Никто: публикует сам автор")]
MAY = [Role.OPERATOR, Role.CURATOR, Role.HEAD, Role.ADMIN]


def _people() -> Any:
    granted = Grant.objects.filter(live_on(), role__in=MAY).values("person")
    return Person.objects.filter(Q(pk__in=granted), is_active=True).order_by("last_name", "username")


class PolicyForm(forms.Form):
    """Which answers are looked at by how many people; everything named must fit together."""

    title = forms.CharField(max_length=120, label="Название", error_messages={"required": "Назовите правило: это имя увидят те, чей ответ ждёт."})
    approvers = forms.TypedChoiceField(choices=ASKED, coerce=int, label="Кто согласует", error_messages={"required": "Выберите, сколько человек."})
    hours = forms.IntegerField(
        min_value=1, max_value=200, initial=4, label="Рабочих часов каждому",
        error_messages=dict.fromkeys(("required", "min_value", "max_value", "invalid"), "Часы — целое число от 1 до 200."),
    )  # fmt: skip
    topic = forms.ModelChoiceField(Topic.objects.filter(retired=False).order_by("name"), required=False, label="Тема", empty_label="Любая")
    group_code = forms.ChoiceField(required=False, label="Группа тем")
    sphere = forms.ModelChoiceField(Sphere.objects.all(), required=False, label="Сфера органа", empty_label="Любая")
    mass_from = forms.IntegerField(
        required=False, min_value=2, label="Сообщений в обращении от", error_messages={"invalid": "Число сообщений — целое.", "min_value": "От двух."}
    )
    urgent = forms.BooleanField(required=False, label="Срочная тема")
    danger = forms.BooleanField(required=False, label="Опасность")
    beyond_norm = forms.BooleanField(required=False, label="Обещанная дата позже срока")
    approver = forms.ModelChoiceField(Person.objects.none(), required=False, label="Первым согласует", empty_label="Кто угодно с этим правом")
    substitute = forms.ModelChoiceField(Person.objects.none(), required=False, label="Кто его замещает", empty_label="Никто")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False)
        groups = sorted({(topic.group_code, topic.group) for topic in queries.known_topics().values()}, key=lambda pair: pair[1])
        self.fields["group_code"].choices = [("", "Любая"), *groups]  # type: ignore[attr-defined]
        for name in ("approver", "substitute"):
            self.fields[name].queryset = _people()  # type: ignore[attr-defined]


class AwayForm(forms.Form):
    since = forms.DateField(required=False, widget=DAY, error_messages=BAD_DAY)
    until = forms.DateField(required=False, widget=DAY, error_messages=BAD_DAY)
