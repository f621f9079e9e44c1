"""An answer written as a reply to an alert, in the messenger, goes the way of every answer."""

import logging

from django.conf import settings
from django.db import transaction

from gospult.accounts.models import Person, Role
from gospult.alerts import actions as alerts
from gospult.alerts.models import Reply
from gospult.lib.errors import Refused
from gospult.lib.words import plural

from ..models import Case
from ..queries.rights import APPROVERS, may
from .answering import approve, save_draft, submit

logger = logging.getLogger(__name__)
# Who answers residents. What others say of a case in a messenger, like a curator's «почему молчите?», is not for the resident.
ANSWERING = (Role.EXECUTOR, Role.STEWARD)


def take_replies(*, limit: int = 50) -> int:
    """Replies to alerts become answers, each once; the writer is told what came of it. Returns how many were taken."""
    for number in range(limit):
        with transaction.atomic():
            row = (
                Reply.objects.filter(taken_at=None).order_by("id").select_for_update(skip_locked=True, of=("self",)).select_related("person").first()
            )
            if row is None:
                return number
            alerts.answer(reply=row, text=_outcome(row))
    return limit


def _outcome(row: Reply) -> str:
    try:
        with transaction.atomic():
            return _answered(row)
    except Refused as no:
        return str(no)
    except Exception:
        logger.exception("reply %s was not taken", row.pk)
        return "Не получилось принять ответ: откройте обращение на сайте. Ваш текст остался в этом диалоге."


def _answered(row: Reply) -> str:
    person: Person = row.person
    case = Case.objects.visible_to(person).select_related("body", "page").filter(pk=row.case).first()
    if case is None or not may(person, case, ANSWERING):
        raise Refused("Отсюда отвечают исполнитель и администратор страницы, а это обращение не у вас: откройте его на сайте.")
    if case.answers.filter(state="draft").exclude(author=person).exclude(text="").exists():
        raise Refused(f"По обращению {case.number} уже пишет коллега: откройте его на сайте.")
    answer = save_draft(case=case, text=row.text.strip(), by=person)
    submit(answer=answer, by=person)
    if not may(person, case, APPROVERS):
        return f"Ответ на {case.number} отдан на согласование."
    answer.refresh_from_db()
    approve(answer=answer, by=person)
    seconds = plural(round(settings.UNDO_SECONDS), ("секунду", "секунды", "секунд"))
    return f"Ответ на {case.number} уходит жителю. Отменить можно на сайте, ещё {seconds}."
