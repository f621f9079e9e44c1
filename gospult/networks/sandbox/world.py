"""What the sandbox knows: pages, people, posts, comments, messages, and the ledger. One lock guards it all."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from gospult.networks.sandbox.files import Files

FIRST_RESIDENT = 1001
FIRST_PHOTO = 457239017  # VK's photo ids begin about here: short ids hide mistakes


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


@dataclass
class Comment:
    id: int
    post_id: int
    from_id: int
    text: str
    at: int
    top: int = 0  # the comment that opens the thread, 0 for that one itself
    reply_to: int = 0
    attachments: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False

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
    random_id: int = 0
    attachments: list[dict[str, Any]] = field(default_factory=list)
    edited_at: int = 0
    deleted: bool = False


@dataclass
class Page:
    id: int
    name: str
    handle: str
    tokens: dict[str, str]
    callback_url: str = ""
    secret: str = ""
    confirmation: str = ""
    members: int = 0
    menu: list[list[str]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)  # further keys of the community as VK gives them
    confirmed: bool = False
    posts: dict[int, Post] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    under: dict[int, list[Comment]] = field(default_factory=dict)  # post → its top comments, top comment → its replies
    messages: dict[int, Message] = field(default_factory=dict)
    dialogues: dict[int, list[Message]] = field(default_factory=dict)  # person → messages with him
    denied: set[int] = field(default_factory=set)  # people who forbade this page to write to them
    guarded: dict[tuple[str, str], int] = field(default_factory=dict)  # guid or random_id → what it published
    last_id: int = 0
    last_message: int = 0

    def next_id(self) -> int:
        """Posts and comments of one wall share their numbers, as in VK."""
        self.last_id += 1
        return self.last_id


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
            self.pages: dict[int, Page] = {}
            self.people: dict[int, str] = {}
            self.tokens: dict[str, tuple[str, set[int]]] = {}
            self.ledger: list[dict[str, Any]] = []
            self.calls: Counter[str] = Counter()
            self.faults: Counter[str] = Counter()
            self.planned: list[dict[str, Any]] = []
            self.recent: dict[str, deque[float]] = {}
            self.photos: dict[str, dict[str, Any]] = {}
            self.uploads: dict[str, str] = {}
            self.last_photo = FIRST_PHOTO
            self.version = 0

    def add_page(self, page: Page) -> Page:
        """Open a page and make its tokens work; a user's or service token may serve several pages."""
        with self.lock:
            self.pages[page.id] = page
            for kind, token in page.tokens.items():
                known_kind, pages = self.tokens.setdefault(token, (kind, set()))
                if known_kind != kind:
                    raise ValueError(f"token of two kinds: {known_kind}, {kind}")
                pages.add(page.id)
            return page

    def person(self, name: str) -> int:
        """The id of a resident by name; a new name is a new resident."""
        for number, known in self.people.items():
            if known == name:
                return number
        number = max(self.people, default=FIRST_RESIDENT - 1) + 1
        self.people[number] = name
        return number

    def name_of(self, from_id: int) -> str:
        """The name behind VK's signed id."""
        if from_id < 0:
            return self.pages[-from_id].name if -from_id in self.pages else ""
        return self.people.get(from_id, f"Пользователь {from_id}")


def now() -> int:
    """Unix seconds."""
    return int(time.time())
