"""Quality of answers: a sample is drawn, looked at by the checklist, objected to once, decided by another person."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person, Role
from gospult.alerts.actions import tell
from gospult.alerts.models import Kind
from gospult.lib.errors import Refused
from gospult.lib.words import moment_in_words
from gospult.registry.models import Body

from .. import quality
from ..deadlines import Duration
from ..models import Answer, Draw, Inspection
from ..queries import deadlines_for
from ..queries.people import distinct, executors, holders, stewards
from ..queries.quality import checklist_of, drawable, hands_of, in_time, last_week
from .telling import about

State = Inspection.State
Verdicts = Mapping[str, tuple[str, str]]  # criterion → (verdict, what is wrong)
FEWEST = 10  # letters of a reason


@transaction.atomic
def draw_sample(*, since: date, until: date, seed: str = "", bodies: QuerySet[Body] | None = None, by: Person | None) -> Draw:
    """Answers of these days are drawn for review; the same seed draws the same ones. `bodies` None: of the whole region."""
    if since > until or (until - since).days > 31:
        raise Refused("Выборку делают за дни подряд, не больше месяца: поправьте даты.")
    checklist = quality.checklist_on(until)
    if checklist is None:
        raise Refused("В файлах региона нет чек-листа качества: добавьте quality.json.")
    items = drawable(since, until, bodies)
    if not items:
        raise Refused("За эти дни нет ответов, которые ещё не выбирали: возьмите другие дни.")
    seed = seed.strip()[:32] or secrets.token_hex(4)
    picked = quality.lot(items, seed=seed, least=checklist.sample_least, share=checklist.sample_share)
    frame = [[item.answer, item.body, item.forced] for item in items]
    try:
        with transaction.atomic():
            draw = Draw.objects.create(
                since=since, until=until, seed=seed, checklist=checklist.code, least=checklist.sample_least, share=checklist.sample_share,
                frame=frame, by=by,
            )  # fmt: skip
            cases = dict(Answer.objects.filter(pk__in=[item.answer for item, _ in picked]).values_list("pk", "case"))
            Inspection.objects.bulk_create(
                Inspection(draw=draw, case_id=cases[item.answer], answer_id=item.answer, body_id=item.body, why=why) for item, why in picked
            )
    except IntegrityError as quicker:
        raise Refused("Выборку за эти дни только что сделал другой сотрудник. Обновите страницу.") from quicker
    journal.write(by, "quality_drawn", draw, seed=seed, since=str(since), until=str(until), of=len(items), drawn=len(picked))
    return draw


def draw_due() -> Draw | None:
    """Last week's answers are drawn once; None when that is done or there is nothing to draw."""
    since, until = last_week(timezone.localdate())
    if quality.checklist_on(until) is None or Draw.objects.filter(since=since, until=until, by=None).exists():
        return None
    try:
        return draw_sample(since=since, until=until, by=None)
    except Refused:
        return None  # a quiet week, or another worker was first


@transaction.atomic
def inspect(*, inspection: Inspection, verdicts: Verdicts, by: Person) -> Inspection:
    """An answer is judged by the checklist; the body learns of it and may object for some working days. The resident hears nothing."""
    if by.pk in hands_of(inspection.answer):
        raise Refused("Это ваш ответ или вы его согласовали: проверит другой человек.")
    checklist, (score, marks) = _judged(inspection, verdicts)
    now = timezone.now()
    until = Duration(checklist.objection_days, "working_days").due(now, deadlines_for(inspection.case)[1])
    inspection.move_to(State.DONE, marks=marks, score=score, by=by, at=now, object_by=until)
    if score < quality.WHOLE:
        text = (
            f"Качество ответа: {score} из 100, обращение {about(inspection.case)}. Возразить можно до {moment_in_words(timezone.localtime(until))}."
        )
        _tell([*executors(inspection.body), *stewards(inspection.case.page)], inspection, "done", text)
    journal.write(by, "answer_inspected", inspection, case=inspection.case_id, score=score)
    return inspection


def _judged(inspection: Inspection, verdicts: Verdicts) -> tuple[quality.Checklist, tuple[int, list[dict[str, object]]]]:
    checklist = checklist_of(inspection)
    if checklist is None:
        raise Refused("Чек-листа, по которому выбран ответ, больше нет в файлах региона: верните quality.json.")
    score, lines = quality.judge(checklist, verdicts)
    return checklist, (score, [asdict(line) for line in lines])


@transaction.atomic
def raise_objection(*, inspection: Inspection, text: str, by: Person) -> Inspection:
    """The body does not agree with the review, once and within its days; those who decide are told."""
    if len(text.strip()) < FEWEST:
        raise Refused("Напишите, с чем вы не согласны и почему: хватит одного предложения.")
    if inspection.state == State.DONE and not in_time(inspection):
        raise Refused("Срок возражения прошёл: проверка остаётся как есть.")
    if by.pk == inspection.by_id:
        raise Refused("Вы сами проверяли этот ответ: возражает орган.")
    inspection.move_to(State.OBJECTED, objection=text.strip()[:1000], objected_by=by, objected_at=timezone.now())
    people = [p for p in holders(Role.CURATOR, inspection.body) + holders(Role.OPERATOR, None) if p.pk not in (inspection.by_id, by.pk)]
    _tell(people, inspection, "objected", f"Орган возражает против проверки ответа: обращение {about(inspection.case)}. Решает не тот, кто проверял.")
    journal.write(by, "objection_raised", inspection, case=inspection.case_id)
    return inspection


@transaction.atomic
def decide_objection(*, inspection: Inspection, why: str, verdicts: Verdicts | None = None, by: Person) -> Inspection:
    """Another person than the reviewer leaves the review as it is, or gives new marks in place of the old ones, which are kept."""
    if by.pk == inspection.by_id:
        raise Refused("Проверяли вы: возражение решает другой человек.")
    if by.pk == inspection.objected_by_id or by.pk in hands_of(inspection.answer):
        raise Refused("Это ваш ответ или ваше возражение: решает другой человек.")
    if len(why.strip()) < FEWEST:
        raise Refused("Напишите, почему так решили: хватит одного предложения.")
    told = {"decision": why.strip()[:1000], "decided_by": by, "decided_at": timezone.now()}
    if verdicts is None:
        inspection.move_to(State.UPHELD, **told)
    else:
        before = {"first_marks": inspection.marks, "first_score": inspection.score}
        _, (score, marks) = _judged(inspection, verdicts)
        inspection.move_to(State.CHANGED, marks=marks, score=score, **before, **told)
    end = f"изменено, теперь {inspection.score} из 100" if verdicts is not None else "оставлено в силе"
    people = [person for person in (inspection.objected_by, inspection.by) if person]
    _tell(people, inspection, "decided", f"Возражение рассмотрено: {end}. Обращение {about(inspection.case)}.")
    journal.write(by, "objection_decided", inspection, case=inspection.case_id, state=str(inspection.state), score=inspection.score)
    return inspection


def _tell(people: list[Person], inspection: Inspection, step: str, text: str) -> None:
    path = reverse("desk:inspection", args=[inspection.pk])
    for person in distinct(people):
        tell(person=person, key=f"quality/{inspection.pk}/{step}", kind=Kind.TASK, text=text, path=path, case=inspection.case_id)
