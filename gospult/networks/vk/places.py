"""Ids of posts, comments, threads and dialogues as numbers of VK; what cannot be one is refused before anything is asked."""

import re

from gospult.networks.base import NetworkError

COMMENT = re.compile(r"c(\d+)")
COMMENT_THREAD = re.compile(r"w(\d+)_(\d+)")
DM_THREAD = re.compile(r"d(-?\d+)")


def post_number(post_id: str) -> int:
    """A post's number on its wall; NetworkError "invalid"."""
    if not (post_id.isascii() and post_id.isdecimal()):
        raise NetworkError(f"VK: нет такой записи {post_id!r}", fault="invalid", permanent=True)
    return int(post_id)


def comment_number(external_id: str) -> int:
    """A comment's number on its wall; NetworkError "invalid"."""
    return int(_match(COMMENT, external_id, "комментария")[1])


def place(thread_id: str) -> tuple[int, int]:
    """The post and the top comment of a thread; NetworkError "invalid"."""
    match = _match(COMMENT_THREAD, thread_id, "ветки")
    return int(match[1]), int(match[2])


def peer_number(thread_id: str) -> int:
    """The person of a dialogue; NetworkError "invalid"."""
    return int(_match(DM_THREAD, thread_id, "диалога")[1])


def _match(shape: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    # The id of a dialogue is the id of a person: no error names a thread.
    if not (match := shape.fullmatch(text)):
        raise NetworkError(f"VK: нет такого {what}" if what != "ветки" else "VK: нет такой ветки", fault="invalid", permanent=True)
    return match
