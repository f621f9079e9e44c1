"""What we ask of Telegram: everything with the token of one bot, an administrator of the channel and of its discussion group."""

import hmac
import mimetypes
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from gospult.networks.base import (
    UNHURRIED,
    Credentials,
    Event,
    NetworkError,
    Pacer,
    PageCard,
    PlaceKind,
    Post,
    PostRoom,
    Rights,
    Sent,
    TokenKind,
    Utterance,
    UtteranceKind,
    Webhook,
)
from gospult.networks.raw import as_map
from gospult.networks.telegram import parse
from gospult.networks.telegram.client import BASE_URL, Client
from gospult.networks.telegram.pictures import Pictures
from gospult.networks.telegram.rights import granted

BOT: TokenKind = "bot"
# What a screen may offer → the calls that it needs. Bot API has no call that reads what was said.
NEEDS: dict[str, tuple[str, ...]] = {
    "card": ("getChat", "getChatMemberCount"),
    "rights": ("getMe", "getChat", "getChatMember"),
    "fetch": ("getFile",),
    "webhook": ("getWebhookInfo", "setWebhook"),
    "reply_comment": ("sendMessage",),
    "reply_dm": ("sendMessage",),
    "upload_comment": ("sendPhoto", "sendMediaGroup"),
    "upload_dm": ("sendPhoto", "sendMediaGroup"),
    "upload_post": ("sendPhoto", "sendMediaGroup"),
    "publish": ("sendMessage",),
    "edit_post": ("editMessageText", "editMessageCaption"),
    "delete_post": ("deleteMessage", "deleteMessages"),
    "hide": ("deleteMessage",),
    "ban": ("getChat", "banChatMember"),
    "unban": ("getChat", "unbanChatMember"),
}
SITE = "https://t.me/"
UPDATES = ["message", "edited_message", "channel_post"]
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes for a secret
FRESH_FAILURE = 3600  # seconds: an older failure with events still waiting means that Telegram is between two tries
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
SHORTEST_BAN = 60  # seconds

POST = re.compile(r"\d+(,\d+)*")  # an album is as many messages as it has pictures
COMMENT_THREAD = re.compile(r"w(\d+)_(\d+)")
DM_THREAD = re.compile(r"d(\d+)")
SAID = re.compile(r"(?:c\d+_(\d+)|m(\d+)_\d+)")


class Telegram:
    """The connector of Telegram; see `gospult.networks.base.Network`. The pacer is asked before every call."""

    code: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    kinds: ClassVar[tuple[TokenKind, ...]] = (BOT,)
    guards: ClassVar[bool] = False
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"comment", "dm"})
    tells: ClassVar[frozenset[str]] = frozenset({"native_comment", "edited_comment", "edited_dm"})
    flat_threads: ClassVar[bool] = True
    tells_posts: ClassVar[bool] = True
    post_room: ClassVar[PostRoom] = PostRoom(LONGEST_TEXT, LONGEST_CAPTION)

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._page = _chat(credentials.page_id)
        self._tokens = credentials.tokens
        self._client = Client(credentials.tokens, base_url=base_url, ca_file=ca_file, timeout=timeout, pacer=pacer)
        self._pictures = Pictures()

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow: everything in NEEDS with a bot's token, nothing without."""
        return frozenset(NEEDS) if BOT in kinds else frozenset()

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether the call carries the secret that `subscribe` gave; a page without a secret trusts nobody."""
        given = next((value for name, value in headers.items() if name.lower() == SECRET_HEADER.lower()), "")
        return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8", "replace"))

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate an update, which does not name its page; an unknown kind becomes "other"."""
        return parse.event(body, page_id)

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate a channel of getChat; how many read it comes by another call."""
        return parse.card(raw)

    # Hearing

    def webhook(self, url: str = "") -> Webhook:
        """What Telegram has on record. It never drops a webhook, so a failing one is told as not alive until the waiting updates are taken."""
        told = as_map(self._call("getWebhookInfo"))
        url, error = str(told.get("url") or ""), str(told.get("last_error_message") or "")
        failed = told.get("last_error_date")
        fresh = isinstance(failed, int) and time.time() - failed < FRESH_FAILURE
        return Webhook(url, alive=bool(url) and not (fresh and told.get("pending_update_count")), error=error)

    def subscribe(self, url: str, secret: str) -> None:
        """Ask for updates at this address; NetworkError "invalid" for a secret of other signs than Latin letters, digits, "_" and "-"."""
        if not SECRET.fullmatch(secret):
            raise _invalid("секрет вебхука: только латинские буквы, цифры, «_» и «-», до 256 знаков")
        self._call("setWebhook", url=url, secret_token=secret, allowed_updates=UPDATES)

    # Reading

    def rights(self) -> Rights:
        """What the bot may do in the channel and in its discussion group."""
        bot, chat = as_map(self._call("getMe")), as_map(self._call("getChat", chat_id=self._page))
        group = chat.get("linked_chat_id")
        in_group = self._membership(group, bot.get("id")) if group else None
        lost, missing = granted(bot, self._membership(self._page, bot.get("id")), in_group)
        places = (str(group),) if group else ()
        return Rights(can=frozenset(NEEDS) - lost, missing=missing, account=f"@{bot.get('username', '')}", places=places)

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of public channels by handle, of those where the bot is by id too: two calls each; unknown ones are absent."""
        found = (self._card(_chat(page_id)) for page_id in page_ids)
        return [card for card in found if card]

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        """Never: Bot API shows no history."""
        _unsupported("posts")

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """Never: Bot API names nobody's subscribers."""
        _unsupported("members_of")

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        """Never: Bot API shows no history."""
        _unsupported("posts_of")

    def comments(self, post_id: str) -> list[Utterance]:
        """Never: Bot API shows no history."""
        _unsupported("comments")

    def dialogues(self, *, since: datetime) -> list[str]:
        """Never: Bot API shows no history."""
        _unsupported("dialogues")

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """Never: Bot API shows no history."""
        _unsupported("messages" if kind == "dm" else "comments")

    def members(self) -> Iterator[Sequence[str]]:
        """Never: Bot API tells how many members there are, not who."""
        _unsupported("members")

    def fetch(self, reference: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a file by "ref:<file_id>", at most 20 MB."""
        path = as_map(self._call("getFile", file_id=reference.removeprefix("ref:"))).get("file_path")
        if not isinstance(path, str) or not path:
            raise NetworkError("Telegram: файл не отдан", fault="gone", permanent=True)
        return self._client.download(BOT, path), mimetypes.guess_type(path)[0] or "application/octet-stream"

    # Writing

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Keep a picture until it is sent together with its text: Telegram has no upload of its own. NetworkError "invalid" for what is no photo."""
        self._allow(f"upload_{kind}")
        return self._pictures.keep(name, content)

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the bot; Telegram has no guard, so nothing may be repeated whose outcome is unknown."""
        self._allow(f"reply_{kind}")
        chat, opener = _place(thread_id, kind)
        answered = _number(reply_to) if reply_to else opener
        # a private chat goes on without the message that was answered; a comment would land beside its thread
        target = {"message_id": answered, "allow_sending_without_reply": kind == "dm"} if answered else None
        said = _proof(parse.said_id(self._send(chat, text, attachments, reply_parameters=target)[0]))
        return Sent(said, self.url(f"w{said[1:]}" if kind == "comment" else thread_id, kind=kind))

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a post as the channel; an album's id names all its messages."""
        self._allow("publish")
        made = self._send(self._page, text, attachments)
        numbers = [str(message.get("message_id") or "") for message in made]
        return Sent(_proof(",".join(numbers) if all(numbers) else ""), self._post_url(as_map(made[0].get("chat")), numbers[0]))

    def edit_post(self, post_id: str, text: str) -> None:
        """Rewrite the text of a post, or the caption of its first picture; the same text again is no error."""
        place = {"chat_id": self._page, "message_id": _post(post_id)[0]}
        try:
            self._edit("editMessageText", LONGEST_TEXT, text=text, **place)
        except NetworkError as error:
            if "no text in the message" not in str(error):
                raise
            self._edit("editMessageCaption", LONGEST_CAPTION, caption=text, **place)

    def delete_post(self, post_id: str) -> None:
        """Take a post away with all its pictures."""
        numbers = _post(post_id)
        if len(numbers) == 1:
            self._call("deleteMessage", peer=self._page, chat_id=self._page, message_id=numbers[0])
        else:
            self._call("deleteMessages", peer=self._page, chat_id=self._page, message_ids=numbers)

    def hide(self, external_id: str, *, thread_id: str) -> None:
        """Delete a comment from the discussion group: Telegram cannot bring it back."""
        self._allow("hide")
        chat, _ = _place(thread_id, "comment")
        self._call("deleteMessage", peer=chat, sending=True, chat_id=chat, message_id=_number(external_id))

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        """Never: what was deleted is gone."""
        _unsupported("unhide")

    def ban(self, person_id: str, *, until: datetime) -> None:
        """Keep a person out of the discussion group until a moment; Telegram counts fewer than 30 seconds as for ever, so none are taken."""
        self._allow("ban")
        if until.timestamp() < time.time() + SHORTEST_BAN:
            raise _invalid("срок короче минуты")
        self._call("banChatMember", sending=True, chat_id=self._group(), user_id=_person(person_id), until_date=int(until.timestamp()))

    def unban(self, person_id: str) -> None:
        """Let a person into the discussion group again; one who is not banned stays as he is."""
        self._allow("unban")
        self._call("unbanChatMember", sending=True, chat_id=self._group(), user_id=_person(person_id), only_if_banned=True)

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a member of the group opens a comment; a dialogue with the bot is open to the person alone."""
        chat, opener = _place(thread_id, kind)
        if kind == "comment":
            return f"{self._site()}c/{parse.short(chat)}/{opener}"
        return "" if self._site() == SITE else f"{self._site()}d/{self._page}/{chat}"

    def post_url(self, post_id: str) -> str:
        """Where a person opens a post; of a channel known by its number only, its members can."""
        chat = {"username": self._page.removeprefix("@")} if self._page.startswith("@") else {"id": int(self._page or 0)}
        return self._post_url(chat, str(_post(post_id)[0]))

    # How it is asked

    def _group(self) -> str:
        """The discussion group of the channel; NetworkError "closed" where there is none."""
        group = as_map(self._call("getChat", chat_id=self._page)).get("linked_chat_id")
        if not group:
            raise NetworkError("Telegram: у канала нет обсуждения", fault="closed", permanent=True)
        return str(group)

    def _allow(self, feature: str) -> None:
        if not self._tokens.get(BOT):
            _unsupported(feature)

    def _call(
        self, method: str, *, peer: str = "", sending: bool = False, files: Mapping[str, tuple[str, bytes]] | None = None, **params: Any
    ) -> Any:
        if not self._tokens.get(BOT):
            raise NetworkError(f"Telegram: для {method} нет ключа бота", fault="unsupported", permanent=True)
        return self._client.call(BOT, method, params, peer=peer, sending=sending, files=files)

    def _card(self, chat_id: str) -> PageCard | None:
        try:
            chat = as_map(self._call("getChat", chat_id=chat_id))
            return parse.card(chat, self._call("getChatMemberCount", chat_id=chat_id))
        except NetworkError as error:
            if error.fault == "gone":
                return None
            raise

    def _membership(self, chat: Any, bot: Any) -> Mapping[str, Any]:
        try:
            return as_map(self._call("getChatMember", chat_id=str(chat), user_id=bot))
        except NetworkError as error:
            if error.fault in {"gone", "access"}:
                return {}
            raise

    def _send(self, chat: str, text: str, references: Sequence[str], **params: Any) -> list[Mapping[str, Any]]:
        """Send a text, a picture or an album; the messages that Telegram made of it."""
        pictures = self._pictures.named(references)
        _fits(text, bool(pictures))
        params = {"peer": chat, "sending": True, "chat_id": chat, **params}
        if not pictures:
            made = [self._call("sendMessage", text=text, **params)]
        elif len(pictures) == 1:
            made = [self._call("sendPhoto", caption=text, files={"photo": pictures[0]}, **params)]
        else:
            names = [f"photo{number}" for number in range(len(pictures))]
            media: list[dict[str, str]] = [{"type": "photo", "media": f"attach://{name}"} for name in names]
            media[0] |= {"caption": text} if text else {}
            made = self._call("sendMediaGroup", media=media, files=dict(zip(names, pictures, strict=True)), **params)
        return [as_map(message) for message in made] if isinstance(made, list) and made else [{}]

    def _edit(self, method: str, longest: int, **params: Any) -> None:
        if len(params.get("text", params.get("caption", ""))) > longest:
            raise _invalid(f"текст длиннее {longest} знаков")
        try:
            self._call(method, peer=self._page, **params)
        except NetworkError as error:
            if "message is not modified" not in str(error):
                raise

    def _post_url(self, chat: Mapping[str, Any], number: str) -> str:
        handle = chat.get("username")
        return f"{self._site()}{handle}/{number}" if handle else f"{self._site()}c/{parse.short(chat.get('id'))}/{number}"

    def _site(self) -> str:
        return SITE if self._client.base_url == BASE_URL else self._client.base_url


def _unsupported(feature: str) -> NoReturn:
    raise NetworkError(f"Telegram: {feature} недоступно", fault="unsupported", permanent=True)


def _invalid(what: str) -> NetworkError:
    return NetworkError(f"Telegram: {what}", fault="invalid", permanent=True)


def _chat(page_id: str) -> str:
    """A page's id or handle as Bot API wants it."""
    return page_id if page_id.startswith("@") or page_id.removeprefix("-").isdecimal() else f"@{page_id}"


def _place(thread_id: str, kind: UtteranceKind) -> tuple[str, int]:
    """Chat and opener of a thread; a dialogue has no opener. The id of a dialogue is the id of a person: no error names a thread."""
    match = (COMMENT_THREAD if kind == "comment" else DM_THREAD).fullmatch(thread_id)
    if not match:
        raise _invalid("нет такой ветки" if kind == "comment" else "нет такого диалога")
    return (f"{parse.CHANNEL_SHIFT}{match[1]}", int(match[2])) if kind == "comment" else (match[1], 0)


def _number(external_id: str) -> int:
    if not (match := SAID.fullmatch(external_id)):
        raise _invalid("нет такого сообщения")
    return int(match[1] or match[2])


def _person(person_id: str) -> int:
    if not person_id.isdecimal():
        raise _invalid("это не номер человека")
    return int(person_id)


def _post(post_id: str) -> list[int]:
    if not POST.fullmatch(post_id):
        raise _invalid("нет такой записи")
    return [int(number) for number in post_id.split(",")]


def _fits(text: str, with_picture: bool) -> None:
    longest = LONGEST_CAPTION if with_picture else LONGEST_TEXT
    if len(text) > longest:
        where = "подпись к фото" if with_picture else "сообщение"
        raise _invalid(f"{where} — не длиннее {longest} знаков, а здесь {len(text)}: сократите текст" + (" или уберите фото" if with_picture else ""))


def _proof(external_id: str) -> str:
    # An answer without the id proves nothing, and Telegram cannot be asked again.
    if not external_id:
        raise NetworkError("Telegram: ответ без номера публикации", fault="other", outcome_unknown=True)
    return external_id
