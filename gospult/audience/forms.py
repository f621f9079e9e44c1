"""What is asked of the audience."""

from typing import Any

from django import forms

from gospult.registry.models import Sphere, Territory
from gospult.registry.models.access import User

from . import queries
from .models import Build, Selection
from .queries.estimates import pages_of


class AudienceForm(forms.Form):
    """A territory that the person may see, a sphere, a network; the first territory of the tree where none is named."""

    territory = forms.ModelChoiceField(Territory.objects.none(), label="Территория", required=False, empty_label=None)
    sphere = forms.ModelChoiceField(Sphere.objects.none(), label="Сфера", required=False, empty_label="Все сферы")
    network = forms.ChoiceField(label="Сеть", required=False)

    def __init__(self, data: Any, user: User, build: Build | None) -> None:
        super().__init__(data)
        self.seen = queries.territories(user)
        self.fields["territory"].queryset = self.seen  # type: ignore[attr-defined]
        self.fields["territory"].label_from_instance = _indented  # type: ignore[attr-defined]
        self.fields["sphere"].queryset = queries.spheres_of(build)  # type: ignore[attr-defined]
        self.fields["network"].choices = [("", "Все сети"), *queries.networks(build)]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """territory, sphere, network; what was not understood is left out."""
        self.is_valid()
        known = self.cleaned_data
        return {"territory": known.get("territory") or self.seen.first(), "sphere": known.get("sphere"), "network": known.get("network") or ""}


class OverlapForm(forms.Form):
    """Two sets of pages of one network, each a territory × sphere or a saved selection."""

    network = forms.ChoiceField(label="Сеть")
    one = forms.ChoiceField(label="Первые")
    one_sphere = forms.ModelChoiceField(Sphere.objects.none(), label="их сфера", required=False, empty_label="Все сферы")
    other = forms.ChoiceField(label="Вторые")
    other_sphere = forms.ModelChoiceField(Sphere.objects.none(), label="их сфера", required=False, empty_label="Все сферы")

    def __init__(self, data: Any, user: User, build: Build | None) -> None:
        super().__init__(data)
        self.user = user
        saved = [(f"s{row.pk}", f"Набор «{row.name}»") for row in Selection.objects.visible_to(user)]
        places = [(f"t{place.pk}", _indented(place)) for place in queries.territories(user)]
        self.fields["network"].choices = queries.networks(build)  # type: ignore[attr-defined]
        for name in ("one", "other"):
            self.fields[name].choices = [*saved, *places]  # type: ignore[attr-defined]
            self.fields[f"{name}_sphere"].queryset = queries.spheres_of(build)  # type: ignore[attr-defined]

    def pages(self, name: str) -> list[int]:
        """Keys of the pages of «one» or «other»."""
        kind, key, network = self.cleaned_data[name][0], self.cleaned_data[name][1:], self.cleaned_data["network"]
        if kind == "s":
            own = pages_of(self.user, network=network)
            return list(Selection.objects.visible_to(self.user).get(pk=key).pages.filter(pk__in=own).values_list("pk", flat=True))
        sphere: Sphere | None = self.cleaned_data[f"{name}_sphere"]
        return pages_of(self.user, network=network, territory=Territory.objects.get(pk=key).path, sphere=sphere.pk if sphere else None)


def _indented(territory: Territory) -> str:
    return "\N{NO-BREAK SPACE}" * 2 * max(0, territory.path.count("/") - 2) + territory.name
