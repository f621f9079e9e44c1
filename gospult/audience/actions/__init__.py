"""What can be done with the audience."""

from .building import start_build, stop_build, work_due
from .importing import build_from_pairs
from .selecting import drop_selection, save_selection
from .thinning import thin

__all__ = ["build_from_pairs", "drop_selection", "save_selection", "start_build", "stop_build", "thin", "work_due"]
