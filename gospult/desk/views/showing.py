"""What the screen of a case shows: the thread with its files, the decisions and the history in words."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, prefetch_related_objects

from gospult.accounts.models import Role
from gospult.exchange.models import Outgoing
from gospult.exchange.queries import can_publish, hears_native, is_copied
from gospult.registry import queries as registry
from gospult.registry.models import Body, Territory

from .. import queries
from ..actions.control import CLOSED_AS
from ..actions.copying import to_paste, wording
from ..forms import ENDINGS
from ..models import OPEN, WITHOUT_CLOCK, Answer, Bounce, Case, CaseEvent, Kind, PhotoReport, RoutingRule, Topic
from ..queries.bounces import arbiters, bounce_lines, candidates, in_dispute, is_arbiter
from ..queries.conversation import address_of, conversation
from ..queries.foreign import answered_elsewhere, foreign_of
from ..queries.handovers import handovers_of
from ..queries.notes import colleagues, with_notes
from ..queries.photos import befores_of
from ..queries.quality import reviews_of
from ..queries.tasks import may_ask, tasks_of
from ..templating import fill
from .access import APPROVERS, SORTERS, WRITERS, may, may_note

MODERATORS = (*SORTERS, Role.STEWARD)  # who takes comments out of sight and puts them back
IN_WORK = (Answer.State.DRAFT, Answer.State.CHECKED, Answer.State.APPROVED, Answer.State.FAILED)
HISTORY = {
    "opened": "Сообщение пришло",
    "joined": "Житель написал ещё",
    "triaged": "Разобрано",
    "not_routed": "Правила не нашли, кто ответит",
    "routed": "Передано исполнителю",
    "bounced": "Исполнитель вернул: не его вопрос",
    "kind_changed": "Изменён тип",
    "merged": "Присоединено другое обращение",
    "merged_into": "Объединено с другим обращением",
    "split": "Часть сообщений выделена",
    "split_from": "Выделено из другого обращения",
    "edited": "Житель изменил текст",
    "deleted": "Житель удалил сообщение",
    "danger": "Названа опасность",
    "danger_seen": "Об опасности знает человек: принял",
    "comment_hiding": "Решено скрыть комментарий",
    "comment_hidden": "Комментарий скрыт",
    "comment_not_hidden": "Комментарий не скрыт: сеть отказала",
    "comment_returning": "Решено вернуть комментарий",
    "comment_returned": "Комментарий возвращён",
    "ban_proposed": "Предложено закрыть доступ",
    "ban_confirmed": "Закрытие доступа согласовано",
    "ban_declined": "Доступ решено не закрывать",
    "ban_in_force": "Доступ закрыт на срок",
    "ban_over": "Доступ открыт",
    "appeal_recorded": "Житель обжаловал",
    "appeal_granted": "Обжалование удовлетворено",
    "appeal_refused": "В обжаловании отказано",
    "thanked": "Житель поблагодарил",
    "answer_checked": "Ответ отдан на согласование",
    "answer_returned": "Ответ возвращён на доработку",
    "answer_signed": "Ответ согласован, нужен ещё один человек",
    "answer_approved": "Ответ согласован",
    "answer_withdrawn": "Ответ отменён до отправки",
    "answer_failed": "Ответ не опубликован",
    "answer_published": "Ответ опубликован",
    "interim_published": "Промежуточный ответ опубликован",
    "native_answer": "Ответили на самой странице",
    "page_replied": "Страница ответила одному из жителей",
    "page_said": "Страница написала в ветке",
    "page_unsaid": "Страница удалила свой ответ",
    "foreign_known": "Известно и в другой системе",
    "foreign_untied": "Запись другой системы отвязана",
    "insisted": "Решено ответить ещё раз",
    "paused": "Срок на паузе",
    "resumed": "Срок идёт дальше",
    "marked": "Житель оценил ответ",
    "handed_over": "Записано официальное обращение жителя",
    "handover_registered": "Официальное обращение зарегистрировано органом",
    "handover_forwarded": "Официальное обращение переадресовано",
    "handover_extended": "Срок официального обращения продлён",
    "handover_answered": "На официальное обращение дан ответ",
    "handover_dropped": "Запись об официальном обращении снята",
    "task_given": "Дано поручение",
    "task_done": "Поручение выполнено",
    "task_returned": "Поручение вернули",
    "task_cancelled": "Поручение снято",
    "bulk_undone": "Действие со многими обращениями отменено",
    "closed": "Закрыто",
    "returned": "Ответ возвращён контролем",
    "reopened": "Открыто снова",
}


def card(user: Any, case: Case) -> dict[str, Any]:
    """Everything that the pane of a case needs."""
    photos = Prefetch("photos", PhotoReport.objects.order_by("pk"))
    prefetch_related_objects([case], Prefetch("events", CaseEvent.objects.select_related("by").order_by("at", "id")))
    draft = case.answers.filter(state__in=IN_WORK).select_related("author").prefetch_related(photos).first()
    outgoing = list(Outgoing.objects.filter(answer=draft.pk).order_by("id")) if draft else []
    return {
        "case": case,
        "ending": CLOSED_AS.get(case.closed_as, case.closed_as),
        "thread": with_notes(case, conversation(case)),
        "colleagues": colleagues(case, besides=user),
        "draft": draft,
        "befores": befores_of(case, draft) if draft and draft.photos.all() else [],
        "remarks": draft.remarks if draft else [],
        "saved_at": draft.saved_at if draft and draft.text else None,
        "leaving": _leaving(draft, outgoing),
        "troubles": [row for row in outgoing if row.state in (Outgoing.State.FAILED, Outgoing.State.UNKNOWN)],
        "by_hand": bool(case.page) and not can_publish(case.page),
        "copies": is_copied(case.page),
        "paste": _paste(user, case, draft),
        "other_writes": bool(draft and draft.author_id != user.pk),
        "can": abilities(user, case, draft),
        "kinds": Kind.choices,
        "endings": ENDINGS if case.state == Case.State.ANSWERED else ENDINGS[1:],
        "approval": queries.standing(draft) if draft and draft.state == Answer.State.CHECKED else None,
        "not_mine": queries.may_sign(draft, user) if draft and draft.state == Answer.State.CHECKED else "",
        "clock_basis": queries.clock_basis(case),
        "clock_lines": queries.clock_lines(case),
        "bounces": bounce_lines(case),
        "reasons": Bounce.Reason.choices,
        "rivals": candidates(case) if in_dispute(case) else [],
        "arbiters": arbiters() if in_dispute(case) else "",
        "marks": list(case.marks.order_by("-at")),
        "decisions": decisions(user, case),
        "reviews": reviews_of(user, case),
        "alike": alike(user, case),
        "foreign": foreign_of(case),
        "second": bool(answered_elsewhere(case)),
        "hiding": queries.hide_choices(case),
        "handovers": handovers_of(case),
        "alarm": queries.alarms_of(case),
        "tasks": tasks_of(user, case),
        "history": [
            {"text": HISTORY.get(e.kind, e.kind) + (", отменено" if e.undone else ""), "at": e.at, "by": e.by}
            for e in list(case.events.all())[:-51:-1]
        ],
    }


def abilities(user: Any, case: Case, draft: Answer | None) -> dict[str, bool]:
    """What the screen offers; every action asks again for itself."""
    sorter, writer, approver = (may(user, case, roles) for roles in (SORTERS, WRITERS, APPROVERS))
    working = case.state in OPEN
    free = draft is None or draft.state == Answer.State.DRAFT
    return {
        "sort": sorter and working,
        "kind": sorter and case.state != Case.State.MERGED,
        "bounce": writer and case.state == Case.State.ROUTED and not case.settled and not registry.can(user, *SORTERS),
        "settle": in_dispute(case) and is_arbiter(user),
        "close": sorter and (working or case.state == Case.State.ANSWERED),
        "reopen": sorter and case.state in (Case.State.ANSWERED, Case.State.CLOSED),
        "pause": sorter and working and case.state != Case.State.PROMISED and case.kind not in WITHOUT_CLOCK,
        "hide": may(user, case, MODERATORS),
        "acknowledge": may(user, case, (*WRITERS, Role.HEAD)),
        "sort_all": sorter,
        "note": may_note(user, case) and case.state != Case.State.MERGED,
        "ask": may_ask(user, case),
        "split": sorter and case.message_count > 1 and case.state != Case.State.MERGED,
        "write": writer
        and free
        and (working or case.state == Case.State.ANSWERED or (case.kind in WITHOUT_CLOCK and case.state != Case.State.MERGED)),
        "approve": approver,
        "publish": approver or (writer and free and not queries.needs_approval(draft or Answer(case=case))),
        "decide": approver and bool(draft and draft.state == Answer.State.CHECKED),
    }


def _paste(user: Any, case: Case, draft: Answer | None) -> list[dict[str, Any]]:
    """Where a person has still to paste the approved answer: the words and the address of the thread."""
    if draft is None or draft.state != Answer.State.APPROVED or not may(user, case, WRITERS):
        return []
    return [
        {"id": m.pk, "who": m.author_name, "text": wording(draft, m), "url": address_of(m), "message": m, "heard": hears_native(m.page, m.channel)}
        for m in to_paste(draft)
    ]


def _leaving(draft: Answer | None, outgoing: list[Outgoing]) -> datetime | None:
    """Until when an approved answer can be taken back; None when nothing can."""
    if draft is None or draft.state != Answer.State.APPROVED:
        return None
    ready = [row.not_before for row in outgoing if row.state == Outgoing.State.READY]
    return min(ready) if ready and len(ready) == len(outgoing) else None


def decisions(user: Any, case: Case) -> list[dict[str, Any]]:
    """Who decided what, and why; `rule` is the version of a rule that decided, for those who may read rules."""
    first = case.message_set.order_by("sent_at", "pk").first()
    verdict = first.verdict if first else {}
    told = sorted(case.events.all(), key=lambda e: (e.at, e.pk), reverse=True)
    routed = next((e for e in told if e.kind in ("routed", "not_routed", "bounced")), None)
    sorted_by = next((e for e in told if e.kind == "triaged" and e.by_id), None)
    reasons = verdict.get("reasons", [])
    topic_why = [str(sorted_by.by)] if sorted_by else ["машина", *reasons] if reasons else ["машина не уверена"]
    body_why = [str(part) for part in ((routed.by, routed.data.get("why", "")) if routed else ()) if part]
    rows: list[dict[str, Any]] = [{"what": "Тип", "value": case.get_kind_display() or "не выбран", "why": []}]
    rows.append({"what": "Тема", "value": case.topic.name if case.topic else "не выбрана", "why": topic_why})
    if case.settled:
        body_why.append("вернуть больше нельзя: решил арбитр")
    rows.append({"what": "Орган", "value": str(case.body or "не выбран"), "why": body_why, "rule": _rule_behind(user, routed)})
    if case.body is None and case.suggested_body:
        rows.append({"what": "Чья страница", "value": str(case.suggested_body), "why": ["может ответить хозяин страницы"]})
    return rows


def _rule_behind(user: Any, routed: CaseEvent | None) -> RoutingRule | None:
    rule = routed.data.get("rule") if routed else None
    return RoutingRule.objects.visible_to(user).filter(pk=rule).first() if rule else None


def alike(user: Any, case: Case, limit: int = 3) -> list[Case]:
    """Answered cases on the same topic, nearest place first: their answers help to write this one."""
    if case.topic_id is None:
        return []
    answered = Case.objects.visible_to(user).filter(topic=case.topic, answered_at__isnull=False).exclude(pk=case.pk)
    rows = list(answered.select_related("body").order_by("-answered_at")[:20])
    return sorted(rows, key=lambda other: other.territory_id != case.territory_id)[:limit]


def choices(user: Any, case: Case, what: str, find: str) -> list[dict[str, Any]]:
    """Up to twenty ready choices of a picker: what is likely, or what was looked for."""
    made = {"topic": _topics, "body": _bodies, "place": _places, "merge": _doubles, "template": _ready}
    return made[what](user, case, " ".join(find.split()))[:20]


def _topics(user: Any, case: Case, find: str) -> list[dict[str, Any]]:
    rows = Topic.objects.filter(retired=False)
    if find:
        for word in find.split():
            rows = rows.filter(Q(name__icontains=word) | Q(group__icontains=word))
        return [{"value": t.pk, "name": t.name, "why": t.group} for t in rows[:20]]
    first = case.message_set.order_by("sent_at", "pk").first()
    likely = [code for code, _ in (first.verdict.get("alternatives", []) if first else [])]
    found = {t.code: t for t in rows.filter(code__in=likely)}
    ready = ([case.topic] if case.topic else []) + [found[c] for c in likely if c in found and found[c] != case.topic]
    return [{"value": t.pk, "name": t.name, "why": t.group} for t in ready]


def _bodies(user: Any, case: Case, find: str) -> list[dict[str, Any]]:
    if not find:
        by_rule = queries.body_for(case)
        ready = [(by_rule.body, by_rule.why), (case.suggested_body, "хозяин страницы"), (case.body, "сейчас")]
        return list({b.pk: {"value": b.pk, "name": str(b), "why": why} for b, why in reversed(ready) if b}.values())[::-1]
    rows = Body.objects.visible_to(user).filter(gone_at=None)
    for word in find.lower().replace("ё", "е").split():
        rows = rows.filter(Q(sort_name__contains=word) | Q(short_name__icontains=word) | Q(ogrn=word))
    return [{"value": b.pk, "name": str(b), "why": str(b.territory or b.founder_name)[:80]} for b in rows.select_related("territory")[:20]]


def _places(user: Any, case: Case, find: str) -> list[dict[str, Any]]:
    if not find:
        return [{"value": case.territory.pk, "name": case.territory.name, "why": "сейчас"}] if case.territory else []
    rows = Territory.objects.select_related("parent").filter(sort_name__contains=find.lower().replace("ё", "е"))
    return [{"value": t.pk, "name": t.name, "why": t.parent.name if t.parent else ""} for t in rows[:20]]


def _doubles(user: Any, case: Case, find: str) -> list[dict[str, Any]]:
    if find:
        rows = queries.queue(user, "all", search=find).filter(state__in=OPEN).exclude(pk=case.pk)[:20]
    else:
        near = [c.pk for c in queries.similar(case, limit=20)]
        rows = Case.objects.visible_to(user).filter(pk__in=near)
    return [{"value": c.number, "name": c.headline or "Без слов", "why": f"{c.number} · {c.place or c.territory or ''}"} for c in rows]


def _ready(user: Any, case: Case, find: str) -> list[dict[str, Any]]:
    known = queries.known_of(case)
    return [{"value": t.pk, "name": t.title, "why": fill(t.text, known)[:160]} for t in queries.ready_for(case, find)[:20]]
