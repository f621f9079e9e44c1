"""Ready answers are written, changed in versions, retired, and put into a draft."""

import secrets

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Answer, Case, Template, TemplateVersion, Topic
from ..queries.ready import known_of
from ..templating import fill
from .answering import remarks, save_draft

LONGEST = 16_000


@transaction.atomic
def write_template(*, template: Template | None = None, title: str, text: str, group_code: str = "", by: Person | None) -> Template:
    """A template is new, or has a new version; the old ones stay for the answers that were made by them."""
    if not title.strip() or not text.strip():
        raise Refused("У шаблона нужны название и текст.")
    if text.count("{") != text.count("}"):
        raise Refused("Скобки не парные: подстановка пишется так: {дата}.")
    if group_code and not Topic.objects.filter(group_code=group_code).exists():
        raise Refused("Такой группы тем нет: выберите её из списка.")
    fields = {"title": title.strip()[:120], "text": text.replace("\0", "").strip(), "group_code": group_code}
    if template is None:
        template = Template.objects.create(code=f"own-{secrets.token_hex(6)}", **fields)
    elif not Template.objects.select_for_update().filter(pk=template.pk, retired_at=None).exists():
        raise Refused("Этот шаблон уже убран: заведите новый.")
    else:
        version_of(template)
        Template.objects.filter(pk=template.pk).update(**fields)
        template.refresh_from_db()
    version = version_of(template)
    journal.write(by, "template_written", template, version=version.number)
    return template


def version_of(template: Template) -> TemplateVersion:
    """The version that holds the template's words of now; written down when it is first asked for."""
    last = template.versions.order_by("-number").first()
    if last and last.text == template.text:
        return last
    return template.versions.create(number=last.number + 1 if last else 1, text=template.text)


@transaction.atomic
def retire_template(*, template: Template, by: Person) -> None:
    """The template is offered no more; answers made by it stay as they are."""
    if not Template.objects.filter(pk=template.pk, retired_at=None).update(retired_at=timezone.now()):
        raise Refused("Этот шаблон уже убран. Обновите страницу.")
    journal.write(by, "template_retired", template)


@transaction.atomic
def put_template(*, case: Case, template: Template, by: Person) -> Answer:
    """The template stands at the end of the case's draft, filled with what the case knows."""
    if template.retired_at:
        raise Refused("Этот шаблон уже убран: выберите другой.")
    draft = case.answers.filter(state=Answer.State.DRAFT).first()
    words = fill(template.text, known_of(case, draft))
    text = f"{draft.text.rstrip()}\n\n{words}" if draft and draft.text.strip() else words
    if len(text) > LONGEST:
        raise Refused("Вместе с шаблоном ответ длиннее 16 000 знаков: сократите его.")
    kind, promised = (draft.kind, draft.promised_date) if draft else (Answer.Kind.FINAL, None)
    answer = save_draft(case=case, text=text, kind=kind, promised_date=promised, by=by)
    found = [{"code": r.code, "level": r.level, "text": r.text} for r in remarks(answer)]  # what is left in braces is said at once
    Answer.objects.filter(pk=answer.pk).update(template_version=version_of(template), remarks=found)
    journal.write(by, "template_put", answer, template=template.pk)
    return answer
