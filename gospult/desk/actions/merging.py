"""One problem, one case: merging moves messages in, splitting moves them out; both keep history."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Min

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import OPEN, Answer, Case, Message
from ..queries import judge
from .alarming import carry_alarms
from .carrying import bring_back, carry_along
from .events import happened, recount
from .sorting import open_case


@transaction.atomic
def merge(*, case: Case, into: Case, by: Person) -> None:
    """The messages of a case move into another one; the earliest of them sets the clock."""
    if case.pk == into.pk:
        raise Refused("Обращение нельзя объединить с самим собой.")
    locked = {c.pk: c for c in Case.objects.select_for_update().filter(pk__in=[case.pk, into.pk]).order_by("pk")}
    if any(c.state not in OPEN for c in locked.values()):
        raise Refused("Объединяют только обращения в работе: одно из них закрыто, отвечено или уже объединено.")
    if case.answers.filter(state=Answer.State.APPROVED).exists():
        raise Refused("Ответ по обращению уже публикуется: объедините, когда он выйдет.")
    moved = list(case.message_set.values_list("pk", flat=True))
    case.answers.filter(state__in=[Answer.State.DRAFT, Answer.State.CHECKED, Answer.State.FAILED]).update(state=Answer.State.WITHDRAWN)
    case.move_to(Case.State.MERGED, merged_into=into)
    Message.objects.filter(pk__in=moved).update(case=into)
    happened(case=case, event="merged_into", by=by, into=into.pk)
    happened(case=into, event="merged", by=by, messages=moved, opened_at=case.opened_at.isoformat(), source=case.pk)
    carry_alarms(case=case, into=into)
    carry_along(case=case, into=into)
    recount(case=case)
    recount(case=into)
    journal.write(by, "case_merged", case, into=into.pk, messages=len(moved))


@transaction.atomic
def split(*, case: Case, messages: Sequence[Message], by: Person) -> Case:
    """Messages leave a case: back to the case they came from when all of its messages go, else into a new one."""
    Case.objects.select_for_update().get(pk=case.pk)  # two who split at once would leave an empty case
    inside = set(case.message_set.values_list("pk", flat=True))
    chosen = {m.pk for m in messages}
    if not chosen or not chosen <= inside:
        raise Refused("Выберите сообщения этого обращения.")
    if chosen == inside:
        raise Refused("В обращении должно остаться хотя бы одно сообщение.")
    source = _came_from(case, chosen)
    if source:
        source.move_to(Case.State.ROUTED if source.body_id else Case.State.NEW, merged_into=None)
        new = source
    else:
        first = min(messages, key=lambda m: (m.sent_at, m.pk))
        new = open_case(message=first, verdict=judge(first, has_photo=False), wordless=not first.text)
    _move_out(case, chosen, new, by)
    journal.write(by, "case_split", case, into=new.pk, messages=len(chosen))
    return new


def _move_out(case: Case, chosen: set[int], new: Case, by: Person) -> None:
    Message.objects.filter(pk__in=chosen).update(case=new)
    bring_back(case=new, out_of=case)
    stayed = case.message_set.aggregate(first=Min("sent_at"))["first"]
    happened(case=new, event="split_from", by=by, source=case.pk)
    happened(case=case, event="split", by=by, messages=sorted(chosen), into=new.pk, opened_at=stayed.isoformat())
    recount(case=new)
    recount(case=case)


@transaction.atomic
def unmerge(*, case: Case, by: Person) -> None:
    """A merge is undone: the messages that came with the case go back into it, and both clocks are as if it had never been."""
    if case.state != Case.State.MERGED or case.merged_into_id is None:
        raise Refused(f"Обращение {case.number} ни с чем не объединено.")
    into = {c.pk: c for c in Case.objects.select_for_update().filter(pk__in=[case.pk, case.merged_into_id]).order_by("pk")}[case.merged_into_id]
    if into.state not in OPEN or into.answers.filter(state=Answer.State.APPROVED).exists():
        raise Refused(f"Обращение {into.number} уже не в работе: ответ на него получили все, кто писал.")
    came = into.events.filter(kind="merged", data__source=case.pk).order_by("-id").first()
    inside = set(into.message_set.values_list("pk", flat=True))
    back = inside & set(came.data["messages"] if came else ())
    if not back or back == inside:
        raise Refused("В обращении должно остаться хотя бы одно сообщение: остальные уже выделены.")
    case.move_to(Case.State.ROUTED if case.body_id else Case.State.NEW, merged_into=None)
    _move_out(into, back, case, by)
    journal.write(by, "case_unmerged", case, out_of=into.pk, messages=len(back))


def _came_from(case: Case, chosen: set[int]) -> Case | None:
    for event in case.events.filter(kind="merged"):
        if set(event.data.get("messages", ())) == chosen:
            return Case.objects.filter(pk=event.data["source"], state=Case.State.MERGED, merged_into=case).first()
    return None
