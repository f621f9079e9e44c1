"""How MAX names things: chat ids, message ids that hold a chat and a place in it, the bot behind a page."""

import re

from gospult.networks.sandbox.world import Comment, Message, Page, Post

FIRST_CHANNEL = -70_000_000_000_000
DIALOGUES = 1_000_000_000  # dialogue with a person = the page's number times this, plus the person's
FIRST_BOT = 229_000_000
FIRST_SEQ = 116_000_000_000_000_000
MASK = 0xFFFF_FFFF_FFFF_FFFF
MID = re.compile(r"mid\.([0-9a-f]{16})([0-9a-f]{16})")


def channel(page: Page) -> int:
    """The chat id of a page's channel: negative, as of everything that is no dialogue."""
    return FIRST_CHANNEL - page.id


def dialogue(page: Page, person: int) -> int:
    """The chat id of the bot's dialogue with a person."""
    return page.id * DIALOGUES + person


def bot(page: Page) -> int:
    """The user id of the page's bot."""
    return FIRST_BOT + page.id


def sequence(number: int) -> int:
    """A message's place in its chat."""
    return FIRST_SEQ + number


def mid(chat: int, number: int) -> str:
    """A message's id: "mid." and 16 hex digits each of its chat and of its place there."""
    return f"mid.{chat & MASK:016x}{sequence(number):016x}"


def mid_of(page: Page, item: Post | Comment | Message) -> str:
    """The id of what stands in the channel or in a dialogue."""
    return mid(dialogue(page, item.peer_id) if isinstance(item, Message) else channel(page), item.id)


def parse(name: str) -> tuple[int, int]:
    """(chat id, number) of a mid; ValueError when it is none."""
    found = MID.fullmatch(name)
    if not found:
        raise ValueError(f"no such message {name!r}")
    chat = int(found[1], 16)
    return chat - (1 << 64) if chat >> 63 else chat, int(found[2], 16) - FIRST_SEQ


def owner(chat: int) -> tuple[int, int]:
    """(the page's number, the person's or 0 for the channel) behind a chat id."""
    return (FIRST_CHANNEL - chat, 0) if chat < 0 else divmod(chat, DIALOGUES)
