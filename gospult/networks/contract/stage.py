"""The stage on which every network plays: its page in a sandbox, the page's webhook server, a connector."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from PIL import Image

from gospult.networks.base import Credentials, Event, Network, NetworkError, TokenKind, Utterance, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.networks.sandbox.faults import STRANGE
from gospult.networks.testing import Receiver, Sandbox, SandboxClient

PAGE = 71
SECRET = "taina_71"  # some networks send it in a header: no Russian letters
QUICK = 0.4  # seconds that the connector waits for an answer
BOTH: tuple[UtteranceKind, ...] = ("comment", "dm")
READS: dict[UtteranceKind, str] = {"comment": "comments", "dm": "messages"}
# Keys that bodies of webhooks have, so that the fuzzing gets past the first question.
WORDS = [
    "type", "object", "group_id", "event_id", "secret", "wall_reply_new", "message_new", "update_id", "message", "chat", "from", "text",
    "update_type", "message_created", "timestamp", "sender", "recipient", "body", "user_id", "chat_id", "mid", "id", "date",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@dataclass
class Stage:
    """A page in a sandbox of its own, the page's webhook server, and a connector."""

    code: str
    sandbox: SandboxClient
    receiver: Receiver
    tokens: Mapping[TokenKind, str]
    page_id: str  # as the network tells it
    post: str

    @property
    def kind(self) -> type[Network]:
        return NETWORKS[self.code]

    @property
    def network(self) -> Network:
        return self.connect(self.tokens)

    def connect(self, tokens: Mapping[TokenKind, str], timeout: float = 20.0) -> Network:
        return self.kind(Credentials(self.page_id, tokens), base_url=self.sandbox.api_url(), timeout=timeout)

    def facing(self, fault: str) -> Network:
        """A connector whose next call meets this fault; impatient only where slowness itself is the fault."""
        self.sandbox.fault(fault)
        return self.connect(self.tokens, QUICK if fault == "slow_after" else 20.0)

    def needs(self, *features: str) -> None:
        """Skips the test where the network has no such feature with any token."""
        absent = set(features) - self.kind.can(frozenset(self.kind.kinds))
        if absent:
            pytest.skip(f"{self.kind.name} has no {', '.join(sorted(absent))}")

    def reads(self, kind: UtteranceKind) -> bool:
        return READS[kind] in self.kind.can(frozenset(self.kind.kinds))

    def resident(self, kind: UtteranceKind, text: str = "Не горит фонарь", **more: Any) -> dict[str, Any]:
        if kind == "dm":
            return self.sandbox.message(PAGE, text, **more)
        return self.sandbox.comment(PAGE, self.post, text, **more)

    def events(self) -> list[Event]:
        assert self.sandbox.wait_quiet()
        return [self.kind.parse_event(body, self.page_id) for body in self.receiver.bodies]

    def heard(self, action: str) -> list[Utterance]:
        return [event.utterance for event in self.events() if event.action == action and event.utterance]

    def told(self, word: str, deed: Callable[[], Any]) -> None:
        """Does a deed, of DEEDS or "said_…", of which the network tells exactly if it says so; skips the rest of the test where it is silent."""
        before = len(self.events())
        deed()
        tells = self.kind.tells | {f"said_{kind}" for kind in self.kind.pushes}
        assert bool(self.events()[before:]) == (word in tells)
        if word not in tells:
            pytest.skip(f"{self.kind.name} keeps silent about {word}")


@contextmanager
def opened(code: str) -> Iterator[Stage]:
    """The stage of one network."""
    with Sandbox(code) as sandbox, Receiver() as receiver:
        page = sandbox.add_page(
            PAGE, name="Администрация района", handle="raion", members=1200, description="Пишите нам", callback_url=f"{receiver.url}?s={SECRET}",
            secret=SECRET, confirmation="ab12",
        )  # fmt: skip
        sandbox.settings(rate_limits=False, retry_first=0.02, slow_seconds=QUICK * 2)
        yield Stage(code, sandbox, receiver, page["tokens"], page["external_id"], sandbox.add_post(PAGE, "Завтра субботник"))


@pytest.fixture(params=sorted(NETWORKS))
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with opened(request.param) as stage:
        yield stage


def failure(call: Callable[[], Any]) -> NetworkError:
    """The error that a call must end with."""
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


def distorted(thing: Any) -> Iterator[Any]:
    """Copies of a JSON value in which one part is something strange."""
    yield from STRANGE
    parts: list[tuple[Any, Any]] = list(thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ())
    for key, part in parts:
        for other in distorted(part):
            copy = thing.copy()
            copy[key] = other
            yield copy


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()
