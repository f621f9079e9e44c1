"""What changes the world on the desk: taking messages, sorting and routing cases, answering, control."""

from .answering import (
    approve,
    attach_photo,
    detach_photo,
    mark_published,
    native_answer,
    retry,
    return_draft,
    save_draft,
    send,
    settle_due,
    submit,
    withdraw,
)
from .control import close, reopen, return_for_rework
from .events import happened, recount
from .exporting import export_cases
from .forgetting import forget_due
from .importing import import_messages
from .loading import load_classifier
from .merging import merge, split, unmerge
from .presence import hold, let_go, look, take_over
from .sorting import bounce, route, set_kind, set_place, set_topic
from .taking import take, take_waiting
from .views import move_view, remove_view, rename_view, save_view

__all__ = [
    "approve", "attach_photo", "bounce", "close", "detach_photo", "export_cases", "forget_due", "happened", "hold", "import_messages", "let_go",
    "load_classifier", "look", "mark_published", "merge", "move_view", "native_answer", "recount", "remove_view", "rename_view", "reopen",
    "retry", "return_draft", "return_for_rework", "route", "save_draft", "save_view", "send", "set_kind", "set_place", "set_topic", "settle_due",
    "split", "submit", "take", "take_over", "take_waiting", "unmerge", "withdraw",
]  # fmt: skip
