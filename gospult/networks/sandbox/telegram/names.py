"""The chats of a page: its channel, the discussion group linked to it, and the bot that is an administrator of both."""

from typing import Any

from gospult.networks.sandbox.world import Page, World

Json = dict[str, Any]
CHANNELS, GROUPS, BOTS = 1_000_000_000, 2_000_000_000, 7_000_000_000
# Accounts of Telegram itself, as Bot API shows them.
TELEGRAM: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
CHANNEL_BOT: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}


def channel_id(page: Page) -> int:
    """The chat id of a page's channel."""
    return int(f"-100{CHANNELS + page.id}")


def group_id(page: Page) -> int:
    """The chat id of a page's discussion group."""
    return int(f"-100{GROUPS + page.id}")


def linked(page: Page) -> bool:
    """Whether the channel has a discussion group; `extra` may say that it has none."""
    return bool(page.extra.get("linked", True))


def channel(page: Page) -> Json:
    """The channel as a Chat."""
    return {"id": channel_id(page), "type": "channel", "title": page.name, "username": page.handle}


def group(page: Page) -> Json:
    """The discussion group as a Chat."""
    return {"id": group_id(page), "type": "supergroup", "title": f"{page.name} — обсуждение"}


def person(world: World, page: Page, number: int) -> Json:
    """A resident as a User."""
    first, _, last = world.name_of(page, number).partition(" ")
    return {"id": number, "is_bot": False, "first_name": first} | ({"last_name": last} if last else {})


def private(world: World, page: Page, number: int) -> Json:
    """The dialogue with a resident as a Chat."""
    return {"type": "private"} | {key: value for key, value in person(world, page, number).items() if key != "is_bot"}


def bot(page: Page) -> Json:
    """The page's bot as a User; a real token begins with the bot's id."""
    number = page.tokens.get("bot", "").split(":")[0]
    return {"id": int(number) if number.isdecimal() else BOTS + page.id, "is_bot": True, "first_name": page.name, "username": f"{page.handle}_bot"}
