"""The comparison as a whole, and what the file no longer names."""

from ..importing import Export
from ..ledger import Action
from ..models.pages import State
from .bodies import bodies
from .pages import ABSENT, pages
from .registry import Plan, Registry

__all__ = ["Plan", "plan"]


def plan(export: Export) -> Plan:
    """Compare the export with the registry as it stands; a fixed number of queries whatever the size."""
    made = Plan(export, Registry())
    bodies(made)
    pages(made)
    _gone(made)
    return made


def _gone(made: Plan) -> None:
    """Only what an export once brought can be missing from an export."""
    named = {body.pk for body in made.bodies.values()}
    for body in made.registry.bodies:
        if body.listed and body.raw is not None and not body.gone_at and body.pk not in named:
            made.gone_bodies.append(body)
            if not made.partial:
                made.ledger.set(body, action=Action.GONE, gone_at=made.now)
    shown = {id(page) for page in made.pages.values()}
    for page in made.registry.pages:
        if page.network == "vk" and page.from_export and page.state in (State.PUBLISHED, State.DRAFT) and id(page) not in shown:
            made.gone_pages.append(page)
            made.ledger.set(page, action=Action.REVIEW, state=State.UNDER_REVIEW, review_reason=ABSENT)
