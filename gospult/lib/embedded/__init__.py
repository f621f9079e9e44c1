"""PostgreSQL without an administrator: one private server per home folder.

The first process that asks starts the server, the last one stops it. Only locks of the kernel are
used, so a killed process leaves nothing to clean up. Why it is done this way: docs/decisions/0002.
"""

from .home import find_home
from .programs import find_programs
from .use import discard, ensure, release, start

__all__ = ["discard", "ensure", "find_home", "find_programs", "release", "start"]
