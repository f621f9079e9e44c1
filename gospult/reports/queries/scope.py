"""Whose and where: what a report looks at, as far as the reader may see it."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from gospult.accounts.models import Role
from gospult.desk.models import Case
from gospult.desk.queries import rating
from gospult.monitoring.models import PageMonth
from gospult.registry.models import Body, Page, PageBody, Territory
from gospult.registry.models.access import EVERYTHING, SEES, Grant, User, live_on, pages_of_steward
from gospult.registry.models.bodies import BodyQuerySet
from gospult.registry.models.pages import PageQuerySet
from gospult.registry.queries import has_role, scope_q

from ..periods import Period
from ..wording import joined

WHOLE = ("region", "federal")
READERS = (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN)
WRITERS = (*READERS, Role.EDITOR)
NAMED = 3  # grants; more would make no title


def reads(user: User) -> bool:
    """Whether reports are a screen of this person's."""
    return has_role(user, *READERS)


def writes(user: User) -> bool:
    """Whether «Сводка для СМИ» is a screen of this person's: an editor writes of pages, and of cases only what he may see."""
    return has_role(user, *WRITERS)


@dataclass(frozen=True)
class Asked:
    """A period and a place. `user` None is the house itself (the command line): everything."""

    period: Period
    user: User | None = None
    territory: Territory | None = None
    body: Body | None = None

    def at(self, period: Period) -> "Asked":
        """The same of another period."""
        return replace(self, period=period)

    @cached_property
    def place(self) -> str:
        """The place in words: what was chosen, after the grants where the person sees only a part of it."""
        chosen = ([str(self.body)] if self.body else []) + ([self.territory.name] if self.territory else [])
        seen = scope_q(self.user, body_field="", page_field=None) if self.user else EVERYTHING
        if self.user is None or seen == EVERYTHING:
            return ", ".join(chosen) or _region() or "Все организации"
        grants = Grant.objects.filter(live_on(), person_id=self.user.pk or 0, role__in=SEES).select_related("body", "territory").order_by("pk")
        if chosen and any(_within(self.body, one.body) and _within(self.territory, one.territory) for one in grants):
            return ", ".join(chosen)
        named = list(dict.fromkeys(", ".join(str(part) for part in (one.body, one.territory) if part) for one in grants))
        besides = Page.objects.filter(pk__in=pages_of_steward(self.user)).exclude(bodies__in=Body.objects.filter(seen))  # kept, in no branch
        return "; ".join([joined(named) if 0 < len(named) <= NAMED and not besides.exists() else "видимые вам страницы", *chosen])

    @property
    def narrowed(self) -> bool:
        """Whether only a part of what the reader sees is asked for."""
        return bool(self.body or (self.territory and self.territory.level not in WHOLE))

    @cached_property
    def bodies(self) -> BodyQuerySet:
        """The bodies of the place."""
        found = Body.objects.visible_to(self.user) if self.user else Body.objects.all()
        return found.filter(self.of_bodies(""))

    def of_bodies(self, field: str) -> Q:
        """What the place asks of a body behind the field ("" = of the bodies themselves)."""
        prefix, asked = f"{field}__" if field else "", Q()
        if self.body:
            asked &= Q(**{f"{prefix}path__startswith": self.body.path or "-"})
        if self.territory and self.territory.level not in WHOLE:
            asked &= Q(**{f"{prefix}territory__path__startswith": self.territory.path or "-"})
        return asked

    @cached_property
    def pages(self) -> PageQuerySet:
        """The pages of the place, the archived ones too: a month of the past has them."""
        found = Page.objects.visible_to(self.user) if self.user else Page.objects.all()
        if self.narrowed:
            found = found.filter(pk__in=PageBody.objects.filter(self.of_bodies("body")).values("page"))
        return found

    @cached_property
    def page_keys(self) -> list[int]:
        """Their keys, named: with a condition in a condition the database takes a branch for half of the region."""
        return list(self.pages.order_by().values_list("pk", flat=True))

    @cached_property
    def municipalities(self) -> dict[int, int]:
        """Each territory and the municipality that it lies in; regions are left out."""
        rows = list(Territory.objects.filter(level__in=["municipality", "settlement"]).values_list("pk", "path", "level"))
        known = {pk for pk, _, level in rows if level == "municipality"}
        return {pk: top for pk, path, _ in rows for top in (int(part) for part in path.split("/") if part) if top in known}

    @property
    def sees_all_pages(self) -> bool:
        """Whether nothing is left out, so that months can be summed without a look at the registry."""
        return not self.narrowed and (self.user is None or not self.pages.query.where)

    @property
    def months(self) -> QuerySet[PageMonth]:
        """Months of these pages."""
        return PageMonth.objects.all() if self.sees_all_pages else PageMonth.objects.filter(page__in=self.pages.values("pk"))

    def rated(self) -> QuerySet[Case]:
        """The cases that the desk's rating counts, opened in the period, of the bodies of the place."""
        days = rating.Asked(self.period.since, self.period.seen_until, self.body.pk if self.body else None)
        return self._seen(rating.rated_cases(days), days)

    def opened(self) -> QuerySet[Case]:
        """All cases opened in the period, thanks and spam too; merged ones count where they went."""
        days = rating.Asked(self.period.since, self.period.seen_until, self.body.pk if self.body else None)
        return self._seen(rating.opened_cases(days), days)

    def _seen(self, cases: QuerySet[Case], days: rating.Asked) -> QuerySet[Case]:
        if self.user and not rating.sees_all(self.user):
            return cases.filter(self.of_bodies("body"), body__in=rating.bodies_of(self.user, days))
        return cases.filter(self.of_bodies("body"))

    def address(self) -> dict[str, str]:
        """The place and the period as the address line of the reports' screens names them."""
        found: dict[str, Any] = {"kind": self.period.kind, "since": f"{self.period.since}", "until": f"{self.period.until}"}
        found |= {"territory": str(self.territory.pk)} if self.territory else {}
        return found | ({"body": str(self.body.pk)} if self.body else {})


def _within(chosen: Body | Territory | None, granted: Body | Territory | None) -> bool:
    return granted is None or bool(chosen and granted.path and chosen.path.startswith(granted.path))


def _region() -> str:
    return Territory.objects.filter(level="region").values_list("name", flat=True).first() or ""
