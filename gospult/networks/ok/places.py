"""Our names of OK's things ↔ OK's own: threads, comments, messages, topics."""

import re

from gospult.networks.base import NetworkError

# A comment's id is Base64 of five numbers; those of the first years were numbers.
COMMENT = r"\d+|[\w+/=.:-]{8,}"
COMMENT_THREAD = re.compile(rf"w(\d+)_({COMMENT})", re.ASCII)
COMMENT_ID = re.compile(rf"c({COMMENT})", re.ASCII)
DM_THREAD = re.compile(r"d([\w-]+)", re.ASCII)


def topic(post_id: str) -> str:
    """A topic's number; NetworkError "invalid" when it is none."""
    if not post_id.isdecimal():
        raise _invalid("нет такой темы")
    return post_id


def place(thread_id: str) -> tuple[str, str]:
    """Topic and opening comment of a thread "w…"; NetworkError "invalid" when it is no such thread."""
    if not (match := COMMENT_THREAD.fullmatch(thread_id)):
        raise _invalid("нет такой ветки")
    return match[1], match[2]


def comment(external_id: str) -> str:
    """OK's id of a comment "c…"; NetworkError "invalid" when it is none."""
    if not (match := COMMENT_ID.fullmatch(external_id)):
        raise _invalid("нет такого комментария")
    return match[1]


def chat(thread_id: str) -> str:
    """OK's id of a dialogue "d…"; NetworkError "invalid" when it is no such thread."""
    # A dialogue names a person: no error repeats it.
    if not (match := DM_THREAD.fullmatch(thread_id)):
        raise _invalid("нет такого диалога")
    return f"chat:{match[1]}"


def message(external_id: str) -> str:
    """OK's id of a message "m…", "" for none."""
    return f"mid:{external_id[1:]}" if external_id.startswith("m") else ""


def _invalid(words: str) -> NetworkError:
    return NetworkError(f"OK: {words}", fault="invalid", permanent=True)
