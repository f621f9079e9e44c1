"""What the scores say: plain data for screens, files and the command line."""

from .computing import compute

__all__ = ["compute"]
