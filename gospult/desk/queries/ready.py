"""Ready answers: which fit a case, what of it they may be filled with, and how many answers they made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gospult.lib.words import day_in_words
from gospult.registry.models import Body
from gospult.registry.models.access import User

from ..models import Answer, Case, Template
from ..templating import KEPT_ENOUGH, placeholders

__all__ = ["BY_TEMPLATE", "known_of", "placeholders", "ready_for", "template_answers", "template_share"]

POS = "https://www.gosuslugi.ru/help/obratitsya_v_pos"
PUBLISHED = Q(state=Answer.State.PUBLISHED)
BY_TEMPLATE = Q(template_kept__gte=KEPT_ENOUGH)


def ready_for(case: Case, find: str = "") -> QuerySet[Template]:
    """Templates in use, those of the case's group of topics and of no group first; `find` holds words of the title or the text."""
    rows = Template.objects.filter(retired_at=None)
    for word in find.split():
        rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
    group = case.topic.group_code if case.topic else ""
    if not find:
        rows = rows.filter(group_code__in=["", group])
    return rows.annotate(near=Q(group_code=group)).order_by("-near", "title", "pk")


def known_of(case: Case, answer: Answer | None = None) -> Mapping[str, str]:
    """What the case itself says of the usual placeholders."""
    day = day_in_words(answer.promised_date, timezone.localdate().year) if answer and answer.promised_date else ""
    body = case.body
    contact = ", ".join(part for part in ((str(body), body.contact_phone) if body else ()) if part)
    due = timezone.localtime(case.final_due_at) if case.final_due_at else None
    return {
        "имя": _first_name(case), "адрес": case.place, "дата": day, "номер": case.number, "орган": str(body or ""), "контакт": contact,
        "телефон": body.contact_phone if body else "", "ссылка_пос": POS, "тема": case.topic.name if case.topic else "",
        "срок": day_in_words(due.date(), due.year) if due else "",
    }  # fmt: skip


def _first_name(case: Case) -> str:
    """The first name of the only author; nothing when several people will read the answer."""
    names = {m.author_name.strip() for m in case.message_set.only("author_name")}
    name = names.pop() if len(names) == 1 else ""
    first = name.split()[0] if name else ""
    return first if first.isalpha() else ""


def template_answers(user: User, since: datetime, until: datetime) -> QuerySet[Answer]:
    """Answers published in a period on cases that the user may see; those given in the network's own app are not ours to count."""
    return Answer.objects.filter(PUBLISHED, published_at__gte=since, published_at__lt=until, case__in=Case.objects.in_scope_of(user))


def template_share(user: User, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """For each body: its published answers, how many kept at least half of a template, and the share in per cent; most answers first."""
    counted = (
        template_answers(user, since, until)
        .values("case__body")
        .annotate(answers=Count("pk"), ready=Count("pk", filter=BY_TEMPLATE))
        .order_by("-answers", "case__body")
    )
    rows = [row for row in counted if row["case__body"]]
    bodies = Body.objects.in_bulk([row["case__body"] for row in rows])
    return [
        {"body": bodies[r["case__body"]], "answers": r["answers"], "ready": r["ready"], "share": round(100 * r["ready"] / r["answers"])} for r in rows
    ]
