"""What changes the world here: intake of events, delivery of replies and posts, files, connections."""

from .checking import check_token, check_tokens_due
from .connections import abilities, connect, disconnect, look_again, observe, serve_staff, set_mode
from .deeds import carry_out_due, confirm_deed, heard_done, look_back_due, order, repeat_deed
from .delivery import deliver_due, enqueue, found_published, give_up, publish_by_hand, read_back_due, repeat, withdraw
from .forgetting import forget, forget_replies, forget_strays
from .intake import BadEvent, FileRow, WrongSecret, accept, hand_over, record, take_in
from .inviting import choose_pilot, end_pilot, give_key, invite, invite_many, leave_pilot, open_link, revoke
from .media import attach, fetch_due, forget_due
from .polling import poll_due
from .posting import change_post, confirm_post, enqueue_post, publish_due, read_posts_back_due, repeat_post, withdraw_post
from .sweeping import goals_of, refresh_cards, resume_sweep, start_daily, start_history, start_sweep, stop_sweep, sweep_due, sweep_now, swept_networks
from .tidying import tidy_quotas
from .vault_keeping import drop_token, keep_token, reseal
from .watching import check_keys, hook_address, note_heard, watch_due

__all__ = [
    "BadEvent", "FileRow", "WrongSecret", "abilities", "accept", "attach", "carry_out_due", "change_post", "check_keys", "check_token",
    "check_tokens_due", "choose_pilot", "confirm_deed", "confirm_post", "connect", "deliver_due", "disconnect", "drop_token", "end_pilot",
    "enqueue", "enqueue_post", "fetch_due", "forget", "forget_due", "forget_replies", "forget_strays", "found_published", "give_key", "give_up",
    "goals_of", "hand_over", "heard_done", "hook_address", "invite", "invite_many", "keep_token", "leave_pilot", "look_again", "look_back_due",
    "note_heard", "observe", "open_link", "order", "poll_due", "publish_by_hand", "publish_due", "read_back_due", "read_posts_back_due", "record",
    "refresh_cards", "repeat", "repeat_deed", "repeat_post", "reseal", "resume_sweep", "revoke", "serve_staff", "set_mode", "start_daily",
    "start_history", "start_sweep", "stop_sweep", "sweep_due", "sweep_now", "swept_networks", "take_in", "tidy_quotas", "watch_due", "withdraw",
    "withdraw_post",
]  # fmt: skip
