"""Everything that changes the registry, cut by noun. Each is keyword-only, `by=`, atomic and leaves one journal line."""

from .absences import begin_absence, end_absence
from .access import appoint_steward, dismiss_steward, grant, revoke
from .exporting import export_registry
from .imports import Result, apply_import, drop_previews, import_registry, preview_import, undo_import
from .pages import change_handle, end_exemption, exempt, review_page
from .region import load_region

__all__ = [
    "Result",
    "apply_import",
    "appoint_steward",
    "begin_absence",
    "change_handle",
    "dismiss_steward",
    "drop_previews",
    "end_absence",
    "end_exemption",
    "exempt",
    "export_registry",
    "grant",
    "import_registry",
    "load_region",
    "preview_import",
    "review_page",
    "revoke",
    "undo_import",
]
