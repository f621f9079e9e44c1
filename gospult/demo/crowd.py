"""The residents of a run, and the stewards who answer in the network's own app: they know only the sandbox."""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gospult.networks.testing import SandboxClient

from .cast import networks_of, number_of
from .residents import NATIVE, NOT_DONE_AFTER, THANKS_AFTER, Line

LATER = {"native": 0.4, "native_late": 6.0, "edited": 2.0, "deleted_at_once": 0.0, "deleted_later": 5.0, "restored": 3.0}  # seconds


@dataclass(frozen=True)
class Spoken:
    """What was said and where the sandbox put it; `post` is "" for a direct message."""

    line: Line
    wall: SandboxClient  # of the network where it was said
    page: int
    id: str
    thread: str
    post: str
    due: float  # when its plan is carried out, by the monotonic clock


class Crowd:
    """Says the lines one after another, then does what each line's plan says."""

    def __init__(self, sandbox: SandboxClient, lines: Iterable[Line], *, seed: int = 1) -> None:
        self.sandbox = sandbox
        self._lines = list(lines)
        self._dice = random.Random(seed)
        self._planned: list[Spoken] = []
        self._awaiting: dict[tuple[str, str, str], Spoken] = {}  # those who will react to an answer, by network, page and id
        self._walls: dict[str, SandboxClient] = {}
        self._posts: dict[tuple[str, int], list[str]] = {}
        self.spoken = 0

    @property
    def finished(self) -> bool:
        """Whether everything was said and every plan but the reactions was carried out."""
        return not self._lines and not self._planned

    def step(self, number: int) -> None:
        """Say the next few lines and carry out the plans whose time has come."""
        for _ in range(min(number, len(self._lines))):
            self._say(self._lines.pop())
        now = time.monotonic()
        due, self._planned = [s for s in self._planned if s.due <= now], [s for s in self._planned if s.due > now]
        for spoken in due:
            self._carry_out(spoken)

    def react(self, ledger: Sequence[dict[str, Any]]) -> int:
        """Some of those who got an answer thank, some say that nothing was done; returns how many."""
        answered = {(entry["network"], entry["page"], entry["reply_to"]): entry for entry in ledger}
        found = [(answered[place], self._awaiting.pop(place)) for place in list(self._awaiting) if place in answered]
        for entry, spoken in found:
            text = self._dice.choice(THANKS_AFTER if spoken.line.plan == "thanks" else NOT_DONE_AFTER)
            if spoken.post:
                spoken.wall.comment(spoken.page, spoken.post, text, author=spoken.line.author, reply_to=entry["id"])
            else:
                spoken.wall.message(spoken.page, text, author=spoken.line.author)
            self.spoken += 1
        return len(found)

    def _say(self, line: Line) -> None:
        network, page = self._dice.choice(networks_of(line.page)), number_of(line.page)
        wall = self._wall(network)
        post = self._dice.choice(self._posts_of(wall, page)) if line.channel == "comment" else ""
        if post:
            made = wall.comment(page, post, line.text, author=line.author, attachments=line.attachments)
        else:
            made = wall.message(page, line.text, author=line.author, attachments=line.attachments)
        self.spoken += 1
        spoken = Spoken(line, wall, page, made["id"], made["thread"], post, time.monotonic() + LATER.get(line.plan, 0.0))
        if line.plan in LATER:
            self._planned.append(spoken)
        elif line.plan:
            self._awaiting[network, str(page), spoken.id] = spoken

    def _wall(self, network: str) -> SandboxClient:
        return self._walls.setdefault(network, self.sandbox.at(network))

    def _posts_of(self, wall: SandboxClient, page: int) -> list[str]:
        """The posts of a wall by their names, asked for once."""
        if (wall.network, page) not in self._posts:
            self._posts[wall.network, page] = list(wall.posts(page))
        return self._posts[wall.network, page]

    def _carry_out(self, spoken: Spoken) -> None:
        match spoken.line.plan:
            case "native" | "native_late":
                spoken.wall.native(spoken.page, spoken.thread, self._dice.choice(NATIVE), reply_to=spoken.id)
            case "edited":
                spoken.wall.edit(spoken.page, spoken.id, f"{spoken.line.text}. Уточняю: второй подъезд")
            case "deleted_at_once" | "deleted_later":
                spoken.wall.delete(spoken.page, spoken.id)
            case "restored" if spoken.post:
                spoken.wall.delete(spoken.page, spoken.id)
                spoken.wall.restore(spoken.page, spoken.id)
