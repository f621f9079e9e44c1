"""Forms of the registry's screens."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.lib.sheets import MAX_BYTES

from . import queries
from .models import Body, Sphere, Territory
from .models.bodies import Status
from .models.pages import NETWORK_NAMES, State

MARKS = [("yes", "есть госметка"), ("no", "нет госметки"), ("unknown", "о госметке не известно")]
HAS = [
    ("obliged", "должны вести"), ("with_page", "должны вести, и страница есть"), ("debt", "должны вести, но страницы нет"),
    ("exempt", "есть основание не вести"),
]  # fmt: skip


class Filters(forms.Form):
    """Filters in the address; a wrong value is no error, it just does not filter."""

    q = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Название, имя или ОГРН"}))
    territory = forms.ModelChoiceField(Territory.objects.filter(level__in=["region", "municipality"]), required=False, empty_label="Все территории")
    sphere = forms.ModelChoiceField(Sphere.objects.all(), required=False, empty_label="Все сферы")
    branch = forms.ModelChoiceField(Body.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["territory"].queryset = queries.places_to_choose(_place(str(self.data.get("territory", ""))))  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = LABELS[name]

    def chosen(self) -> dict[str, object]:
        """What filters, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _place(given: str) -> Territory | None:
    return Territory.objects.filter(pk=given[:18]).first() if given.isascii() and given.isdecimal() else None


LABELS = {"q": "Поиск", "territory": "Территория", "sphere": "Сфера", "network": "Сеть", "state": "Состояние", "mark": "Госметка"}
LABELS |= {"status": "Статус", "has": "Страница"}


class PageFilters(Filters):
    body = forms.ModelChoiceField(Body.objects.all(), required=False, widget=forms.HiddenInput)
    network = forms.ChoiceField(choices=[("", "Все сети"), *NETWORK_NAMES.items()], required=False)
    state = forms.ChoiceField(choices=[("", "Все, кроме архива"), *State.choices], required=False)
    mark = forms.ChoiceField(choices=[("", "Госметка: любая"), *MARKS], required=False)


class BodyFilters(Filters):
    status = forms.ChoiceField(choices=[("", "Любой статус"), *Status.choices], required=False)
    has = forms.ChoiceField(choices=[("", "Все организации"), *HAS], required=False)


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Файл выгрузки", help_text="XLSX или CSV из реестра, до 20 МБ. Сначала покажем, что изменится.", allow_empty_file=True
    )

    date = forms.DateField(
        required=False,
        label="На какую дату сведения",
        help_text="Можно не указывать: тогда сегодня. Выгрузка старше последней реестр не меняет, а пополняет историю страниц.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Дату напишите так: 24.11.2026."},
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"Файл больше {MAX_BYTES // 2**20} МБ: это не выгрузка реестра. Удалите лишние листы и загрузите снова.")
        return file


class StateForm(forms.Form):
    state = forms.ChoiceField(choices=State.choices, label="Новое состояние")
    reason = forms.CharField(max_length=300, required=False, label="Причина")


class HandleForm(forms.Form):
    handle = forms.CharField(max_length=100, label="Короткое имя", help_text="Как в адресе после vk.com/")


class ExemptForm(forms.Form):
    ground = forms.CharField(max_length=5000, label="Основание", widget=forms.Textarea(attrs={"rows": 3}))
    document = forms.CharField(max_length=500, required=False, label="Документ")
    date = forms.DateField(required=False, label="Дата документа", widget=forms.DateInput(attrs={"type": "date"}))
    review_date = forms.DateField(required=False, label="Когда пересмотреть", widget=forms.DateInput(attrs={"type": "date"}))


class PersonField(forms.CharField):
    """One of the people by words of the name or the login; several that fit are named with their posts."""

    people: QuerySet[Person] = Person.objects.none()

    def clean(self, value: Any) -> Person:
        found = self.people
        for word in super().clean(value).split()[:5]:
            found = found.filter(
                Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(patronymic__icontains=word) | Q(username__iexact=word)
            )
        rows = list(found.order_by("last_name", "username")[:6])
        if not rows:
            raise forms.ValidationError("Такого сотрудника среди ваших нет: проверьте фамилию или напишите имя для входа.")
        if len(rows) > 1:
            some = "; ".join(", ".join(filter(None, [str(p), p.position, p.username])) for p in rows[:5])
            raise forms.ValidationError(f"Подходят несколько: {some}. Напишите имя для входа.")
        return rows[0]


NAME = forms.TextInput(attrs={"placeholder": "Фамилия или имя для входа", "autocomplete": "off"})
PEOPLE = 300  # as many as one still finds in a list


class StewardForm(forms.Form):
    """Who keeps a page: from a list of people, where they are many by name or login."""

    person = forms.ModelChoiceField(Person.objects.filter(is_active=True).order_by("last_name", "username"), label="Кто", empty_label="Выберите")
    is_deputy = forms.BooleanField(required=False, label="Заместитель")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True)
        if people[: PEOPLE + 1].count() > PEOPLE:
            field = PersonField(label="Кто", max_length=200, widget=NAME, error_messages={"required": "Напишите, кто ведёт страницу."})
            field.people = people
            self.fields["person"] = field


TERM = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BAD_DAY = {"invalid": "Дату напишите так: 24.11.2026.", "required": "Выберите день."}


class AbsenceForm(forms.Form):
    """Who is away and who stands in; whoever leads nobody goes away himself and picks from a list of colleagues."""

    person = PersonField(label="Кого нет", max_length=200, widget=NAME, error_messages={"required": "Напишите, кого нет."})
    deputy = PersonField(label="Кто замещает", max_length=200, widget=NAME, error_messages={"required": "Напишите, кто замещает."})
    from_date = forms.DateField(label="С какого дня", widget=TERM, error_messages=BAD_DAY)
    to_date = forms.DateField(label="По какой день", help_text="Включительно. Назавтра доступ закроется сам.", widget=TERM, error_messages=BAD_DAY)

    def __init__(self, user: Person, data: Any = None) -> None:
        super().__init__(data, initial={"from_date": timezone.localdate()})
        if queries.has_role(user, *queries.LEADERS):
            self.fields["person"].people = queries.people_under(user)  # type: ignore[attr-defined]
            self.fields["deputy"].people = queries.people_under(user)  # type: ignore[attr-defined]
            return
        del self.fields["person"]
        colleagues = queries.deputies_for(user, user).order_by("last_name", "username")
        self.fields["deputy"] = forms.ModelChoiceField(
            colleagues, label="Кто замещает", empty_label="Выберите коллегу", error_messages={"required": "Выберите, кто замещает."}
        )
