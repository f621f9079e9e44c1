"""Plain data for screens and actions; nothing is written here."""

from .case import clock_lines, clocks_of, question_of, recent_texts, recipients, sent_back_at, similar, thread_of
from .presence import others_at, writer_of
from .queue import COUNT_LIMIT, TO_DO, VIEWS, counts, in_view, queue
from .thinking import Found, Verdict, body_for, judge, known_places, known_topics, owner_of

__all__ = [
    "COUNT_LIMIT", "TO_DO", "VIEWS", "Found", "Verdict", "body_for", "clock_lines", "clocks_of", "counts", "in_view", "judge", "known_places",
    "known_topics", "others_at", "owner_of", "question_of", "queue", "recent_texts", "recipients", "sent_back_at", "similar", "thread_of",
    "writer_of",
]  # fmt: skip
