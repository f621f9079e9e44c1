"""Ten thousand deeds of residents and stewards on the pages of one network, and replies to a part of them; it knows only the sandbox.

Every deed is drawn from a seed. What cannot happen in a network (a bot's own dialogue has no other app to answer in) is not drawn there.
"""

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gospult.networks.base import UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import SandboxClient

FIRST_PAGE = 910_000_001
POSTS = 3  # on every page
# A deed → its weight.
DEEDS = {"comment": 38, "answer": 10, "message": 26, "attachment": 10, "edit": 8, "delete": 4, "native": 4}
FILES: dict[str, tuple[str, ...]] = {"comment": ("photo", "video", "file"), "dm": ("photo", "voice", "file")}
YOUNG = 400  # so many of the latest utterances may still be edited, deleted or answered


@dataclass(frozen=True)
class Opened:
    """A page of the flood in the sandbox."""

    number: int
    external_id: str
    tokens: dict[str, str]
    posts: Sequence[str]


@dataclass
class Said:
    """Something that a resident said; nobody edits it twice, so the order of two edits is never in question."""

    page: Opened
    id: str
    thread: str
    post: str
    author: str
    touched: bool = False

    @property
    def kind(self) -> UtteranceKind:
        return "comment" if self.post else "dm"


class Flood:
    """The deeds of one network, one after another."""

    def __init__(self, wall: SandboxClient, *, pages: int, seed: int) -> None:
        self.wall = wall
        self.dice = random.Random(f"{seed}/{wall.network}")
        self.pages = [self._open(FIRST_PAGE + number) for number in range(pages)]
        self.young: list[Said] = []
        self.done: Counter[str] = Counter()
        self._number = itertools.count(1)
        # Where the network lists no dialogues, they are a bot's, and no other app answers in them.
        self._own_app: tuple[UtteranceKind, ...] = ("comment", "dm") if "dialogues" in self._can() else ("comment",)

    def _can(self) -> frozenset[str]:
        network = NETWORKS[self.wall.network]
        return network.can(frozenset(network.kinds))

    def _open(self, number: int) -> Opened:
        made = self.wall.add_page(number, name=f"Учреждение {number}", handle=f"flood_{number}", members=500)
        posts = [self.wall.add_post(number, f"Новость {place}") for place in range(POSTS)]
        return Opened(number, made["external_id"], made["tokens"], posts)

    def step(self) -> None:
        """One deed."""
        deed = self.dice.choices(list(DEEDS), weights=list(DEEDS.values()))[0]
        mine = self._young(deed) if deed in ("answer", "edit", "delete", "native") else None
        match deed:
            case "edit" | "delete" | "native" if mine:
                getattr(self, f"_{deed}")(mine)
            case "message":
                self._message()
            case "attachment":
                self._message(files=True) if self.dice.random() < 0.4 else self._comment(files=True)
            case _:
                deed = "answer" if mine else "comment"
                self._comment(mine)
        self.done[deed] += 1

    def _young(self, deed: str) -> Said | None:
        """An utterance that this may still happen to."""
        fit = [said for said in self.dice.sample(self.young, min(8, len(self.young))) if not said.touched and self._fits(said, deed)]
        return fit[0] if fit else None

    def _fits(self, said: Said, deed: str) -> bool:
        return bool(said.post) if deed == "answer" else said.kind in self._own_app if deed == "native" else True

    def _comment(self, above: Said | None = None, *, files: bool = False) -> None:
        page = above.page if above else self.dice.choice(self.pages)
        post, number = (above.post if above else self.dice.choice(page.posts)), next(self._number)
        things = [self.dice.choice(FILES["comment"])] if files else []
        author, reply_to = f"Житель {number}", above.id if above else ""
        made = self.wall.comment(page.number, post, f"Сообщение {number}", author=author, reply_to=reply_to, attachments=things)
        self._keep(page, made, post, author)

    def _message(self, *, files: bool = False) -> None:
        page, number = self.dice.choice(self.pages), next(self._number)
        things = [self.dice.choice(FILES["dm"])] if files else []
        author = f"Житель {number}"
        self._keep(page, self.wall.message(page.number, f"Сообщение {number}", author=author, attachments=things), "", author)

    def _keep(self, page: Opened, made: dict[str, Any], post: str, author: str) -> None:
        self.young.append(Said(page, made["id"], made["thread"], post, author))
        del self.young[:-YOUNG]

    def _edit(self, said: Said) -> None:
        said.touched = True
        self.wall.edit(said.page.number, said.id, f"Исправлено {next(self._number)}")

    def _delete(self, said: Said) -> None:
        said.touched = True
        self.wall.delete(said.page.number, said.id)

    def _native(self, said: Said) -> None:
        said.touched = True
        self.wall.native(said.page.number, said.thread, f"Отвечаем сами {next(self._number)}", reply_to=said.id)
