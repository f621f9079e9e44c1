"""What the sandbox knows, in no network's words: realms, pages, people, posts, comments, messages, the ledger. One lock guards it all."""

import secrets
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from gospult.networks.sandbox.files import FILES, Files

FIRST_RESIDENT = 1001
FIRST_FOLLOWER = 1_000_001
FIRST_THING = 457239017  # VK's photo ids begin about here: short ids hide mistakes


@dataclass
class Settings:
    """Knobs of the sandbox; seconds where it is time."""

    chaos: float = 0.0  # share of calls and events that go wrong
    seed: int = 1
    rate_limits: bool = True
    slow_seconds: float = 3.0  # how long a slow answer is held back
    retry_first: float = 0.2  # pause before an event is sent again, doubled each time
    retry_cap: float = 2.0
    give_up_after: float = 600.0
    event_delay: float = 0.0


@dataclass(frozen=True)
class Thing:
    """A photo, video, voice, file, sticker or link that hangs on what was said.

    kind    photo, video, voice, file, sticker, link
    name    of its bytes in Files, "" where it has none
    owner   who brought it, negative for a page
    """

    kind: str
    number: int
    owner: int
    name: str = ""
    width: int = 640
    height: int = 480


@dataclass
class Post:
    id: int
    text: str
    at: int
    repost: bool = False
    pinned: bool = False
    closed: bool = False
    views: int = 0
    likes: int = 0
    reposts: int = 0
    things: list[Thing] = field(default_factory=list)
    guard: str = ""


@dataclass
class Comment:
    id: int
    post_id: int
    from_id: int
    text: str
    at: int
    top: int = 0  # the comment that opens the thread, 0 for that one itself
    reply_to: int = 0
    things: list[Thing] = field(default_factory=list)
    deleted: bool = False
    edited_at: int = 0

    @property
    def opener(self) -> int:
        return self.top or self.id


@dataclass
class Message:
    id: int
    peer_id: int
    from_id: int
    text: str
    at: int
    number: int  # inside its conversation
    reply_to: int = 0
    guard: str = ""
    things: list[Thing] = field(default_factory=list)
    edited_at: int = 0
    deleted: bool = False


@dataclass
class Page:
    """An official page. What it says itself has `from_id` -id."""

    network: str
    id: int
    name: str
    handle: str
    tokens: dict[str, str]
    callback_url: str = ""
    secret: str = ""
    confirmation: str = ""
    members: int = 0
    description: str = ""
    menu: list[list[str]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)  # further keys of the page as its network gives them
    kept: dict[str, Any] = field(default_factory=dict)  # what the network's dialect remembers of the page
    confirmed: bool = False
    hook_error: str = ""  # the last failure of the webhook, "" after a success
    hook_error_at: int = 0
    posts: dict[int, Post] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    under: dict[int, list[Comment]] = field(default_factory=dict)  # post → its top comments, top comment → its replies
    messages: dict[int, Message] = field(default_factory=dict)
    dialogues: dict[int, list[Message]] = field(default_factory=dict)  # person → messages with him
    banned: dict[int, int] = field(default_factory=dict)  # people kept from commenting → until when, Unix seconds, 0 without an end
    denied: set[int] = field(default_factory=set)  # people who forbade this page to write to them
    guarded: dict[tuple[str, str], int] = field(default_factory=dict)  # a guard → what it published
    updates: list[dict[str, Any]] = field(default_factory=list)  # the body of every event, for those who poll instead of being called
    last_id: int = 0
    last_message: int = 0

    def next_id(self) -> int:
        """Posts and comments of one page share their numbers."""
        self.last_id += 1
        return self.last_id

    def is_banned(self, person: int) -> bool:
        """Whether a person is kept from commenting now."""
        until = self.banned.get(person)
        return until is not None and (until == 0 or until > time.time())

    @property
    def followers(self) -> range:
        """Ids of the subscribers, as many as `members`; pages have many of them in common, for their people live side by side."""
        first, step = FIRST_FOLLOWER + self.id * 7919 % 97 * 10, 1 + self.id % 3
        return range(first, first + self.members * step, step)

    def living(self, above: int) -> list[Comment]:
        """Comments under a post, or replies under a top comment, oldest first; a deleted one stays while it has replies."""
        return [item for item in self.under.get(above, []) if not item.deleted or self.living(item.id)]


@dataclass
class Realm:
    """One network's part of the world."""

    code: str
    pages: dict[int, Page] = field(default_factory=dict)
    tokens: dict[str, tuple[str, set[int]]] = field(default_factory=dict)  # token → its kind, the pages it may act for
    recent: dict[str, deque[float]] = field(default_factory=dict)  # when a token called within the last seconds
    spent: Counter[str] = field(default_factory=Counter)  # calls of a day, by whatever the network counts
    uploads: dict[str, Any] = field(default_factory=dict)  # what was put on an upload server and not yet attached
    things: dict[str, Thing] = field(default_factory=dict)  # what was uploaded for good, by the network's reference

    def too_fast(self, key: str, limit: int, seconds: float = 1.0) -> bool:
        """Whether `limit` calls were made under this key within the last seconds; one that was not is counted."""
        recent, moment = self.recent.setdefault(key, deque()), time.monotonic()
        while recent and recent[0] <= moment - seconds:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(moment)
        return False


class World:
    """The whole state; hold `lock` around every reading and writing."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.base_url = base_url
        self.lock = threading.RLock()
        self.files = Files()
        self._initial = settings
        self.reset()

    def reset(self) -> None:
        """Forget everything and return to the settings of the start."""
        with self.lock:
            self.settings = Settings(**vars(self._initial))
            self.realms: dict[str, Realm] = {}
            self.people: dict[int, str] = {}
            self.numbers: dict[str, int] = {}
            self.ledger: list[dict[str, Any]] = []
            self.calls: Counter[str] = Counter()
            self.faults: Counter[str] = Counter()
            self.planned: list[dict[str, Any]] = []
            self.last_thing = FIRST_THING
            self.version = 0

    def realm(self, code: str) -> Realm:
        """A network's part; an unheard-of one is empty."""
        return self.realms.setdefault(code, Realm(code))

    @property
    def pages(self) -> list[Page]:
        """The pages of all networks."""
        return [page for realm in self.realms.values() for page in realm.pages.values()]

    def add_page(self, page: Page) -> Page:
        """Open a page and make its tokens work; a token may serve several pages."""
        with self.lock:
            realm = self.realm(page.network)
            realm.pages[page.id] = page
            for kind, token in page.tokens.items():
                known_kind, pages = realm.tokens.setdefault(token, (kind, set()))
                if known_kind != kind:
                    raise ValueError(f"token of two kinds: {known_kind}, {kind}")
                pages.add(page.id)
            return page

    def person(self, name: str) -> int:
        """The id of a resident by name; a new name is a new resident."""
        if name not in self.numbers:
            self.know(max(self.people, default=FIRST_RESIDENT - 1) + 1, name)
        return self.numbers[name]

    def know(self, number: int, name: str) -> None:
        """A resident has this name."""
        self.people[number] = name
        self.numbers.setdefault(name, number)

    def name_of(self, page: Page, from_id: int) -> str:
        """The name behind a signed id on a page."""
        return page.name if from_id < 0 else self.people.get(from_id, f"Пользователь {from_id}")

    def thing(self, word: str, owner: int) -> Thing:
        """What a resident attaches by one word: photo, photo_gps, video, voice, file, sticker, link; ValueError for another."""
        if word not in FILES:
            raise ValueError(f"unknown attachment {word!r}")
        self.last_thing += 1
        return Thing("photo" if word == "photo_gps" else word, self.last_thing, owner, FILES[word])

    def picture(self, content: bytes, mime: str, owner: int, size: tuple[int, int]) -> Thing:
        """An uploaded picture, kept under a name of its own."""
        self.last_thing += 1
        name = f"{secrets.token_hex(8)}"
        self.files.keep(name, mime, content)
        return Thing("photo", self.last_thing, owner, name, *size)

    def address(self, thing: Thing) -> str:
        """Where the bytes of a thing are, "" where it has none."""
        return f"{self.base_url}/files/{thing.name}" if thing.name else ""


def now() -> int:
    """Unix seconds."""
    return int(time.time())
