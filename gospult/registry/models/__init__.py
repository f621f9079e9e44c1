"""Tables of the registry, cut by noun."""

from .absences import Absence
from .access import (
    SEES,
    Grant,
    Steward,
    has_role,
    live_on,
    pages_of_steward,
    roles_of,
    scope_q,
)
from .bodies import Body, BodySphere, Exemption
from .imports import ImportChange, PageFacts, RegistryImport
from .pages import Page, PageBody, PageHandle
from .places import Sphere, Territory

__all__ = [
    "SEES",
    "Absence",
    "Body",
    "BodySphere",
    "Exemption",
    "Grant",
    "ImportChange",
    "Page",
    "PageBody",
    "PageFacts",
    "PageHandle",
    "RegistryImport",
    "Sphere",
    "Steward",
    "Territory",
    "has_role",
    "live_on",
    "pages_of_steward",
    "roles_of",
    "scope_q",
]
