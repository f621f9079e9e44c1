"""Figures of the audience for screens, reports and the command line."""

from .estimates import Chosen, chosen, common
from .figures import Figure, Headline, earlier, headline, heat, latest, rows
from .lists import known_network, networks, reads_audience, shares, spheres_of, territories
from .whole import whole

__all__ = [
    "Chosen", "Figure", "Headline", "chosen", "common", "earlier", "headline", "heat", "known_network", "latest", "networks", "reads_audience",
    "rows", "shares", "spheres_of", "territories", "whole",
]  # fmt: skip
