"""What residents choose in the catalogue."""

from typing import Any

from django import forms

from gospult.registry.models import Sphere, Territory
from gospult.registry.models.pages import NETWORK_NAMES

from .queries import places, spheres


class Choice(forms.Form):
    """Words, a place, a sphere, a network; what is not there is taken for not chosen."""

    q = forms.CharField(label="Что ищете", required=False, max_length=200)
    territory = forms.ModelChoiceField(Territory.objects.none(), to_field_name="code", required=False, label="Территория", empty_label="вся область")
    sphere = forms.ModelChoiceField(Sphere.objects.none(), to_field_name="code", required=False, label="Сфера", empty_label="любая")
    network = forms.ChoiceField(choices=[("", "любая"), *NETWORK_NAMES.items()], required=False, label="Сеть")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = places()  # type: ignore[attr-defined]
        self.fields["sphere"].queryset = spheres()  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The choice, nothing where it makes no sense."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        return {"q": said.get("q", "").strip(), "territory": said.get("territory"), "sphere": said.get("sphere"), "network": said.get("network", "")}
