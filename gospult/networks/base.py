"""The words that every connector translates its network into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

TokenKind = Literal["community", "user", "service"]
# What went wrong, in our words: the codes of each network are mapped on top of its client.
Fault = Literal["too_fast", "flood", "quota", "auth", "access", "gone", "closed", "unsupported", "invalid", "timeout", "down", "other"]
UtteranceKind = Literal["comment", "dm"]
AttachmentKind = Literal["photo", "video", "voice", "file", "link", "sticker", "other"]
Action = Literal["said", "edited", "deleted", "restored", "posted", "confirmation", "other"]


class NetworkError(Exception):
    """A call that a network did not carry out, or may not have carried out.

    permanent      no repeat of the same call can help
    retry_after    seconds that the network asks to wait, None when it does not say
    outcome_unknown  the request may have been carried out: never repeat it blindly
    """

    def __init__(
        self, text: str, *, fault: Fault = "other", permanent: bool = False, retry_after: float | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(text)
        self.fault = fault
        self.permanent = permanent
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown


@dataclass(frozen=True)
class Credentials:
    """What a page lets us do: the page's id in the network and a token per kind."""

    page_id: str
    tokens: Mapping[TokenKind, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Attachment:
    """A photo, video, voice or file of an utterance or a post; `url` is where its bytes can be fetched, "" when they cannot."""

    kind: AttachmentKind
    external_id: str = ""
    url: str = ""
    name: str = ""
    mime: str = ""
    size: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class PageCard:
    external_id: str
    name: str
    handle: str = ""
    members: int | None = None
    description: str = ""
    avatar_url: str = ""
    cover_url: str = ""
    site: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    menu_links: Sequence[tuple[str, str]] = ()  # (title, url)
    comments_open: bool | None = None
    messages_open: bool | None = None
    closed: bool = False
    gone: bool = False  # blocked or deleted in the network
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Post:
    external_id: str
    text: str
    sent_at: datetime
    is_repost: bool = False
    is_pinned: bool = False
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    reposts: int | None = None
    attachments: Sequence[Attachment] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Utterance:
    """One thing that one person, or the page itself, said in one thread.

    external_id  unique inside a page: "c<comment id>" for a comment, "m<message id>" for a DM
    thread_id    where the conversation goes on: "w<post id>_<top comment id>" or "d<peer id>"
    reply_to     external_id of the utterance that this one answers, "" when it opens the thread
    guard        the idempotency key of our own sending, when the network gives it back
    """

    kind: UtteranceKind
    external_id: str
    thread_id: str
    author_id: str
    by_page: bool
    text: str
    sent_at: datetime
    author_name: str = ""
    reply_to: str = ""
    guard: str = ""
    attachments: Sequence[Attachment] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Event:
    """One webhook call or one step of polling.

    event_id     the network's duplicate key, "" where it has none
    utterance    present for said, edited, restored; for deleted only its ids are known
    """

    action: Action
    page_id: str
    event_id: str = ""
    utterance: Utterance | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Sent:
    """The network's own proof that something was published."""

    external_id: str  # same form as Utterance.external_id
    url: str = ""


class Network(Protocol):
    """A connector. Sync, thread-safe, no models, no settings; every method may raise NetworkError and nothing else."""

    code: ClassVar[str]
    name: ClassVar[str]
    guards: ClassVar[bool]  # True when a repeated reply with the same guard is published once

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0) -> None: ...

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow: card, posts, comments, messages, dialogues, reply_comment, reply_dm, upload_comment, upload_dm."""
        ...

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether a webhook call carries the page's secret (constant-time comparison)."""
        ...

    @staticmethod
    def parse_event(body: Mapping[str, Any]) -> Event:
        """Translate a webhook body; an unknown kind becomes action "other", never an error."""
        ...

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]: ...

    def posts(self, *, count: int = 20) -> list[Post]: ...

    def comments(self, post_id: str) -> list[Utterance]: ...

    def dialogues(self, *, since: datetime) -> list[str]:
        """Threads of direct messages in which somebody, also the page itself, has spoken since; the latest first, a bounded number."""
        ...

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """The thread as it stands in the network now, oldest first; used to read back and to see native answers."""
        ...

    def upload(self, thread_id: str, *, kind: UtteranceKind, name: str, content: bytes) -> str:
        """Upload a picture for a reply in the thread; gives the network's own reference to attach."""
        ...

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the page. `guard` is a decimal string below 2**31, the same for every try."""
        ...

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person can open the thread in the network."""
        ...
