"""Figures of the audience as people read them: a hidden one says so, an unknown one is never zero."""

from django import template

from gospult.registry.models.pages import NETWORK_NAMES

from ..models import Build
from ..queries import Chosen, Figure, reads_audience

register = template.Library()
register.filter("reads_audience", reads_audience)
HIDDEN, UNKNOWN = "скрыто: мало людей", "нет данных"
SPACE = "\N{NO-BREAK SPACE}"


@register.filter
def spaced(number: int | None) -> str:
    """«12 345», or that it is not known."""
    return UNKNOWN if number is None else f"{number:,}".replace(",", SPACE)


@register.filter
def people(figure: Figure) -> str:
    """One number, or from … to, for across networks nobody can be recognised."""
    if figure.people_from is None:
        return HIDDEN if figure.hidden else UNKNOWN
    if figure.exact:
        return spaced(figure.people_from)
    return f"не меньше {spaced(figure.people_from)}" if figure.people_to is None else f"{spaced(figure.people_from)} … {spaced(figure.people_to)}"


@register.filter
def subscriptions(figure: Figure) -> str:
    """As `people`."""
    if figure.subscriptions is None:
        return HIDDEN if figure.hidden else UNKNOWN
    return f"не меньше {spaced(figure.subscriptions)}" if figure.partial else spaced(figure.subscriptions)


@register.filter
def share(figure: Figure) -> str:
    """«41 %», «30 … 44 %»."""
    found = figure.share
    if found is None:
        return HIDDEN if figure.hidden else UNKNOWN
    low, high = found
    if high is None:
        return f"не меньше {_percent(low)}{SPACE}%"
    return f"{_percent(low)}{SPACE}%" if figure.exact else f"{_percent(low)} … {_percent(high)}{SPACE}%"


@register.filter
def growth(figure: Figure) -> str:
    """«+3,1 %», or that there is nothing to compare with."""
    found = figure.growth
    return UNKNOWN if found is None else f"{found:+.1f}{SPACE}%".replace(".", ",").replace("-", "−")


@register.filter
def estimated(found: Chosen) -> str:
    """«12 345 ± 98»."""
    return HIDDEN if found.people is None else f"{spaced(found.people)} ± {spaced(found.error)}"


@register.filter
def shade(cell: tuple[int | None, int]) -> str:
    """The number of a heat table's cell."""
    number, depth = cell
    return spaced(number) if number is not None else "скрыто" if depth < 0 else "—"


@register.filter
def coverage(build: Build) -> str:
    """«собрано 6 871 из 6 885»."""
    return f"собрано {spaced(build.done)} из {spaced(build.total)}"


@register.filter
def dictkey(names: dict[str, str], key: str) -> str:
    """A network's name."""
    return names.get(key) or NETWORK_NAMES.get(key, key)


def _percent(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".replace(".", ",")
