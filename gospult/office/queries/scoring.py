"""What the methods in force say of a page, its owner and their municipality: the latest score, the latest published one, what mending would give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from gospult.registry.models import Body, Page, PageBody, Territory
from gospult.registry.models.access import User
from gospult.reports.queries import Link
from gospult.scores.models import OfficialScore, Score
from gospult.scores.queries import methods_for, of_one_page, territories

GAINS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest score by a method: `month` None: nothing was counted yet. total None: not confirmed; official: published for that month.

    gains: (what, points), the greatest first; only of the page itself.
    """

    whose: str
    method: str
    month: date | None
    total: Decimal | None
    group: Any
    official: Decimal | None
    gains: Sequence[tuple[str, Decimal]]
    link: Link


def standings(user: User, page: Page) -> list[Standing]:
    """The page's own scores first, then those of its owner and of the municipality, as far as the person sees these."""
    return [*_of_page(page), *_of_body(user, page), *_of_place(user, page)]


def _of_page(page: Page) -> Iterator[Standing]:
    for method in _in_force("page"):
        kept = Score.objects.filter(method=method.code, page=page).order_by("-month").first()
        found = of_one_page(page, method, kept.month) if kept else None
        gains = [(one.what, one.points) for one in found.gains[:GAINS]] if found else []
        yield _standing("Эта страница", method, kept, None, gains, ("scores:page", page.pk))


def _of_body(user: User, page: Page) -> Iterator[Standing]:
    owner = Body.objects.visible_to(user).filter(page_links__page=page, page_links__shared=False).first()
    for method in _in_force("body") if owner else ():
        kept = Score.objects.filter(method=method.code, body=owner).order_by("-month").first()
        if owner and kept and kept.pages > 1:  # of one page it is the page's own
            yield _standing(str(owner), method, kept, None, [], ("scores:body", owner.pk))


def _of_place(user: User, page: Page) -> Iterator[Standing]:
    place = _municipality(user, page)
    for method in _in_force("municipality") if place else ():
        kept = Score.objects.filter(method=method.code, territory=place).order_by("-month").first()
        told = OfficialScore.objects.filter(method=method.code, territory=place).order_by("-month").first()
        # Side by side stand only figures of one month: an official result of another month than our latest one has a line of its own.
        for month in dict.fromkeys(one.month for one in (kept, told) if one):
            of_month: dict[str, Any] = {"method": method.code, "territory": place, "month": month}
            ours, official = Score.objects.filter(**of_month).first(), OfficialScore.objects.filter(**of_month).first()
            if place:
                yield _standing(place.name, method, ours, official, [], ("scores:municipality", place.pk))


def _municipality(user: User, page: Page) -> Territory | None:
    link = PageBody.objects.filter(page=page, shared=False).select_related("body__territory").first()
    path = link.body.territory.path if link and link.body.territory else ""
    return territories(user).filter(pk__in=[int(part) for part in path.split("/") if part]).first()


def _in_force(subject: str) -> list[Any]:
    return [one for one in methods_for(subject) if one.in_force(timezone.localdate())]


def _standing(
    whose: str, method: Any, kept: Score | None, told: OfficialScore | None, gains: Sequence[tuple[str, Decimal]], opens: tuple[str, int]
) -> Standing:
    month, total = (told or kept).month if told or kept else None, kept.total if kept else None  # type: ignore[union-attr]
    query = {"method": method.code} | ({"month": f"{month:%Y-%m}"} if month else {})
    return Standing(whose, method.title, month, total, method.group(total), told.total if told else None, gains, Link(opens[0], (opens[1],), query))
