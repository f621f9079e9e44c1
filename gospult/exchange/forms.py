"""Forms of the screens «Соцсети»."""

from typing import Any

from django import forms

from gospult.networks.registry import NETWORKS
from gospult.registry.models import Territory

from .models import Mode
from .queries import STEPS

LABELS = {"q": "Поиск", "network": "Сеть", "territory": "Территория", "mode": "Способ работы", "step": "Шаг", "pilot": "Пилот"}


def _networks() -> list[tuple[str, str]]:
    return [("", "Все сети"), *((code, kind.name) for code, kind in NETWORKS.items())]


class ProgressFilters(forms.Form):
    """Filters in the address; a wrong value is no error, it just does not filter."""

    q = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Название, имя или ID"}))
    network = forms.ChoiceField(choices=_networks, required=False)
    territory = forms.ModelChoiceField(Territory.objects.filter(level__in=["region", "municipality"]), required=False, empty_label="Все территории")
    mode = forms.ChoiceField(choices=[("", "Любой способ"), *Mode.choices], required=False)
    step = forms.ChoiceField(
        choices=[("", "Любой шаг"), *((code, words) for code, (words, _) in STEPS.items())], required=False, widget=forms.HiddenInput
    )
    pilot = forms.ChoiceField(choices=[("", "Все страницы"), ("yes", "Только пилот")], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = LABELS[name]

    def chosen(self) -> dict[str, Any]:
        """What filters, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class KeyForm(forms.Form):
    # Not a password field: a steward has to see on the phone whether the key was pasted whole; autocomplete would keep it in the browser.
    token = forms.CharField(
        label="Ключ",
        max_length=4000,
        strip=True,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mono"}),
    )


class ModeForm(forms.Form):
    mode = forms.ChoiceField(choices=Mode.choices, widget=forms.RadioSelect)
