"""Forms of the registry's screens."""

from django import forms

from gospult.accounts.models import Person
from gospult.lib.sheets import MAX_BYTES

from .models import Sphere, Territory
from .models.bodies import Status
from .models.pages import NETWORK_NAMES, State

MARKS = [("yes", "есть госметка"), ("no", "нет госметки"), ("unknown", "о госметке не известно")]
HAS = [("debt", "должны вести, но страницы нет"), ("exempt", "есть основание не вести")]


class Filters(forms.Form):
    """Filters in the address; a wrong value is no error, it just does not filter."""

    q = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Название, имя или ОГРН"}))
    territory = forms.ModelChoiceField(Territory.objects.filter(level__in=["region", "municipality"]), required=False, empty_label="Все территории")
    sphere = forms.ModelChoiceField(Sphere.objects.all(), required=False, empty_label="Все сферы")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = LABELS[name]

    def chosen(self) -> dict[str, object]:
        """What filters, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


LABELS = {"q": "Поиск", "territory": "Территория", "sphere": "Сфера", "network": "Сеть", "state": "Состояние", "mark": "Госметка"}
LABELS |= {"status": "Статус", "has": "Страница"}


class PageFilters(Filters):
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


class StewardForm(forms.Form):
    person = forms.ModelChoiceField(Person.objects.filter(is_active=True).order_by("last_name", "username"), label="Кто", empty_label="Выберите")
    is_deputy = forms.BooleanField(required=False, label="Заместитель")
