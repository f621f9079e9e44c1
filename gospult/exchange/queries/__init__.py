"""Reading what the exchange knows."""

from .budgets import calls_left, calls_made, waiting
from .connectors import address, connector, connector_with, kinds_of, post_address, service_connector, service_kinds, token_connector
from .deeds import can_do, has_way
from .faults import BROKEN, FAULTS, Fault, PageState, faults, page_states
from .health import oldest_unfinished
from .progress import STEPS, find_progress, nothing_begun, pilot_pages, pilot_today, step_counts, stepped, with_rows
from .replies import can_publish, hears_native, is_autoreply, is_copied, is_our_echo, term_over
from .sweeps import PAST, pages_to_sweep, plan_wall_pass, sweeps, wall_calls_left, wall_plans
from .tokens import granted, troubled_tokens

__all__ = [
    "BROKEN", "FAULTS", "PAST", "STEPS", "Fault", "PageState", "address", "calls_left", "calls_made", "can_do", "can_publish", "connector",
    "connector_with", "faults", "find_progress", "granted", "has_way", "hears_native", "is_autoreply", "is_copied", "is_our_echo", "kinds_of",
    "nothing_begun", "oldest_unfinished", "page_states", "pages_to_sweep", "pilot_pages", "pilot_today", "plan_wall_pass", "post_address",
    "service_connector", "service_kinds", "step_counts", "stepped", "sweeps", "term_over", "token_connector", "troubled_tokens", "waiting",
    "wall_calls_left", "wall_plans", "with_rows",
]  # fmt: skip
