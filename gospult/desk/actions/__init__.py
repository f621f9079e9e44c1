"""What changes the world on the desk: taking messages, sorting and routing cases, answering, control."""

from .alarming import acknowledge
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
    to_private,
    withdraw,
)
from .appealing import decide_appeal, forget_appeals, record_appeal
from .approving import remind_approvers, retire_policy, set_away, set_policy, sign
from .banning import ban_again, ban_by_hand, confirm_ban, decline_ban, forget_bans, lift_ban, lift_due, propose_ban
from .bouncing import bounce, set_limit
from .bulking import Undone, bulk, forget_bulks, undo_bulk
from .control import close, reopen, return_for_rework
from .escalating import escalate
from .events import happened, recount
from .exporting import export_cases
from .figures import fill_figures
from .foreign import (
    forget_foreign,
    import_foreign,
    insist_answer,
    match_again,
    note_foreign,
    queue_foreign,
    show_foreign,
    stop_foreign,
    tie_by_hand,
    untie,
    work_foreign,
)
from .forgetting import forget_due
from .handing import answer_handover, drop_handover, extend_handover, forward_handover, hand_over, register_handover
from .hiding import give_back, hidden_by_hand, hide, look_over, returned_by_hand, try_again
from .importing import import_messages
from .inspecting import decide_objection, draw_due, draw_sample, inspect, raise_objection
from .loading import load_classifier
from .marking import give_mark, hear, marked_answer
from .merging import merge, split, unmerge
from .noting import edit_note, forget_notes, remove_note, write_note
from .pausing import pause, resume, resume_due
from .presence import hold, let_go, look, take_over
from .proofs import insist, pair_photo
from .rating import export_rating
from .ready import put_template, retire_template, write_template
from .recounting import apply_recount, drop_recount, go_on_recount, recount_many, start_recount, stop_recount, work_recounts
from .replying import take_replies
from .route_files import export_rules, import_rules
from .routes import RuleDraft, add_rule, change_rule, end_rule
from .setting import add_calendar, change_calendar, drop_deadlines, give_calendar, set_days, set_deadlines
from .settling import settle_deeds
from .sorting import route, set_kind, set_place, set_topic
from .taking import take, take_waiting
from .tasking import ask, cancel_task, finish_task, forget_tasks, give_task_back, remind_tasks
from .views import move_view, remove_view, rename_view, save_view
from .words import gather_words

__all__ = [
    "RuleDraft", "Undone", "acknowledge", "add_calendar", "add_rule", "answer_handover", "apply_recount", "approve", "ask", "attach_photo",
    "ban_again", "ban_by_hand", "bounce", "bulk", "cancel_task", "change_calendar", "change_rule", "close", "confirm_ban", "decide_appeal",
    "decide_objection", "decline_ban", "detach_photo", "draw_due", "draw_sample", "drop_deadlines", "drop_handover", "drop_recount", "edit_note",
    "end_rule", "escalate", "export_cases", "export_rating", "export_rules", "extend_handover", "fill_figures", "finish_task", "forget_appeals",
    "forget_bans", "forget_bulks", "forget_due", "forget_foreign", "forget_notes", "forget_tasks", "forward_handover", "gather_words", "give_back",
    "give_calendar", "give_mark", "give_task_back", "go_on_recount", "hand_over", "happened", "hear", "hidden_by_hand", "hide", "hold",
    "import_foreign", "import_messages", "import_rules", "insist", "insist_answer", "inspect", "let_go", "lift_ban", "lift_due", "load_classifier",
    "look", "look_over", "mark_published", "marked_answer", "match_again", "merge", "move_view", "native_answer", "note_foreign", "pair_photo",
    "pause", "propose_ban", "put_template", "queue_foreign", "raise_objection", "record_appeal", "recount", "recount_many", "register_handover",
    "remind_approvers", "remind_tasks", "remove_note", "remove_view", "rename_view", "reopen", "resume", "resume_due", "retire_policy",
    "retire_template", "retry", "return_draft", "return_for_rework", "returned_by_hand", "route", "save_draft", "save_view", "send", "set_away",
    "set_days", "set_deadlines", "set_kind", "set_limit", "set_place", "set_policy", "set_topic", "settle_deeds", "settle_due", "show_foreign",
    "sign", "split", "start_recount", "stop_foreign", "stop_recount", "submit", "take", "take_over", "take_replies", "take_waiting", "tie_by_hand",
    "to_private", "try_again", "undo_bulk", "unmerge", "untie", "withdraw", "work_foreign", "work_recounts", "write_note", "write_template",
]  # fmt: skip
