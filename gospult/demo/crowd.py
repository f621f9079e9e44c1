"""The residents of a run, and the stewards who answer in the network's own app: they know only the sandbox."""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gospult.networks.testing import SandboxClient

from .cast import FIRST_PAGE, PAGES
from .residents import NATIVE, NOT_DONE_AFTER, THANKS_AFTER, Line
from .wall import POSTS

LATER = {"native": 0.4, "native_late": 6.0, "edited": 2.0, "deleted_at_once": 0.0, "deleted_later": 5.0, "restored": 3.0}  # seconds


def page_id(code: str) -> int:
    """The sandbox's id of the page of a body."""
    return FIRST_PAGE + PAGES.index(code)


@dataclass(frozen=True)
class Spoken:
    """What was said and where the sandbox put it; `post` is "" for a direct message."""

    line: Line
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
        self._awaiting: dict[tuple[str, str], Spoken] = {}  # those who will react to an answer
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
        found = [
            (entry, self._awaiting.pop((entry["page"], entry["reply_to"])))
            for entry in ledger
            if (entry["page"], entry["reply_to"]) in self._awaiting
        ]
        for entry, spoken in found:
            text = self._dice.choice(THANKS_AFTER if spoken.line.plan == "thanks" else NOT_DONE_AFTER)
            if spoken.post:
                self.sandbox.comment(spoken.page, spoken.post, text, author=spoken.line.author, reply_to=entry["id"])
            else:
                self.sandbox.message(spoken.page, text, author=spoken.line.author)
            self.spoken += 1
        return len(found)

    def _say(self, line: Line) -> None:
        page = page_id(line.page)
        post = str(self._dice.choice(POSTS)) if line.channel == "comment" else ""
        if post:
            made = self.sandbox.comment(page, post, line.text, author=line.author, attachments=line.attachments)
        else:
            made = self.sandbox.message(page, line.text, author=line.author, attachments=line.attachments)
        self.spoken += 1
        spoken = Spoken(line, page, made["id"], made["thread"], post, time.monotonic() + LATER.get(line.plan, 0.0))
        if line.plan in LATER:
            self._planned.append(spoken)
        elif line.plan:
            self._awaiting[str(page), spoken.id] = spoken

    def _carry_out(self, spoken: Spoken) -> None:
        match spoken.line.plan:
            case "native" | "native_late":
                self.sandbox.native(spoken.page, spoken.thread, self._dice.choice(NATIVE), reply_to=spoken.id)
            case "edited":
                self.sandbox.edit(spoken.page, spoken.id, f"{spoken.line.text}. Уточняю: второй подъезд")
            case "deleted_at_once" | "deleted_later":
                self.sandbox.delete(spoken.page, spoken.id)
            case "restored" if spoken.post:
                self.sandbox.delete(spoken.page, spoken.id)
                self.sandbox.restore(spoken.page, spoken.id)
