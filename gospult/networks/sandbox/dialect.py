"""What makes one network of the sandbox different from another: its methods, the shape of its events, the names of its ids."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message as Mime
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

from gospult.networks.sandbox.world import Comment, Message, Page, Post, Realm, World

if TYPE_CHECKING:
    from gospult.networks.sandbox.deeds import Deeds
    from gospult.networks.sandbox.events import Courier

Json = dict[str, Any]
Item = Post | Comment | Message


@dataclass(frozen=True)
class Request:
    """One HTTP request inside a network: `parts` of the path after the network's own prefix."""

    verb: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]  # looked up without regard to case
    body: bytes = b""

    @property
    def kind(self) -> str:
        """The MIME type of the body."""
        return str(self.headers.get("Content-Type", "")).split(";")[0].strip().lower()

    def params(self) -> dict[str, Any]:
        """Query and body together, whatever the body's form: urlencoded, JSON or multipart (its texts only)."""
        return {**self.query, **self._fields()}

    def _fields(self) -> dict[str, Any]:
        if self.kind == "application/json":
            found = self.json()
            return found if isinstance(found, dict) else {}
        if self.kind == "multipart/form-data":
            return {name: content.decode("utf-8", "replace") for name, (file, content, _) in self.multipart().items() if not file}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            return None

    def multipart(self) -> dict[str, tuple[str, bytes, str]]:
        """Fields of a multipart form: file name ("" for a text), content, MIME type."""
        head = b"Content-Type: " + str(self.headers.get("Content-Type", "")).encode("latin-1", "replace") + b"\r\n\r\n"
        whole: Mime = BytesParser(policy=HTTP).parsebytes(head + self.body)
        found: dict[str, tuple[str, bytes, str]] = {}
        for part in whole.walk():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                found[name] = (part.get_filename() or "", content, part.get_content_type())
        return found


@dataclass(frozen=True)
class Response:
    status: int
    body: Any  # bytes as they are, anything else as JSON
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect:
    """One network of the sandbox. The defaults name ids as VK does; a network overrides what it does otherwise.

    What people do, in the words of `events`: said, edited, deleted, restored (a comment or a message), posted.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]  # of tokens, as in Network.kinds
    accepts: ClassVar[str] = ""  # the body that a webhook must answer with; "" when the status alone decides
    closes: ClassVar[bool] = True  # whether comments of one post can be closed

    def __init__(self, world: World, deeds: "Deeds", courier: "Courier") -> None:
        self.world = world
        self.deeds = deeds
        self.courier = courier

    @property
    def realm(self) -> Realm:
        return self.world.realm(self.code)

    def opened(self, page: Page) -> None:
        """A page was just opened: what the network keeps of it besides goes into `page.kept`."""

    # Being called

    def method(self, request: Request) -> str:
        """The API method that a request calls, for faults and counting; "" when it is no API call."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """Carry an API call out; takes the world's lock by itself (a long poll must not hold it while it waits)."""
        raise NotImplementedError

    def failure(self, fault: str, request: Request) -> Response:
        """How this network says too_fast, internal, flood, quota or captcha; ValueError for what it never says."""
        raise NotImplementedError

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        """The sandbox's own screen behind an address that a person would open in this network, "" when there is none."""
        return ""

    # Calling

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        """The bodies that the network sends about a deed; [] where it tells nothing."""
        raise NotImplementedError

    def wants(self, page: Page, body: Json) -> bool:
        """Whether the page's webhook asked for events like this."""
        return True

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        """The body of an event of any kind, also one that nobody knows."""
        raise NotImplementedError

    def headers(self, page: Page) -> dict[str, str]:
        """Headers of a webhook call."""
        return {}

    def handshake(self, page: Page) -> Json | None:
        """The call by which the network asks whether the address is ours, None where it does not ask."""
        return None

    def gave_up(self, page: Page) -> None:
        """The page's webhook has failed for too long."""

    # Names of ids

    def external_id(self, page: Page) -> str:
        """The page's id as the network tells it."""
        return str(page.id)

    def post_id(self, page: Page, post: int) -> str:
        """A post's id as the connector tells it."""
        return str(post)

    def post_number(self, page: Page, name: str) -> int:
        """The post behind its id; ValueError or KeyError when there is none."""
        return int(name)

    def comment_id(self, page: Page, number: int) -> str:
        """ "c…", as the connector tells it."""
        return f"c{number}"

    def message_id(self, page: Page, number: int) -> str:
        """ "m…", as the connector tells it."""
        return f"m{number}"

    def comment_thread(self, page: Page, item: Comment) -> str:
        """ "w…", as the connector tells it."""
        return f"w{item.post_id}_{item.opener}"

    def message_thread(self, page: Page, peer: int) -> str:
        """ "d…", as the connector tells it."""
        return f"d{peer}"

    def number(self, page: Page, name: str) -> int:
        """The comment or message behind "c…" or "m…"; ValueError when it is no such name."""
        found = re.search(r"(\d+)$", name)
        if not found:
            raise ValueError(f"no such id {name!r}")
        return int(found[1])

    def place(self, page: Page, thread: str) -> tuple[int, int]:
        """(post, top comment) behind "w…", (0, peer) behind "d…"; ValueError when it is no such thread."""
        if found := re.fullmatch(r"w(\d+)_(\d+)", thread):
            return int(found[1]), int(found[2])
        if found := re.fullmatch(r"d(\d+)", thread):
            return 0, int(found[1])
        raise ValueError(f"no such thread {thread!r}")


DialectMaker = Callable[[World, "Deeds", "Courier"], Dialect]
