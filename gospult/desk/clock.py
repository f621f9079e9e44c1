"""The clock of a case: a pure function of its events, a deadline rule and a working calendar.

Three clocks count from the earliest message of the case:
  first    until the first reply that residents see (interim, final or native);
  interim  until the first reply in substance (the same three kinds);
  final    until the final or native answer.
An interim answer moves the final clock to the end of the promised day, but never beyond
`final_after_interim` counted from the FIRST interim answer: a chain of promises cannot stretch it.
A pause stops whatever runs and is not overdue yet; a date promised to residents is never paused.
`returned` (control sends a published answer back) starts the final clock anew with the rule's `rework`,
else `final`; `reopened` (the resident says it is not done) starts all three anew from that moment.
`closed` without an answer ends the clocks: late if the term had passed, otherwise nothing is owed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from gospult.desk.deadlines import DeadlineRule, Duration
from gospult.desk.history import WITHOUT_CLOCK, Facts, gather
from gospult.desk.history import Event as Event  # the desk says clock.Event
from gospult.lib.calendar import Calendar
from gospult.lib.words import in_words

RUNNING, MET, LATE, PAUSE, NONE = "running", "met", "late", "paused", "none"
OVERDUE, DUE_SOON, IN_ORDER, WAITING = "overdue", "due_soon", "in_order", "waiting"
NAMES = {"first": "Первая реакция", "interim": "Ответ по существу или промежуточный", "final": "Окончательный ответ"}
LAST = datetime.max.replace(tzinfo=UTC)
SOON = timedelta(hours=2)  # look.md: amber within two hours of working time


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: due and stopped in UTC; `state` is running, met, late, paused or none; `spans` are the counted stretches."""

    name: str
    state: str = NONE
    started_at: datetime | None = None
    due_at: datetime | None = None
    stopped_at: datetime | None = None
    term: Duration | None = None
    promised: date | None = None
    spans: tuple[tuple[datetime, datetime], ...] = ()
    calendar: Calendar | None = field(default=None, repr=False)

    def overdue(self, now: datetime) -> bool:
        """Runs and its term has passed."""
        return self.state == RUNNING and self.due_at is not None and now > self.due_at

    def state_at(self, now: datetime) -> str:
        """The state with «overdue» told apart from «running»."""
        return OVERDUE if self.overdue(now) else self.state

    def left(self, now: datetime) -> timedelta | None:
        """Working time (elapsed time for calendar terms) until it is due, negative when past; a pause holds it; None when it does not run."""
        if self.state not in (RUNNING, PAUSE) or self.due_at is None or self.calendar is None:
            return None
        return self.calendar.worked((self.stopped_at or now) if self.state == PAUSE else now, self.due_at)

    def soon_at(self) -> datetime | None:
        """The moment from which at most two hours of working time are left; None when it does not run."""
        return self.calendar.add(self.due_at, -SOON) if self.state == RUNNING and self.due_at and self.calendar else None


@dataclass(frozen=True, slots=True)
class Clocks:
    """The three clocks of a case, the one that burns next, and the state of the whole."""

    first: Clock
    interim: Clock
    final: Clock
    next: Clock | None  # the running clock that is due first
    state: str  # running, paused, met, late or none
    late: bool  # some clock of this round was stopped too late
    returned: int = 0
    reopened: int = 0
    opened_at: datetime | None = None
    first_reaction_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def next_due_at(self) -> datetime | None:
        """When the next clock is due; None when nothing runs."""
        return self.next.due_at if self.next else None

    def overdue(self, now: datetime) -> bool:
        """Some clock runs past its term."""
        return self.next is not None and self.next.overdue(now)

    def status(self, now: datetime) -> str:
        """One of the four states a person sees: overdue, due_soon, in_order, waiting (nothing is asked of the body now)."""
        left = self.left(now)
        if left is None or self.next is None:
            return WAITING
        return OVERDUE if self.next.overdue(now) else DUE_SOON if left <= SOON else IN_ORDER

    def left(self, now: datetime) -> timedelta | None:
        """Signed working time until the next clock is due; None when nothing runs."""
        return self.next.left(now) if self.next else None

    def words(self, now: datetime) -> str:
        """«2 ч 10 мин», «просрочено на 3 ч», «3 дня»; empty when nothing runs."""
        left = self.left(now)
        if left is None or not self.next or not self.next.calendar:
            return ""
        # Past a term that ended with the working day nothing is counted yet, but it is past.
        return in_words(min(left, -timedelta.resolution) if self.overdue(now) else left, self.next.calendar.day_length)


def recount(events: Iterable[Event], rule: DeadlineRule, calendar: Calendar) -> Clocks:
    """The clocks of a case from all its events, in any order."""
    return clocks(gather(events), rule, calendar)


def clocks(facts: Facts, rule: DeadlineRule, calendar: Calendar) -> Clocks:
    """The clocks that follow from the facts."""
    start = facts.round_at or facts.opened_at
    if start is None or facts.kind in WITHOUT_CLOCK:
        three = (Clock("first"), Clock("interim"), Clock("final"))
    else:
        three = _three(start, facts, rule, calendar)
    running = [clock for clock in three if clock.state == RUNNING]
    burning = min(running, key=lambda clock: clock.due_at or LAST) if running else None
    late = LATE in [clock.state for clock in three] or (start is not None and facts.kind not in WITHOUT_CLOCK and _was_late(facts, rule, calendar))
    return Clocks(
        *three,
        next=burning,
        state=_whole([clock.state for clock in three]),
        late=late,
        returned=facts.returned,
        reopened=facts.reopened,
        opened_at=facts.opened_at,
        first_reaction_at=facts.reaction_at,
        answered_at=facts.answered_at,
    )


def _three(start: datetime, facts: Facts, rule: DeadlineRule, calendar: Calendar) -> tuple[Clock, Clock, Clock]:
    first = _count("first", start, rule.term("first", facts.urgent), facts.reaction_at, facts, calendar)
    interim = _count("interim", start, rule.term("interim", facts.urgent), facts.reaction_at, facts, calendar)
    return first, interim, _final(start, rule, facts, calendar)


def _was_late(facts: Facts, rule: DeadlineRule, calendar: Calendar) -> bool:
    """Whether a round before this one ended late, by what is known of the case now."""
    for past in facts.past:
        start = past.round_at or facts.opened_at
        if start and LATE in [clock.state for clock in _three(start, past, rule, calendar)]:
            return True
    return False


def _whole(states: list[str]) -> str:
    """The state of the case: what still runs comes first, then the verdict of the final clock, then the worst of the rest."""
    if states[-1] in (MET, LATE) and RUNNING not in states:
        return states[-1]
    return next((state for state in (RUNNING, PAUSE, LATE, MET) if state in states), NONE)


def _final(start: datetime, rule: DeadlineRule, facts: Facts, calendar: Calendar) -> Clock:
    """The final clock: its own term, a rework's, or what an interim answer left of it."""
    term = rule.term("final", facts.urgent)
    if facts.rework_at:
        start, term = facts.rework_at, rule.term("rework", facts.urgent) or term
    if not facts.interim_at:
        return _count("final", start, term, facts.answered_at, facts, calendar)
    longest = rule.term("final_after_interim", facts.urgent)
    if not facts.promised:
        return _count("final", facts.interim_at if longest else start, longest or term, facts.answered_at, facts, calendar)
    due = calendar.end_of(facts.promised)
    if longest and longest.due(facts.interim_at, calendar) < due:
        return _count("final", facts.interim_at, longest, facts.answered_at, facts, calendar)
    return _stopped(Clock("final", RUNNING, facts.interim_at, due, None, None, facts.promised, (), calendar), facts.answered_at, facts)


def _count(name: str, start: datetime, term: Duration | None, stop: datetime | None, facts: Facts, calendar: Calendar) -> Clock:
    """A clock of a term from a start: each pause before the term's end moves the end by the working time it took."""
    if term is None:
        return Clock(name)
    if not term.working:
        calendar = Calendar.always(calendar.zone)
    due = term.due(start, calendar)
    if not facts.pauses:  # nearly every case; a million of them are counted at once
        return _stopped(Clock(name, RUNNING, start, due, None, term, None, ((start, due),) if start < due else (), calendar), stop, facts)
    since, spans = start, []
    end = min((moment for moment in (stop, facts.closed_at) if moment), default=None)
    for begun, resumed in facts.pauses:
        if begun >= due or (end and begun >= end):
            break
        if resumed and resumed <= since:
            continue
        begun = max(begun, since)
        if since < begun:
            spans.append((since, begun))
        if resumed is None and end is None:
            return Clock(name, PAUSE, start, due, begun, term, None, tuple(spans), calendar)
        since = min(moment for moment in (resumed, end) if moment)
        due = calendar.add(since, calendar.worked(begun, due))
    if since < due:
        spans.append((since, due))
    return _stopped(Clock(name, RUNNING, start, due, None, term, None, tuple(spans), calendar), stop, facts)


def _stopped(clock: Clock, stop: datetime | None, facts: Facts) -> Clock:
    """The clock with its verdict: running, met or late; closed in time without an answer owes nothing."""
    end, verdict = stop, MET
    if facts.closed_at and (stop is None or facts.closed_at < stop):
        end, verdict = facts.closed_at, NONE
    if end is None or clock.due_at is None:
        return clock
    state = LATE if end > clock.due_at else verdict
    return Clock(clock.name, state, clock.started_at, clock.due_at, end, clock.term, clock.promised, clock.spans, clock.calendar)
