"""Plain data for screens and actions; nothing is written here."""

from ..moderation import rules as moderation_rules
from .alarms import alarms_of, first_in_queue
from .approval import Need, Standing, approve_by, may_sign, need_of, needs_approval, standing
from .around import around
from .case import clock_basis, clock_events, clock_lines, clocks_of, question_of, recent_texts, recipients, sent_back_at, similar, thread_of
from .deadlines import Basis, Book, basis_of, book, deadlines_for, named_day, named_days, read_book, rule_of
from .hidings import hidable, hide_choices, hidings_by_message
from .photos import public_photos
from .presence import others_at, writer_of
from .queue import COUNT_LIMIT, TO_DO, VIEWS, counts, in_view, queue
from .ready import known_of, ready_for, template_answers, template_share
from .searching import rows_of, search_page, show_hits
from .spelling import understand
from .thinking import Found, Verdict, body_for, judge, known_places, known_topics, owner_of

__all__ = [
    "COUNT_LIMIT", "TO_DO", "VIEWS", "Basis", "Book", "Found", "Need", "Standing", "Verdict", "alarms_of", "approve_by", "around", "basis_of",
    "body_for", "book", "clock_basis", "clock_events", "clock_lines", "clocks_of", "counts", "deadlines_for", "first_in_queue", "hidable",
    "hide_choices", "hidings_by_message", "in_view", "judge", "known_of", "known_places", "known_topics", "may_sign", "moderation_rules",
    "named_day", "named_days", "need_of", "needs_approval", "others_at", "owner_of", "public_photos", "question_of", "queue", "read_book",
    "ready_for", "recent_texts", "recipients", "rows_of", "rule_of", "search_page", "sent_back_at", "show_hits", "similar", "standing",
    "template_answers", "template_share", "thread_of", "understand", "writer_of",
]  # fmt: skip
