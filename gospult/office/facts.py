"""Whether what a task asks for has come true: pure functions of what was read. No database.

Each says what it saw, or "" while it is not so. What is broken again before anybody looks is not so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gospult.lib.words import moment_in_words, plural

CASES = ("обращение", "обращения", "обращений")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read about a task's body and page at one moment; None is «not known».

    waiting   numbers of the named cases that are still this body's and without an answer
    named     how many were named; overdue: how many cases of the body are past their term
    faults    codes of everything that is wrong with the page
    card_at, proof_at, last_post_at  when the page was read, when it gave a sign of life, its latest post, local time
    """

    set_at: datetime
    named: int = 0
    waiting: tuple[str, ...] = ()
    overdue: int | None = None
    faults: frozenset[str] = frozenset()
    connected: bool = False
    proof_at: datetime | None = None
    card_at: datetime | None = None
    comments_open: bool | None = None
    last_post_at: datetime | None = None
    published: str = ""
    ground: str = ""
    has_mark: bool | None = None


LINK = frozenset({"gone", "closed", "key", "problem", "deaf", "apart"})


def named_answered(facts: Facts) -> str:
    """All the named cases are answered, closed, or another body's."""
    return f"ответ дан: {plural(facts.named, CASES)}" if facts.named and not facts.waiting else ""


def no_overdue(facts: Facts) -> str:
    """No case of the body is past its term."""
    return "просроченных обращений нет" if facts.overdue == 0 else ""


def reconnected(facts: Facts) -> str:
    """The page is connected, nothing is wrong with its connection, and it gave a sign of life after the task was set."""
    if not facts.connected or facts.faults & LINK or not facts.proof_at or facts.proof_at <= facts.set_at:
        return ""
    return f"признак жизни {moment_in_words(facts.proof_at)}"


def comments_open(facts: Facts) -> str:
    """The card, read after the task was set, shows open comments."""
    if facts.comments_open is not True or not facts.card_at or facts.card_at <= facts.set_at or "gone" in facts.faults:
        return ""
    return f"комментарии открыты, карточка прочитана {moment_in_words(facts.card_at)}"


def published(facts: Facts) -> str:
    """The wall holds a post that is younger than the task."""
    if not facts.last_post_at or facts.last_post_at <= facts.set_at:
        return ""
    return f"новая запись {moment_in_words(facts.last_post_at)}"


def has_page(facts: Facts) -> str:
    """A page of the body is in force, or a ground for having none."""
    if facts.published:
        return f"действует страница «{facts.published}»"[:300]
    return "записано основание не вести страницу" if facts.ground else ""


def marked(facts: Facts) -> str:
    """The register says that the page has its mark."""
    return "в реестре у страницы есть госметка" if facts.has_mark else ""


CHECKS: dict[str, Callable[[Facts], str]] = {
    "answer_named": named_answered, "no_overdue": no_overdue, "reconnect": reconnected, "comments": comments_open, "publish": published,
    "get_page": has_page, "mark": marked,
}  # fmt: skip


def seen(goal: str, facts: Facts) -> str:
    """What shows that the goal is reached, "" while it is not; a goal in one's own words is seen by nobody but people."""
    check = CHECKS.get(goal)
    return check(facts) if check else ""
