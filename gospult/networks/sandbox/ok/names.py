"""The sandbox's short numbers ↔ ids of the shapes that OK has: long groups and topics, comments in Base64, chats and messages in hex."""

import base64
import binascii
import re

from gospult.networks.sandbox.world import Page, Realm

GROUPS = 53_000_000_000_000
TOPICS = 155_000_000_000_000
TOPICS_OF_A_GROUP = 1_000_000
COMMENTS = 1_421_753_979_520
CHATS = 0x3EC000000000
MESSAGES = 0x15CEA600000000


def group(page: Page) -> str:
    """A group's id."""
    return str(GROUPS + page.id)


def page_of(realm: Realm, told: str) -> Page | None:
    """The page behind a group's id."""
    return realm.pages.get(int(told) - GROUPS) if told.isdecimal() else None


def topic(page: Page, post: int) -> str:
    """A topic's id."""
    return str(TOPICS + page.id * TOPICS_OF_A_GROUP + post)


def place(realm: Realm, told: str) -> tuple[Page, int] | None:
    """Page and post behind a topic's id, None when there is no such topic."""
    number, post = divmod(int(told) - TOPICS, TOPICS_OF_A_GROUP) if told.isdecimal() else (-1, 0)
    page = realm.pages.get(number)
    return (page, post) if page and post in page.posts else None


def comment(page: Page, number: int) -> str:
    """A comment's id: Base64 of five numbers."""
    when = COMMENTS + number
    return base64.b64encode(f"{when}:-{number}:{when}:{group(page)}:23".encode()).decode().rstrip("=")


def comment_number(told: str) -> int:
    """The comment behind its id; ValueError when it is none."""
    try:
        parts = base64.b64decode(told + "=" * (-len(told) % 4), validate=True).decode().split(":")
        return int(parts[1].removeprefix("-"))
    except (binascii.Error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"no such comment {told!r}") from error


def chat(peer: int) -> str:
    """The id of a dialogue with a person, without "chat:"."""
    return f"C{CHATS + peer:x}"


def peer(told: str) -> int:
    """The person behind a dialogue's id; ValueError when it is none."""
    if not re.fullmatch(r"C[0-9a-f]{6,16}", told):
        raise ValueError(f"no such chat {told!r}")
    return int(told[1:], 16) - CHATS


def message(page: Page, number: int) -> str:
    """A message's id, without "mid:"; KeyError when there is no such message."""
    return f"{chat(page.messages[number].peer_id)}.{MESSAGES + number:x}"


def message_number(told: str) -> int:
    """The message behind its id; ValueError when it is none."""
    return int(told.rpartition(".")[2], 16) - MESSAGES
