"""What was lost and what was said twice: the database against the sandbox's own ledger. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[str, str, str]  # network, the page's id there, external id


@dataclass(frozen=True)
class Posted:
    """A line of the sandbox's ledger: the page really said it; `by` is "api" or "native", `number` grows with time inside a page."""

    network: str
    page: str
    id: str
    thread: str
    reply_to: str
    text: str
    by: str
    number: int
    guid: str = ""

    @property
    def place(self) -> Place:
        return self.network, self.page, self.id


@dataclass(frozen=True)
class Reply:
    """An Outgoing of ours; claimed_at is when its last try began."""

    network: str
    page: str
    answer: int
    message: int
    reply_to: str
    text: str
    guard: str
    state: str
    external_id: str = ""
    needs_person: bool = False
    claimed_at: datetime | None = None

    @property
    def shown(self) -> bool:
        """Whether a person is asked to find out, or to decide, what becomes of it."""
        return self.needs_person and self.state in ("unknown", "failed")


@dataclass(frozen=True)
class Evidence:
    """Both sides. `heard` is when we first heard of what a page said by itself; `approved` are answers that must have left,
    `published` those that the desk calls published, not counting those that a person confirmed by hand."""

    said: Mapping[Place, int]  # what residents said in the sandbox and could be heard → its number there
    ledger: Sequence[Posted]
    known: frozenset[Place]  # what the desk, or another addressee, has of it
    replies: Sequence[Reply]
    heard: Mapping[Place, datetime] = field(default_factory=dict)
    approved: frozenset[int] = frozenset()
    published: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """Each fault as one line for a person; `unknown` are outcomes that nobody knows and no person was asked about."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unknown: tuple[str, ...]


def count(evidence: Evidence) -> Verdict:
    """Compare both sides; order and repetition of the evidence do not matter."""
    rows = _Rows(evidence.replies)
    return Verdict(tuple(_lost(evidence, rows)), tuple(_doubled(evidence, rows)), tuple(_unknown(evidence)))


class _Rows:
    """Which row of ours stands behind a line of the ledger: by its proof, its guard, else by the words and what they answer."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._by_proof = {(r.network, r.page, r.external_id): r for r in replies if r.external_id}
        self._by_guard = {(r.network, r.page, r.guard): r for r in replies}
        self._of_page: dict[tuple[str, str], list[Reply]] = {}
        for reply in replies:
            self._of_page.setdefault((reply.network, reply.page), []).append(reply)

    def behind(self, line: Posted) -> Reply | None:
        """The row, None when no row of ours said this."""
        known = self._by_proof.get(line.place) or self._by_guard.get((line.network, line.page, line.guid))
        rows = [] if known else self._of_page.get((line.network, line.page), [])
        # Where pictures are refused, the text goes on with their links; where the question was deleted, the reply answers nothing.
        return known or next((row for row in rows if line.reply_to in ("", row.reply_to) and line.text.startswith(row.text)), None)


def _lost(evidence: Evidence, rows: _Rows) -> list[str]:
    proofs = {line.place for line in evidence.ledger}
    lost = [f"житель сказал {_words(place)}, у нас этого нет" for place in sorted(set(evidence.said) - evidence.known)]
    sent = [reply for reply in evidence.replies if reply.state == "sent"]
    lost += [
        f"ответ {reply.answer}: в сети нет {_words((reply.network, reply.page, reply.external_id))}"
        for reply in sent
        if (reply.network, reply.page, reply.external_id) not in proofs
    ]
    lost += [f"ответ {r.answer} на сообщение {r.message} не ушёл: {r.state}" for r in evidence.replies if _never_left(r)]
    have_reply = {reply.answer for reply in evidence.replies}
    lost += [f"ответ {answer} согласован, но не отправлялся" for answer in sorted(evidence.approved - have_reply)]
    lost += [f"ответ {answer} назван опубликованным без отправки" for answer in sorted(evidence.published - {r.answer for r in sent})]
    return lost + [f"в сети есть {_words(line.place)}, о котором мы не знаем" for line in evidence.ledger if _unheard_of(line, rows)]


def _unheard_of(line: Posted, rows: _Rows) -> bool:
    """Published through the API, and no row of ours has it for its proof nor asks a person about it."""
    row = rows.behind(line) if line.by == "api" else None
    return line.by == "api" and (row is None or (row.external_id != line.id and not row.shown))


def _words(place: Place) -> str:
    return "/".join(place)


def _never_left(reply: Reply) -> bool:
    """Neither sent nor taken back, and no person has been asked to look."""
    return reply.state in ("ready", "claimed") or (reply.state == "failed" and not reply.needs_person)


def _unknown(evidence: Evidence) -> list[str]:
    open_ones = [reply for reply in evidence.replies if reply.state == "unknown" and not reply.needs_person]
    return [f"исход ответа {reply.answer} на сообщение {reply.message} неизвестен" for reply in open_ones]


def _doubled(evidence: Evidence, rows: _Rows) -> list[str]:
    by_api = [line for line in evidence.ledger if line.by == "api"]
    # Threads of a flat network have no names of their own: what is answered tells the place, and the thread only where nothing is.
    same_words = Counter((line.network, line.page, line.reply_to or line.thread, line.text) for line in by_api)
    doubled = [f"{network}/{page}: одно и то же на {place} {n} раза" for (network, page, place, _), n in same_words.items() if n > 1]
    ours = [row for line in by_api if (row := rows.behind(line))]
    doubled += [f"ответ {answer} на сообщение {message} вышел {n} раза" for (answer, message), n in _times(ours).items() if n > 1]
    return doubled + _after_native(evidence, by_api, rows)


def _times(rows: Sequence[Reply]) -> Counter[tuple[int, int]]:
    return Counter((row.answer, row.message) for row in rows)


def _after_native(evidence: Evidence, by_api: Sequence[Posted], rows: _Rows) -> list[str]:
    """Replies of ours to a message that the page had answered by itself, and we had heard of it before the sending began."""
    natives: dict[tuple[str, str], list[Posted]] = {}
    for other in evidence.ledger:
        if other.by == "native":
            natives.setdefault((other.network, other.page), []).append(other)
    doubled = []
    for line in by_api:
        reply = rows.behind(line)
        for other in natives.get((line.network, line.page), ()):
            heard = evidence.heard.get(other.place)
            if reply and reply.claimed_at and heard and heard < reply.claimed_at and _answered_before(evidence, other, line):
                doubled.append(f"{_words(line.place)}: на {line.reply_to} уже ответила сама страница ({other.id})")
    return doubled


def _answered_before(evidence: Evidence, native: Posted, ours: Posted) -> bool:
    """Whether the native reply answers the message that ours answers, and stands before ours."""
    asked = evidence.said.get((ours.network, ours.page, ours.reply_to))
    if asked is None or native.id[:1] != ours.id[:1]:
        return False
    in_thread = native.thread == ours.thread and (native.reply_to == "" or ours.id.startswith("m"))
    return (native.reply_to == ours.reply_to or in_thread) and asked < native.number < ours.number
