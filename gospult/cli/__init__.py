"""The `gospult` command: usage errors exit with 2, found problems and refusals with 1.

Rooms are imported inside the commands, so that `--help` costs nothing and needs no database.
"""

from .face import main

__all__ = ["main"]
