"""The words that every connector translates its network into."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

TokenKind = Literal["community", "user", "service", "bot"]
# What went wrong, in our words: the codes of each network are mapped on top of its client.
Fault = Literal["too_fast", "flood", "quota", "auth", "access", "gone", "closed", "unsupported", "invalid", "timeout", "down", "other"]
UtteranceKind = Literal["comment", "dm"]
PlaceKind = Literal["comment", "dm", "post"]
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
    """A photo, video, voice or file of an utterance or a post.

    url  where its bytes can be fetched; "ref:…" when only the connector's `fetch` can open it; "" when nobody can
    """

    kind: AttachmentKind
    external_id: str = ""
    url: str = ""
    name: str = ""
    mime: str = ""
    size: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class PageCard:
    """What a network shows of a page; "" is «not filled in» or «not told», None is «not told».

    subject  what the page says it is, in the network's own words («Школа»)
    located  the address is a point of the map
    hours    working hours are given
    """

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
    subject: str = ""
    located: bool | None = None
    hours: bool | None = None


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
    album: str = ""  # where a network tells the pictures of one post one by one, what they have in common


@dataclass(frozen=True)
class PostRoom:
    """How much a post holds: characters without and with pictures (None: the network publishes no figure), pictures."""

    text: int | None
    caption: int | None
    photos: int = 10


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
    post         of posted, what was posted, where the event carries it and it is the page's own
    place        the chat in which it was said, where the network cannot tell whether that is the page's own; "" elsewhere
    """

    action: Action
    page_id: str
    event_id: str = ""
    utterance: Utterance | None = None
    place: str = ""
    post: Post | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Sent:
    """The network's own proof that something was published."""

    external_id: str  # same form as Utterance.external_id; of a post as Post.external_id
    url: str = ""


@dataclass(frozen=True)
class Webhook:
    """What the network has on record about our webhook.

    url           where it sends events, "" when nowhere
    alive         whether it sends them there now
    error         the network's own words about the last failure, "" when there was none
    confirmation  what the network's next handshake must be answered with, to be kept before `subscribe`; "" where it has none
    """

    url: str
    alive: bool
    error: str = ""
    confirmation: str = ""


@dataclass(frozen=True)
class Rights:
    """What a page's tokens really allow, as the network itself says.

    can         features out of `Network.can`, less those that were not granted
    missing     what was not granted, in the network's own words
    account     who the tokens speak for (the bot's or community's name)
    expires_at  when the first of them ends, None when the network sets no term
    places      the chats that are the page's own (`Event.place`); what is said in others is none of our business
    """

    can: frozenset[str]
    missing: Sequence[str] = ()
    account: str = ""
    expires_at: datetime | None = None
    places: Sequence[str] = ()


class Pacer(Protocol):
    """Keeps a token within its quotas. Asked before every call and told of every refusal; thread-safe."""

    def before(self, kind: TokenKind, method: str, *, peer: str = "", inside: Mapping[str, int] | None = None) -> None:
        """Wait for the call's turn, or raise NetworkError(fault "quota" or "too_fast", retry_after).

        peer    the chat that is written to, where a network limits each chat; "" elsewhere
        inside  for a batch: how often each method is carried in it
        """
        ...

    def refused(self, kind: TokenKind, method: str, error: NetworkError, *, peer: str = "") -> None:
        """The network itself said that it was too much: nobody calls with this token before the network allows it."""
        ...


class Unhurried:
    """The pacer of a caller that has no quotas to keep."""

    def before(self, kind: TokenKind, method: str, *, peer: str = "", inside: Mapping[str, int] | None = None) -> None:
        """Nothing to wait for."""

    def refused(self, kind: TokenKind, method: str, error: NetworkError, *, peer: str = "") -> None:
        """Nothing to remember."""


UNHURRIED = Unhurried()

FEATURES = frozenset({
    "card", "posts", "posts_of", "comments", "messages", "dialogues", "members", "members_of", "rights", "fetch", "webhook",
    "reply_comment", "reply_dm", "upload_comment", "upload_dm", "upload_post", "publish", "edit_post", "delete_post", "hide", "unhide",
    "ban", "unban",
})  # fmt: skip

# What a webhook may tell besides the words of residents: the page's own (sent by us, or natively in the network's app), and what became of words.
DEEDS = frozenset({
    "sent_comment", "sent_dm", "native_comment", "native_dm", "edited_comment", "edited_dm", "deleted_comment", "deleted_dm", "restored_comment",
})  # fmt: skip


class Network(Protocol):
    """A connector. Sync, thread-safe, no models, no settings; every method may raise NetworkError and nothing else.

    kinds         the token kinds that this network gives out
    guards        a repeated reply with the same guard is published once
    pushes        kinds of utterances that come by webhook; the others have to be polled
    tells         words of DEEDS that come by webhook too; about the others the network keeps silent
    flat_threads  an event names only the utterance that it answers: whoever keeps the utterances finds the thread by that one
    tells_posts   new posts of the page come by webhook, whoever has written them
    post_room     how much a post holds
    """

    code: ClassVar[str]
    name: ClassVar[str]
    kinds: ClassVar[tuple[TokenKind, ...]]
    guards: ClassVar[bool]
    pushes: ClassVar[frozenset[UtteranceKind]]
    tells: ClassVar[frozenset[str]]
    flat_threads: ClassVar[bool]
    tells_posts: ClassVar[bool]
    post_room: ClassVar[PostRoom]

    def __init__(
        self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED
    ) -> None: ...

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow: words of FEATURES. A method whose feature is absent raises NetworkError "unsupported"."""
        ...

    # Hearing

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether a webhook call carries the page's secret (constant-time comparison)."""
        ...

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate a webhook body; an unknown kind becomes action "other", never an error.

        page_id  the page whose own door the call came to; "" at a network's common door, where the body has to name the page
        """
        ...

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate once more the raw card that `cards` gave (members may have come by another call, then None); never an error."""
        ...

    def webhook(self, url: str = "") -> Webhook:
        """What the network has on record about our webhook, `url` being the one to look for where it keeps several (feature webhook)."""
        ...

    def subscribe(self, url: str, secret: str) -> None:
        """Ask for events at this address, signed with the secret; asking again changes nothing (feature webhook)."""
        ...

    # Reading

    def rights(self) -> Rights:
        """What the tokens really allow (feature rights)."""
        ...

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of pages by id or handle; those that the network does not know are absent (feature card)."""
        ...

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        """The newest posts after the first `offset` of them, with their metrics, newest first (feature posts); fewer than `count`: no older ones."""
        ...

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        """The newest posts of many pages with few calls, every page once; one that cannot be read comes with its refusal (feature posts_of)."""
        ...

    def comments(self, post_id: str) -> list[Utterance]:
        """All comments under a post, oldest first (feature comments)."""
        ...

    def dialogues(self, *, since: datetime) -> list[str]:
        """Threads of direct messages in which somebody, also the page itself, has spoken since; the latest first, a bounded number."""
        ...

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """The thread as it stands in the network now, oldest first; used to read back and to see native answers.

        Features: comments for a thread of comments, messages for a dialogue.
        """
        ...

    def members(self) -> Iterator[Sequence[str]]:
        """Ids of the page's subscribers as a stream of batches, as the network gives them (feature members)."""
        ...

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """Ids of the subscribers of many pages with few calls, every page once; one that shows none comes with its refusal (feature members_of)."""
        ...

    def fetch(self, reference: str) -> tuple[bytes, str]:
        """Bytes and MIME type of an attachment whose url is "ref:…" (feature fetch)."""
        ...

    # Writing

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Upload a picture for a reply in the thread, or for a post; gives the reference to attach, good for this very connector.

        Features: upload_comment, upload_dm, upload_post.
        """
        ...

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the page. `guard` is a decimal string below 2**31, the same for every try. Features: reply_comment, reply_dm."""
        ...

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a post as the page (feature publish)."""
        ...

    def edit_post(self, post_id: str, text: str) -> None:
        """Rewrite a post of the page; its pictures stay (feature edit_post)."""
        ...

    def delete_post(self, post_id: str) -> None:
        """Take a post of the page away (feature delete_post)."""
        ...

    def hide(self, external_id: str, *, thread_id: str) -> None:
        """Take a comment of somebody else out of sight (feature hide)."""
        ...

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        """Put a hidden comment back (feature unhide)."""
        ...

    def ban(self, person_id: str, *, until: datetime) -> None:
        """Keep a person (`Utterance.author_id`) from commenting until a moment, which the network itself keeps (feature ban)."""
        ...

    def unban(self, person_id: str) -> None:
        """Let a person comment again; one who is not banned is no error (feature unban)."""
        ...

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person can open the thread in the network; needs no token."""
        ...

    def post_url(self, post_id: str) -> str:
        """Where a person can open a post in the network, "" where it has no address; needs no token."""
        ...
