"""What the directory tells; reads only."""

from .catalogue import Shown, browse, card_of, found, pages_of, places, public_bodies, spheres, structured
from .find import Answer, Hit, search
from .official import Verdict, check, last_checked
from .open_rows import open_rows

__all__ = [
    "Answer", "Hit", "Shown", "Verdict", "browse", "card_of", "check", "found", "last_checked", "open_rows", "pages_of", "places", "public_bodies",
    "search", "spheres", "structured",
]  # fmt: skip
