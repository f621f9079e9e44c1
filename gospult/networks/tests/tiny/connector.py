"""What we ask of it: a card, and a reply in a thread. Everything else it cannot do."""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from gospult.networks.base import (
    DEEDS,
    UNHURRIED,
    Action,
    Attachment,
    AttachmentKind,
    Credentials,
    Event,
    Fault,
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
from gospult.networks.raw import as_int, as_list, as_text
from gospult.networks.transport import Transport, clean, json_of

NEEDS: dict[str, tuple[str, ...]] = {"card": ("card",), "reply_comment": ("reply",), "reply_dm": ("reply",)}
FAULTS: dict[int, tuple[Fault, bool]] = {401: ("auth", True), 403: ("closed", True), 429: ("too_fast", False)}
ACTIONS: dict[str, Action] = {"said": "said", "edited": "edited", "deleted": "deleted", "restored": "restored"}
KINDS: dict[str, AttachmentKind] = {"photo": "photo", "voice": "voice", "file": "file", "video": "video"}
THREAD = re.compile(r"w\d+_\d+|d\d+")


class Tiny:
    """The connector; see `gospult.networks.base.Network`."""

    code: ClassVar[str] = "tiny"
    name: ClassVar[str] = "Кроха"
    kinds: ClassVar[tuple[TokenKind, ...]] = ("bot",)
    guards: ClassVar[bool] = True
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"comment", "dm"})
    tells: ClassVar[frozenset[str]] = DEEDS
    flat_threads: ClassVar[bool] = False
    tells_posts: ClassVar[bool] = False
    post_room: ClassVar[PostRoom] = PostRoom(None, None)

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._token = credentials.tokens.get("bot", "")
        self._transport = Transport("Кроха", base_url, ca_file=ca_file, timeout=timeout)
        self._pacer = pacer

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        return frozenset(NEEDS) if "bot" in kinds else frozenset()

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        given = body.get("secret")
        return bool(secret) and isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate a place."""
        told = {"members": as_int(raw.get("members")), "description": as_text(raw.get("about"))}
        return PageCard(str(raw.get("id")), as_text(raw.get("name")), raw=raw, **told)

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        action, said = ACTIONS.get(str(body.get("type")), "other"), body.get("object")
        utterance = _utterance(said) if action != "other" and isinstance(said, dict) else None
        raw = {key: value for key, value in body.items() if key != "secret"}
        return Event(action if utterance else "other", str(body.get("page", page_id)), utterance=utterance, raw=raw)

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        found = as_list(self._call("card", {"pages": list(page_ids)}).get("pages"))
        return [self.parse_card(raw) for raw in found]

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        if not THREAD.fullmatch(thread_id):
            raise NetworkError("Кроха: нет такой ветки", fault="invalid", permanent=True)
        sent = self._call("reply", {"thread": thread_id, "text": text, "guard": guard, "reply_to": reply_to}, sending=True)
        if not as_text(sent.get("id")):
            raise NetworkError("Кроха: ответ без номера", outcome_unknown=True)
        return Sent(sent["id"], self.url(thread_id, kind=kind))

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        return f"{self._transport.base_url}thread/{thread_id}"

    def post_url(self, post_id: str) -> str:
        return ""

    def _call(self, method: str, params: Mapping[str, Any], *, sending: bool = False) -> dict[str, Any]:
        if not self._token:
            raise _absent()
        self._pacer.before("bot", method)
        answer = self._transport.request("POST", method, sending=sending, json=clean(dict(params)), headers={"Authorization": self._token})
        if answer.status_code >= 500:
            raise self._transport.down(answer.status_code, sending=sending)
        if answer.status_code != 200:
            fault, permanent = FAULTS.get(answer.status_code, ("other", False))
            raise NetworkError(f"Кроха: HTTP {answer.status_code}", fault=fault, permanent=permanent, retry_after=1.0)
        body = json_of(answer)
        if not isinstance(body, dict):
            raise self._transport.unreadable(sending=sending)
        return body

    # What it cannot do

    def webhook(self, url: str = "") -> Webhook:
        raise _absent()

    def subscribe(self, url: str, secret: str) -> None:
        raise _absent()

    def rights(self) -> Rights:
        raise _absent()

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        raise _absent()

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        raise _absent()

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        raise _absent()

    def comments(self, post_id: str) -> list[Utterance]:
        raise _absent()

    def dialogues(self, *, since: datetime) -> list[str]:
        raise _absent()

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        raise _absent()

    def members(self) -> Iterator[Sequence[str]]:
        raise _absent()

    def fetch(self, reference: str) -> tuple[bytes, str]:
        raise _absent()

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        raise _absent()

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        raise _absent()

    def edit_post(self, post_id: str, text: str) -> None:
        raise _absent()

    def delete_post(self, post_id: str) -> None:
        raise _absent()

    def hide(self, external_id: str, *, thread_id: str) -> None:
        raise _absent()

    def ban(self, person_id: str, *, until: datetime) -> None:
        raise _absent()

    def unban(self, person_id: str) -> None:
        raise _absent()

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        raise _absent()


def _absent() -> NetworkError:
    return NetworkError("Кроха этого не умеет", fault="unsupported", permanent=True)


def _utterance(said: Mapping[str, Any]) -> Utterance | None:
    number, thread = str(said.get("id", "")), str(said.get("thread", ""))
    if number[:1] not in ("c", "m"):
        return None
    at = said.get("at")
    return Utterance(
        kind="dm" if number[0] == "m" else "comment",
        external_id=number,
        thread_id=thread,
        author_id=str(said.get("author", "")),
        by_page=said.get("own") is True,
        text=str(said.get("text", "")),
        sent_at=datetime.fromtimestamp(at if isinstance(at, int) and 0 <= at < 2**33 else 0, UTC),
        reply_to=str(said.get("reply_to", "")),
        attachments=_files(said.get("files")),
        raw=said,
    )


def _files(found: Any) -> tuple[Attachment, ...]:
    known = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return tuple(Attachment(KINDS.get(str(item.get("kind")), "other"), str(item.get("id", "")), str(item.get("url", ""))) for item in known)
