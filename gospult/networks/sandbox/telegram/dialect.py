"""Telegram: Bot API under /telegram/bot<token>/, files under /telegram/file/bot<token>/, updates by webhook or long poll."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from gospult.networks.sandbox.dialect import Dialect, Item, Json, Request, Response
from gospult.networks.sandbox.telegram import api, names, shapes, updates
from gospult.networks.sandbox.telegram.gate import BotError, error_body, too_many
from gospult.networks.sandbox.world import Comment, Page, Post

FIRST_UPDATE = 870_000_001
FLOOD = 30  # seconds of the pause after a flood


class TelegramDialect(Dialect):
    """Bot API 10.1. A page is a channel with its discussion group and one bot, which sees both and the dialogues with itself.

    `extra` of a page: linked (bool), bot, in_channel, in_group (what differs in getMe and getChatMember), else keys of getChat.
    """

    code: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    kinds: ClassVar[tuple[str, ...]] = ("bot",)
    closes: ClassVar[bool] = False  # comments of one post cannot be closed, only the whole group

    def opened(self, page: Page) -> None:
        """own: numbers of the bot's comments; albums: item → numbers of its messages; confirmed: how many updates were taken."""
        page.kept |= {"own": set(), "albums": {}, "speaking": False, "allowed": [], "confirmed": 0, "poll": "", "update": FIRST_UPDATE}

    # Being called

    def method(self, request: Request) -> str:
        """The name of the method, or "file"."""
        match request.parts:
            case [bot, name] if bot.startswith("bot"):
                return name
            case ["file", bot, _, *_] if bot.startswith("bot"):
                return "file"
            case _:
                return ""

    def answer(self, request: Request) -> Response:
        """`result`, or an error with the HTTP status that it names."""
        if request.parts[0] == "file":
            return api.download(self.deeds, request.parts[1].removeprefix("bot"), "/".join(request.parts[2:]))
        return api.answer(self.deeds, self.courier, request.parts[0].removeprefix("bot"), request.parts[1], request)

    def failure(self, fault: str, request: Request) -> Response:
        """Telegram knows one word for too much, with a longer or a shorter pause."""
        if fault not in {"too_fast", "flood", "internal"}:
            raise ValueError(f"Telegram never says {fault}")
        error = BotError(500, "Internal Server Error") if fault == "internal" else too_many(FLOOD if fault == "flood" else 1)
        return Response(error.status, error_body(error))

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        """c/<group>/<comment>, <handle>/<post>, c/<channel>/<post> and d/<page>/<person>."""
        for page in self.realm.pages.values():
            match parts:
                case ["c", chat, number] if names.group_id(page) == int(f"-100{chat}" if chat.isdecimal() else "0"):
                    return f"/telegram/wall/{page.id}#c{quote(number)}"
                case ["c", chat, number] if names.channel_id(page) == int(f"-100{chat}" if chat.isdecimal() else "0"):
                    return f"/telegram/wall/{page.id}#p{quote(number)}"
                case [handle, number] if handle == page.handle:
                    return f"/telegram/wall/{page.id}#p{quote(number)}"
                case ["d", chat, number] if chat in {str(names.channel_id(page)), f"@{page.handle}"}:
                    return f"/telegram/dialogue/{page.id}?sel={quote(number)}"
        return ""

    # Calling

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        """Updates; Telegram tells nothing about deletions, and a bot hears nothing of what it says itself."""
        own = page.kept["speaking"]
        if isinstance(item, Comment) and own and deed == "said":
            page.kept["own"].add(item.id)
        said = shapes.messages(self.world, page, item)  # also of its own: the numbers of an album are given here
        if isinstance(item, Post):
            forwards = shapes.forward(self.world, page, item) if names.linked(page) else []
            return [*([] if own else self._updates(page, "channel_post", said)), *self._updates(page, "message", forwards)]
        heard = not own and item.from_id != 0 and not (item.from_id < 0 and not isinstance(item, Comment))
        label = {"said": "message", "edited": "edited_message"}.get(deed, "")
        return self._updates(page, label, said) if heard and label else []

    def _updates(self, page: Page, label: str, messages: list[Json]) -> list[Json]:
        return [self.stray(page, label, message) for message in messages] if updates.wanted(page, label) else []

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        """Every update carries a number, one greater than the last."""
        page.kept["update"] += 1
        return {"update_id": page.kept["update"], label: thing}

    def headers(self, page: Page) -> dict[str, str]:
        """The secret of setWebhook."""
        return updates.headers(page)

    # Names of ids

    def external_id(self, page: Page) -> str:
        """The chat id of the channel."""
        return str(names.channel_id(page))

    def post_id(self, page: Page, post: int) -> str:
        """An album's id names all its messages."""
        return ",".join(str(number) for number in page.kept["albums"].get(("Post", post), [post]))

    def post_number(self, page: Page, name: str) -> int:
        """The first message of a post."""
        return int(name.split(",")[0])

    def comment_id(self, page: Page, number: int) -> str:
        """ "c<group>_<message>"."""
        return f"c{names.GROUPS + page.id}_{number}"

    def message_id(self, page: Page, number: int) -> str:
        """ "m<message>_<second>"."""
        known = page.messages.get(number)
        return f"m{number}_{known.at if known else 0}"

    def comment_thread(self, page: Page, item: Comment) -> str:
        """ "w<group>_<opener>"; of a reply to a reply Bot API itself tells only the message that is answered."""
        return f"w{names.GROUPS + page.id}_{item.opener}"

    def number(self, page: Page, name: str) -> int:
        """The message behind "c…" or "m…"."""
        if found := re.fullmatch(r"c\d+_(\d+)|m(\d+)_\d+", name):
            return int(found[1] or found[2])
        raise ValueError(f"no such id {name!r}")

    def place(self, page: Page, thread: str) -> tuple[int, int]:
        """The post of the opener, else the latest one: the thread itself does not name it."""
        if found := re.fullmatch(r"w\d+_(\d+)", thread):
            opener = page.comments.get(int(found[1]))
            return opener.post_id if opener else max(page.posts, default=0), int(found[1])
        return super().place(page, thread)
