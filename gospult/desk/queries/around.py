"""Where an answer of a case will stand: who reads it, on whose page, beside which direct messages."""

from gospult.registry.models import Body, Sphere

from ..models import Case
from ..moderation import rules
from ..privacy import Around
from .thinking import owner_of


def around(case: Case) -> Around:
    """What privacy has to know of the place of an answer."""
    messages = case.message_set.filter(deleted_at=None, forgotten_at=None)
    owner = owner_of(case.page)
    return Around(
        public=messages.filter(channel="comment").exists(),
        spheres=_sensitive(owner) | _sensitive(case.body),
        own=tuple(line for body in (owner, case.body) if body for line in (body.contact_phone, body.contact_email) if line),
        dms=list(messages.filter(channel="dm").exclude(text="").values_list("text", flat=True)[:50]),
        danger=case.danger,
    )


def _sensitive(body: Body | None) -> frozenset[str]:
    """Which of the kinds of pages that confirm nothing a body belongs to, by the region's list of its spheres."""
    if body is None:
        return frozenset()
    mine = {word.lower() for pair in Sphere.objects.filter(bodies=body).values_list("code", "name") for word in pair}
    return frozenset(kind for kind, words in rules().sensitive.items() if any(own.startswith(word) for own in mine for word in words))
