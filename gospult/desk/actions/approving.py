"""Approval: who has looked at an answer, and the policies that say how many must."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused
from gospult.registry.models import roles_of

from ..models import Answer, Approval, ApprovalPolicy, Topic
from ..queries.approval import approve_by, may_sign, need_of
from .events import happened
from .telling import tell_approval

LATELY = timedelta(hours=1)  # a reminder has a key of its own: looking twice tells once
MAY_APPROVE = {Role.OPERATOR, Role.CURATOR, Role.HEAD, Role.ADMIN}


@transaction.atomic
def sign(*, answer: Answer, by: Person) -> bool:
    """A person approves the answer as it stands; True when nobody else is asked. Of two who press at once one is refused."""
    need = need_of(answer)
    if why := may_sign(answer, by):
        raise Refused(why)
    known = Answer.objects.filter(pk=answer.pk, state=Answer.State.CHECKED, approved_times=answer.approved_times)
    if answer.state != Answer.State.CHECKED or not known.update(approved_times=F("approved_times") + 1):
        raise Refused("Ответ только что изменил другой сотрудник. Обновите страницу.")
    answer.approved_times += 1
    Approval.objects.create(answer=answer, by=by)
    if answer.approved_times >= need.count:
        return True
    answer.approve_by = approve_by(answer)
    Answer.objects.filter(pk=answer.pk).update(approve_by=answer.approve_by)
    happened(case=answer.case, event="answer_signed", by=by, answer=answer.pk)
    tell_approval(answer)
    journal.write(by, "answer_signed", answer, case=answer.case_id, step=answer.approved_times)
    return False


def remind_approvers(*, limit: int = 200) -> int:
    """Approvers whose time was over within the last hour are told once; returns how many answers wait for them."""
    now = timezone.now()
    late = Answer.objects.filter(state=Answer.State.CHECKED, approve_by__range=(now - LATELY, now)).select_related("case__body")
    answers = list(late.order_by("approve_by")[:limit])
    for answer in answers:
        tell_approval(answer, late=True)
    return len(answers)


def unsigned(answer: Answer) -> dict[str, Any]:
    """What an answer that goes back to draft loses: those who approved it have approved other words."""
    answer.approvals.all().delete()
    return {"approved_times": 0, "approve_by": None}


@transaction.atomic
def set_policy(
    *, title: str, approvers: int, hours: int = 4, topic: Topic | None = None, group_code: str = "", sphere: Any = None, urgent: bool = False,
    danger: bool = False, beyond_norm: bool = False, mass_from: int | None = None, approver: Person | None = None,
    substitute: Person | None = None, by: Person,
) -> ApprovalPolicy:  # fmt: skip
    """A policy of approval is in force from now on."""
    if not title.strip():
        raise Refused("Назовите правило: это имя увидят те, чей ответ ждёт согласования.")
    if not 0 <= approvers <= 2:
        raise Refused("Согласующих бывает от нуля до двух.")
    if approver and not approvers:
        raise Refused("Правило не просит согласования, а согласующий назван: уберите его или поставьте хотя бы одного.")
    if substitute and (approver is None or substitute == approver):
        raise Refused("Заместитель — другой человек: назовите согласующего и того, кто его заменит.")
    for person in (approver, substitute):
        if person and not roles_of(person) & MAY_APPROVE:
            raise Refused(f"{person} не может согласовывать: сначала дайте роль куратора, руководителя или оператора.")
    row = ApprovalPolicy.objects.create(
        title=title.strip(), approvers=approvers, hours=hours, topic=topic, group_code=group_code, sphere=sphere, urgent=urgent, danger=danger,
        beyond_norm=beyond_norm, mass_from=mass_from, approver=approver, substitute=substitute,
    )  # fmt: skip
    journal.write(by, "approval_set", row, approvers=approvers)
    return row


@transaction.atomic
def retire_policy(*, policy: ApprovalPolicy, by: Person) -> None:
    """The policy asks nobody any more; answers that wait are asked by what is left."""
    if not ApprovalPolicy.objects.filter(pk=policy.pk, retired_at=None).update(retired_at=timezone.now()):
        raise Refused("Это правило уже убрали. Обновите страницу.")
    journal.write(by, "approval_retired", policy)


@transaction.atomic
def set_away(*, policy: ApprovalPolicy, since: date | None, until: date | None, by: Person) -> None:
    """The approver is away on these days, and the substitute approves; without days he is back."""
    if since and policy.substitute is None:
        raise Refused("Заместитель не назван: заведите правило заново и назовите его.")
    if since and until and until < since:
        raise Refused("Отсутствие кончается раньше, чем начинается: поменяйте даты местами.")
    if until and not since:
        raise Refused("Укажите, с какого дня согласующего нет.")
    ApprovalPolicy.objects.filter(pk=policy.pk).update(away_from=since, away_until=until)
    journal.write(by, "approval_away", policy, since=since and since.isoformat(), until=until and until.isoformat())
