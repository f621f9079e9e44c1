"""An answer written as a reply to an alert, in the messenger, goes the way of every answer; what stopped it stays as a draft."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from gospult.accounts.models import Person, Role
from gospult.alerts import actions as alerts
from gospult.alerts.models import Reply
from gospult.exchange.models import Attachment
from gospult.lib import photos
from gospult.lib.errors import Refused
from gospult.lib.words import plural

from ..models import Answer, Case
from ..queries.rights import APPROVERS, may
from .answering import approve, attach_photo, save_draft, submit

logger = logging.getLogger(__name__)
# Who answers residents. What others say of a case in a messenger, like a curator's «почему молчите?», is not for the resident.
ANSWERING = (Role.EXECUTOR, Role.STEWARD)
COMING = Attachment.objects.filter(incoming=OuterRef("incoming"), state=Attachment.State.WAITING)


def take_replies(*, limit: int = 50) -> int:
    """Replies to alerts become answers, each once; the writer is told what came of it. Returns how many were taken."""
    for number in range(limit):
        with transaction.atomic():
            due = Reply.objects.filter(~Exists(COMING), taken_at=None).order_by("id").select_related("person", "incoming")
            row = due.select_for_update(skip_locked=True, of=("self",)).first()
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
    contents = _photos(row)
    answer = save_draft(case=case, text=row.text.strip(), by=person)
    known = set(answer.photos.values_list("sha256", flat=True))
    for content, sha256 in contents.items():
        if sha256 not in known:
            attach_photo(answer=answer, content=content, by=person)
    try:
        with transaction.atomic():
            return _sent(answer, case, person)
    except Refused as no:
        return f"{no} Ответ остался черновиком: пришлите исправленный ответом на то же оповещение или допишите на сайте."


def _photos(row: Reply) -> dict[bytes, str]:
    """The photos that came with the reply, with the hash of each when clean. Refused when something is missing: it may be what the answer shows."""
    rows = list(row.incoming.attachment_set.order_by("position"))
    if any(item.kind != "photo" for item in rows):
        raise Refused("Отсюда к ответу прикладываются только фото: остальное отправьте на сайте.")
    if any(item.state != Attachment.State.KEPT for item in rows):
        raise Refused("Фото не загрузилось: пришлите ответ ещё раз или приложите фото на сайте.")
    contents = []
    for item in rows:
        with item.file.open() as file:
            contents.append(file.read())
    return {content: photos.clean(content).sha256 for content in contents}


def _sent(answer: Answer, case: Case, person: Person) -> str:
    submit(answer=answer, by=person)
    if not may(person, case, APPROVERS):
        return f"Ответ на {case.number} отдан на согласование."
    answer.refresh_from_db()
    approve(answer=answer, by=person)
    seconds = plural(round(settings.UNDO_SECONDS), ("секунду", "секунды", "секунд"))
    return f"Ответ на {case.number} уходит жителю. Отменить можно на сайте, ещё {seconds}."
