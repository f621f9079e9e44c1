"""What a person sees of several rooms at once."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from gospult.accounts.models import Person, Role
from gospult.desk.models import Answer, Case
from gospult.desk.queries import needs_approval
from gospult.desk.queries.rights import APPROVERS, may
from gospult.registry.models import Page, pages_of_steward, roles_of

ANSWERERS = frozenset({Role.STEWARD, Role.EXECUTOR})


@dataclass(frozen=True)
class Mine:
    """The cases of «Моя страница»: still open ones, the most urgent first, and how many were answered within a week."""

    pages: list[Page]
    open: QuerySet[Case]


def has_own_page(person: Person) -> bool:
    """Whether «Моя страница» is a screen of this person's."""
    return bool(roles_of(person) & ANSWERERS)


def home_of(person: Person) -> str:
    """The name of the screen that the person begins his day with."""
    roles = roles_of(person)
    return "office:my" if roles and roles <= {Role.STEWARD} else "desk:queue"


def my_page(person: Person) -> Mine:
    """What waits for the person, as far as he may see it."""
    cases = Case.objects.in_scope_of(person).open().select_related("topic", "territory", "page", "body")
    pages = Page.objects.filter(pk__in=pages_of_steward(person)).order_by("sort_name", "pk")
    return Mine(list(pages), cases.order_by("-danger", F("next_due_at").asc(nulls_last=True), "id"))


def publishes_alone(person: Person, case: Case, answer: Answer | None) -> bool:
    """Whether the person's answer leaves without another pair of eyes: he may approve, or the region asks nobody for such a case."""
    return may(person, case, APPROVERS) or not needs_approval(answer or Answer(case=case))
