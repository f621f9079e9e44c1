"""What people fill in on the desk. The texts of errors are sentences for the person."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES
from gospult.registry.models import Body, Sphere, Territory

from . import queries
from .actions import RuleDraft
from .actions.control import CLOSED_AS
from .models import Answer, Appeal, Ban, Bounce, BulkAction, Case, Hiding, Kind, Message, RoutingRule, Topic
from .queries import filters
from .queries.routes import STATES, body_by_words, words_for

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BAD_DAY = "Дату напишите так: 24.11.2026."
ENDINGS = [(code, CLOSED_AS[code]) for code in ("answered", "no_answer_needed", "deleted")]


class TopicForm(forms.Form):
    topic = forms.ModelChoiceField(
        Topic.objects.filter(retired=False),
        error_messages={"required": "Выберите тему из списка.", "invalid_choice": "Такой темы уже нет: выберите из списка."},
    )


class BodyForm(forms.Form):
    """`body` is one that the person may see: a curator gives cases away inside his branch, else back to the operator."""

    body = forms.ModelChoiceField(
        Body.objects.none(),
        error_messages={"required": "Выберите орган из списка.", "invalid_choice": "Такого органа нет или он вне вашей ветви: выберите из списка."},
    )

    def __init__(self, data: QueryDict, user: Person) -> None:
        super().__init__(data)
        self.fields["body"].queryset = Body.objects.visible_to(user).filter(gone_at=None)  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    place = forms.ModelChoiceField(
        Territory.objects.all(), error_messages={"required": "Выберите место из списка.", "invalid_choice": "Такого места нет: выберите из списка."}
    )


class MergeForm(forms.Form):
    """`merge` is a case that the person may see."""

    merge = forms.ModelChoiceField(
        Case.objects.none(),
        to_field_name="number",
        error_messages={"required": "Выберите обращение из списка.", "invalid_choice": "Такого обращения нет или оно вам не видно."},
    )

    def __init__(self, data: QueryDict, user: Person) -> None:
        super().__init__(data)
        self.fields["merge"].queryset = Case.objects.visible_to(user)  # type: ignore[attr-defined]


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        choices=Kind.choices, error_messages={"required": "Выберите, что это за сообщение.", "invalid_choice": "Выберите тип из списка."}
    )


class CloseForm(forms.Form):
    closed_as = forms.ChoiceField(
        choices=ENDINGS, error_messages={"required": "Выберите, чем закончилось.", "invalid_choice": "Выберите причину из списка."}
    )


class BecauseForm(forms.Form):
    """Why something goes back; the actions say whether they can do without it."""

    because = forms.CharField(required=False, max_length=2000)


class SplitForm(forms.Form):
    message = forms.ModelChoiceField(
        Message.objects.none(), error_messages={"required": "Выберите сообщение.", "invalid_choice": "Этого сообщения в обращении уже нет."}
    )

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        self.fields["message"].queryset = case.message_set.all()  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    text = forms.CharField(
        required=False, max_length=16_000, strip=False, error_messages={"max_length": "Ответ длиннее 16 000 знаков: сократите его."}
    )
    kind = forms.ChoiceField(choices=Answer.Kind.choices, required=False)
    promised_date = forms.DateField(required=False, error_messages={"invalid": "Дату напишите так: 24.11.2026."})
    seen = forms.CharField(required=False, max_length=40)


class AddressForm(forms.Form):
    url = forms.CharField(max_length=1000, error_messages={"required": "Вставьте адрес опубликованного ответа."})


class BulkForm(forms.Form):
    """Several cases of the list and what to do with them."""

    case = forms.ModelMultipleChoiceField(
        Case.objects.none(),
        to_field_name="number",
        error_messages={"required": "Сначала выберите обращения.", "invalid_choice": "Часть обращений вам больше не видна: обновите список."},
    )
    do = forms.ChoiceField(choices=BulkAction.Do.choices, error_messages={"invalid_choice": "Выберите действие из списка."})
    closed_as = forms.ChoiceField(choices=ENDINGS, required=False, error_messages={"invalid_choice": "Выберите причину из списка."})

    def __init__(self, data: QueryDict, user: Person) -> None:
        super().__init__(data)
        self.fields["case"].queryset = Case.objects.visible_to(user).select_related("body", "page").order_by("opened_at")  # type: ignore[attr-defined]


class SaveViewForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        label="Сохранить как подборку",
        error_messages={"required": "Назовите подборку: так она будет стоять слева.", "max_length": "Имя подборки длиннее 60 знаков: сократите его."},
    )
    shared = forms.BooleanField(required=False, label="Для всего центра")


def _choices(first: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("", first), *((code, name[:1].upper() + name[1:]) for code, name in known.items())]


def _topic_choices() -> list[tuple[str, Any]]:
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for topic in sorted(queries.known_topics().values(), key=lambda t: (t.group, t.name)):
        groups.setdefault((topic.group_code, topic.group), []).append((topic.code, topic.name))
    return [("", "Любая"), *((name, [(filters.GROUP + code, f"{name}: вся группа"), *rows]) for (code, name), rows in groups.items())]


def _place_choices() -> list[tuple[str, str]]:
    known = sorted(queries.known_places().values(), key=lambda t: (t.level != "region", t.sort_name))
    return [("", "Любая"), *((t.code, t.name) for t in known if t.level in ("region", "municipality"))]


class FilterForm(forms.Form):
    """The panel of filters; what is chosen goes into the address and is read by `queries.filters.read`."""

    topic = forms.ChoiceField(choices=_topic_choices, label="Тема")
    territory = forms.ChoiceField(choices=_place_choices, label="Территория")
    organ = forms.CharField(label="Орган", widget=forms.TextInput(attrs={"placeholder": "Слова названия или ОГРН"}))
    public = forms.CharField(label="Страница", widget=forms.TextInput(attrs={"placeholder": "Название или короткое имя"}))
    network = forms.ChoiceField(choices=lambda: _choices("Любая", filters.NETWORKS), label="Сеть")
    channel = forms.ChoiceField(choices=lambda: _choices("Неважно", filters.CHANNELS), label="Как написали")
    kind = forms.ChoiceField(choices=lambda: _choices("Любой", filters.KINDS), label="Тип")
    state = forms.ChoiceField(choices=lambda: _choices("Любое", filters.STATES), label="Состояние")

    def __init__(self, chosen: Mapping[str, str]) -> None:
        super().__init__(initial=dict(chosen), use_required_attribute=False, auto_id="filter-%s")
        for name, label in (("from", "Пришли с"), ("to", "Пришли по")):  # «from» is no name for an attribute
            self.fields[name] = forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class HideForm(forms.Form):
    """Which comment of the case is hidden, and on what ground."""

    message = forms.ModelChoiceField(
        Message.objects.none(), error_messages={"required": "Выберите комментарий.", "invalid_choice": "Этого комментария в обращении уже нет."}
    )
    ground = forms.CharField(max_length=40, error_messages={"required": "Выберите основание из списка: без основания комментарий не скрывают."})
    note = forms.CharField(required=False, max_length=500, error_messages={"max_length": "Пояснение длиннее 500 знаков: сократите его."})

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        self.fields["message"].queryset = case.message_set.all()  # type: ignore[attr-defined]


class HidingForm(forms.Form):
    """A hiding of this very case."""

    hiding = forms.ModelChoiceField(Hiding.objects.none(), error_messages={"required": "Обновите страницу.", "invalid_choice": "Обновите страницу."})

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        self.fields["hiding"].queryset = Hiding.objects.filter(message__case=case).select_related("page", "message", "case")  # type: ignore[attr-defined]


class BackForm(HidingForm):
    because = forms.CharField(required=False, max_length=500, error_messages={"max_length": "Причина длиннее 500 знаков: сократите её."})


class OrganField(forms.CharField):
    """A body by the words of its name or its ОГРН; several that fit are named, and the person adds a word."""

    def clean(self, value: Any) -> Body | None:
        text = " ".join(super().clean(value).split())
        try:
            return body_by_words(text) if text else None
        except Refused as no:
            raise forms.ValidationError(str(no)) from no


def _every_place() -> list[tuple[str, str]]:
    known = sorted(queries.known_places().values(), key=lambda t: (t.level != "region", t.sort_name))
    return [("", "Любая"), *((t.code, t.name) for t in known)]


class RuleForm(forms.Form):
    """A rule of routing; `draft` turns it into what the actions take."""

    topic = forms.ChoiceField(choices=_topic_choices, required=False, label="Тема")
    territory = forms.ChoiceField(choices=_every_place, required=False, label="Территория", help_text="Правило действует и внутри неё.")
    sphere = forms.ModelChoiceField(
        Sphere.objects.all(), required=False, label="Сфера хозяина страницы", empty_label="Любая", help_text="Например, только для страниц школ."
    )
    organ = OrganField(
        label="Кто отвечает",
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "Слова названия или ОГРН"}),
        error_messages={"required": "Напишите, кто отвечает: слова названия или ОГРН."},
    )
    overflow = OrganField(
        required=False, max_length=300, label="Кому отдать при перегрузке", help_text="Если у первого достигнут предел открытых обращений."
    )
    priority = forms.IntegerField(
        initial=10,
        label="Приоритет",
        help_text="Больше — главнее. При равном побеждает ближнее место, потом точная тема.",
        error_messages={"invalid": "Приоритет — целое число."},
    )
    from_date = forms.DateField(
        required=False, label="С какого дня", widget=DAY, help_text="Пусто — с сегодняшнего.", error_messages={"invalid": BAD_DAY}
    )
    to_date = forms.DateField(required=False, label="По какой день", widget=DAY, help_text="Пусто — без конца.", error_messages={"invalid": BAD_DAY})

    def draft(self) -> RuleDraft:
        """The checked fields as a draft."""
        data = self.cleaned_data
        topic, _, group = data["topic"].partition(":")
        return RuleDraft(
            body=data["organ"], topic=None if group else queries.known_topics().get(topic), group=group,
            territory=queries.known_places().get(data["territory"]), sphere=data["sphere"], priority=data["priority"],
            overflow=data["overflow"], from_date=data["from_date"], to_date=data["to_date"],
        )  # fmt: skip


def rule_words(rule: RoutingRule) -> dict[str, Any]:
    """A rule as its form shows it; a first day that has come is left out, for a new version begins today."""
    today = timezone.localdate()
    return {
        "topic": rule.topic.code if rule.topic else filters.GROUP + rule.group_code if rule.group_code else "",
        "territory": rule.territory.code if rule.territory else "", "sphere": rule.sphere_id or "", "priority": rule.priority,
        "organ": words_for(rule.body), "overflow": words_for(rule.overflow),
        "from_date": rule.from_date if rule.from_date and rule.from_date > today else None, "to_date": rule.to_date,
    }  # fmt: skip


class EndRuleForm(forms.Form):
    last = forms.DateField(required=False, label="Последний день", widget=DAY, error_messages={"invalid": BAD_DAY})


class RuleFilters(forms.Form):
    """Filters in the address; a wrong value is no error, it just does not filter."""

    organ = forms.CharField(required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Кто отвечает"}))
    topic = forms.ChoiceField(choices=lambda: _first(_topic_choices(), "Любая тема"), required=False)
    territory = forms.ChoiceField(choices=lambda: _first(_every_place(), "Любая территория"), required=False)
    sphere = forms.ModelChoiceField(Sphere.objects.all(), required=False, empty_label="Любая сфера")
    state = forms.ChoiceField(choices=STATES.items(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"organ": "Кто отвечает", "topic": "Тема", "territory": "Территория", "sphere": "Сфера", "state": "Какие правила"}
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = labels[name]

    def chosen(self) -> dict[str, Any]:
        """What filters, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _first(choices: list[tuple[str, Any]], word: str) -> list[tuple[str, Any]]:
    return [("", word), *choices[1:]]


class ProposalForm(HidingForm):
    days = forms.IntegerField(error_messages={"required": "Выберите срок: без срока доступ не закрывают.", "invalid": "Выберите срок из списка."})
    note = forms.CharField(required=False, max_length=500, error_messages={"max_length": "Пояснение длиннее 500 знаков: сократите его."})


class BanForm(forms.Form):
    """A ban of this very case."""

    ban = forms.ModelChoiceField(Ban.objects.none(), error_messages={"required": "Обновите страницу.", "invalid_choice": "Обновите страницу."})

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        rows = Ban.objects.filter(hiding__message__case=case).select_related("page", "case", "deed", "undo", "hiding")
        self.fields["ban"].queryset = rows  # type: ignore[attr-defined]


class AppealForm(forms.Form):
    """An appeal of this very case."""

    appeal = forms.ModelChoiceField(Appeal.objects.none(), error_messages={"required": "Обновите страницу.", "invalid_choice": "Обновите страницу."})

    def __init__(self, data: QueryDict, case: Case) -> None:
        super().__init__(data)
        self.fields["appeal"].queryset = Appeal.objects.filter(hiding__message__case=case).select_related("hiding", "ban")  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    granted = forms.ChoiceField(
        choices=[("yes", ""), ("no", "")], error_messages={"required": "Выберите решение.", "invalid_choice": "Выберите решение."}
    )
    because = forms.CharField(required=False, max_length=500, error_messages={"max_length": "Пояснение длиннее 500 знаков: сократите его."})


class BounceForm(forms.Form):
    """Why a case is not ours; words that name no single body stay with the reason, nothing of them is lost."""

    reason = forms.ChoiceField(choices=Bounce.Reason.choices, required=False, error_messages={"invalid_choice": "Выберите причину из списка."})
    because = forms.CharField(required=False, max_length=2000)
    organ = forms.CharField(required=False, max_length=200)

    def said(self) -> dict[str, Any]:
        """reason, why and proposed, as the action takes them."""
        data = self.cleaned_data
        words, proposed = " ".join(data["organ"].split()), None
        if words:
            try:
                proposed = OrganField().clean(words)
            except forms.ValidationError:
                data["because"] = f"{data['because']}\nПредлагают: {words}".strip()
        return {"reason": data["reason"] or Bounce.Reason.OTHER, "why": data["because"], "proposed": proposed}


class LimitForm(forms.Form):
    organ = OrganField(
        label="Орган",
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "Слова названия или ОГРН"}),
        error_messages={"required": "Напишите, какой орган: слова названия или ОГРН."},
    )
    most = forms.IntegerField(label="Не больше открытых", error_messages={"invalid": "Предел — целое число.", "required": "Напишите предел числом."})


class RulesFileForm(forms.Form):
    file = forms.FileField(
        label="Файл CSV или XLSX", allow_empty_file=True, error_messages={"required": "Выберите файл с таблицей правил.", "missing": "Выберите файл."}
    )
    sure = forms.BooleanField(required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"Файл больше {MAX_BYTES // 2**20} МБ: это не таблица правил.")
        return file
