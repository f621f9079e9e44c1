"""What was lost and what was said twice: the database against the sandbox's own ledger. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[str, str]  # page, external id


@dataclass(frozen=True)
class Posted:
    """A line of the sandbox's ledger: the page really said it; `by` is "api" or "native"."""

    page: str
    id: str
    thread: str
    reply_to: str
    text: str
    by: str
    guid: str = ""


@dataclass(frozen=True)
class Reply:
    """An Outgoing of ours; claimed_at is when its last try began."""

    page: str
    answer: int
    message: int
    guard: str
    state: str
    external_id: str = ""
    needs_person: bool = False
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """Both sides. `heard` is when we first heard of what a page said by itself; `approved` are answers that must have left,
    `published` those that the desk calls published, not counting those that a person confirmed by hand."""

    said: Iterable[Place]  # what residents said in the sandbox
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
    return Verdict(tuple(_lost(evidence)), tuple(_doubled(evidence)), tuple(_unknown(evidence)))


def _lost(evidence: Evidence) -> list[str]:
    proofs = {(line.page, line.id) for line in evidence.ledger}
    lost = [f"житель сказал {page}/{number}, у нас этого нет" for page, number in sorted(set(evidence.said) - evidence.known)]
    sent = [reply for reply in evidence.replies if reply.state == "sent"]
    lost += [
        f"ответ {r.answer} назван опубликованным как {r.page}/{r.external_id}, в сети его нет" for r in sent if (r.page, r.external_id) not in proofs
    ]
    lost += [f"ответ {r.answer} на сообщение {r.message} не ушёл: {r.state}" for r in evidence.replies if _never_left(r)]
    have_reply = {reply.answer for reply in evidence.replies}
    lost += [f"ответ {answer} согласован, но не отправлялся" for answer in sorted(evidence.approved - have_reply)]
    lost += [f"ответ {answer} назван опубликованным без отправки" for answer in sorted(evidence.published - {r.answer for r in sent})]
    ours = {(r.page, r.external_id) for r in sent}
    return lost + [f"в сети есть {p.page}/{p.id}, о котором мы не знаем" for p in evidence.ledger if p.by == "api" and (p.page, p.id) not in ours]


def _never_left(reply: Reply) -> bool:
    """Neither sent nor taken back, and no person has been asked to look."""
    return reply.state in ("ready", "claimed") or (reply.state == "failed" and not reply.needs_person)


def _unknown(evidence: Evidence) -> list[str]:
    open_ones = [reply for reply in evidence.replies if reply.state == "unknown" and not reply.needs_person]
    return [f"исход ответа {reply.answer} на сообщение {reply.message} неизвестен" for reply in open_ones]


def _doubled(evidence: Evidence) -> list[str]:
    by_api = [line for line in evidence.ledger if line.by == "api"]
    same_words = Counter((line.page, line.thread, line.reply_to, line.text) for line in by_api)
    doubled = [f"{page}/{thread}: одно и то же на {reply_to} {n} раза" for (page, thread, reply_to, _), n in same_words.items() if n > 1]
    rows = {(reply.page, reply.guard): reply for reply in evidence.replies}
    for_one = Counter((rows[line.page, line.guid].answer, rows[line.page, line.guid].message) for line in by_api if (line.page, line.guid) in rows)
    doubled += [f"ответ {answer} на сообщение {message} вышел {n} раза" for (answer, message), n in for_one.items() if n > 1]
    return doubled + _after_native(evidence, by_api, rows)


def _after_native(evidence: Evidence, by_api: Sequence[Posted], rows: Mapping[Place, Reply]) -> list[str]:
    """Replies of ours to a message that the page had answered by itself, and we had heard of it before the sending began."""
    doubled = []
    for line in by_api:
        reply = rows.get((line.page, line.guid))
        for other in evidence.ledger:
            if reply and reply.claimed_at and other.by == "native" and _answered_before(other, line):
                heard = evidence.heard.get((other.page, other.id))
                if heard and heard < reply.claimed_at:
                    doubled.append(f"{line.page}/{line.id}: на {line.reply_to} уже ответила сама страница ({other.id})")
    return doubled


def _answered_before(native: Posted, ours: Posted) -> bool:
    """Whether the native reply stands in the same thread, after the message that ours answers and before ours."""
    if (native.page, native.thread) != (ours.page, ours.thread) or not ours.reply_to:
        return False
    to_it = native.reply_to in ("", ours.reply_to) or ours.thread.startswith("d")
    return to_it and int(ours.reply_to[1:]) < int(native.id[1:]) < int(ours.id[1:])
