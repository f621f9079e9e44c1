"""How many people must approve an answer, who they are, and how long they have."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.registry.models import BodySphere

from ..deadlines import Duration
from ..models import Answer, ApprovalPolicy, Case
from .deadlines import deadlines_for

USUAL_HOURS = 4


@dataclass(frozen=True)
class Need:
    """`count` approvers; `strict` means that none of them is the author; `first` approves before the others, None is anybody."""

    count: int
    strict: bool
    hours: int
    first: Person | None
    why: str


def needs_approval(answer: Answer) -> int:
    """How many persons must approve the answer; 0: its writer may publish it himself."""
    return need_of(answer).count


def need_of(answer: Answer) -> Need:
    """What the policies ask of the answer. Where none fits, one look by whoever may publish is enough, be it his own answer."""
    case, today = answer.case, timezone.localdate()
    rows = in_force(today).select_related("topic", "sphere", "approver", "substitute").order_by("pk")
    fitting = [policy for policy in rows if _fits(policy, answer, case)]
    if not fitting:
        return Need(1, False, USUAL_HOURS, None, "")
    strictest = max(fitting, key=lambda policy: (policy.approvers, policy.approver_id is not None, -policy.hours, -policy.pk))
    return Need(strictest.approvers, True, strictest.hours, _first(strictest, today), strictest.title)


def in_force(day: date) -> QuerySet[ApprovalPolicy]:
    """The policies that ask on this day."""
    return ApprovalPolicy.objects.filter(Q(from_date=None) | Q(from_date__lte=day), retired_at=None)


def _fits(policy: ApprovalPolicy, answer: Answer, case: Case) -> bool:
    return (
        (policy.topic_id is None or policy.topic_id == case.topic_id)
        and (not policy.group_code or bool(case.topic and case.topic.group_code == policy.group_code))
        and (not policy.urgent or case.urgent)
        and (not policy.danger or case.danger)
        and (policy.mass_from is None or case.message_count >= policy.mass_from)
        and (policy.sphere_id is None or BodySphere.objects.filter(body=case.body_id, sphere=policy.sphere_id).exists())
        and (not policy.beyond_norm or _beyond_norm(answer, case))
    )


def _beyond_norm(answer: Answer, case: Case) -> bool:
    """The promised day is later than the deadlines allow after an interim answer given now."""
    if answer.kind != Answer.Kind.INTERIM or answer.promised_date is None:
        return False
    rule, calendar = deadlines_for(case)
    longest = rule.term("final_after_interim", case.urgent) or rule.term("final", case.urgent)
    return longest is not None and calendar.end_of(answer.promised_date) > longest.due(timezone.now(), calendar)


def _first(policy: ApprovalPolicy, today: date) -> Person | None:
    away = policy.away_from and policy.away_from <= today and (policy.away_until is None or today <= policy.away_until)
    return policy.substitute if away else policy.approver


def approve_by(answer: Answer) -> datetime:
    """Until when the next approver has time, in the working hours of the body."""
    return Duration(need_of(answer).hours, "working_hours").due(timezone.now(), deadlines_for(answer.case)[1])


@dataclass(frozen=True)
class Standing:
    """How far the approval of an answer has come, for its screen."""

    need: Need
    by: list[str]
    left: int
    late: bool


def standing(answer: Answer) -> Standing:
    """Who has approved, how many are still asked, and whether the time is over."""
    need, by = need_of(answer), [str(row.by) for row in answer.approvals.select_related("by").order_by("pk")]
    late = bool(answer.approve_by and answer.approve_by < timezone.now() - timedelta(seconds=1))
    return Standing(need, by, max(0, need.count - len(by)), late)


def may_sign(answer: Answer, by: Person) -> str:
    """Why the person cannot be the next approver, in one sentence; empty when he can."""
    need = need_of(answer)
    if need.strict and need.count and answer.author_id == by.pk:
        return f"Свой ответ согласовать нельзя: по правилу «{need.why}» это делает другой человек."
    if answer.approvals.filter(by=by).exists():
        return "Вы уже согласовали этот ответ: второй раз нужен другой человек."
    if need.first and need.first.pk != by.pk and not answer.approvals.exists():
        return f"Первым этот ответ согласует {need.first}: по правилу «{need.why}»."
    return ""
