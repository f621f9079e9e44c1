"""Formal appeals beside a case, as its screens show them; the answer of a case, ready to be pasted elsewhere."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from gospult.exchange.models import Outgoing
from gospult.exchange.queries import address

from ..handover_terms import terms_of, terms_on
from ..models import Answer, Case, Handover

POS_LINK = "https://www.gosuslugi.ru/help/obratitsya_v_pos"
OFFER = (
    "Здравствуйте! Комментарий или личное сообщение на нашей странице — не обращение по закону № 59-ФЗ. "
    f"Официальное обращение вы можете подать через «Госуслуги. Решаем вместе»: {POS_LINK}"
)
FACES = {
    "running": ("fine", "до"), "overdue": ("late", "просрочено, было до"), "met": ("fine", "сделано"),
    "late": ("late", "сделано позже срока"), "lapsed": ("wait", "было можно до"),
}  # fmt: skip


def handovers_of(case: Case) -> list[dict[str, Any]]:
    """Appeals of a case and of those that went into it, the latest first: the row, its rule and its terms with (class, words, day)."""
    rows = Handover.objects.filter(Q(case=case) | Q(case__merged_into=case)).select_related("by", "case").order_by("-at", "-pk")
    today = timezone.localdate()
    return [{"row": row, "rule": terms_on(row.handed_date), "terms": _terms(row, today)} for row in rows]


def _terms(row: Handover, today: date) -> list[dict[str, Any]]:
    found = []
    for term in terms_of(row.dates(), terms_on(row.handed_date)) if row.state != Handover.State.DROPPED else []:
        face, words = FACES[term.state_at(today)]
        found.append({"name": term.name, "face": face, "words": words, "day": term.done or term.due})
    return found


def pack_of(case: Case) -> list[dict[str, str]]:
    """The latest published answer of a case in pieces to be pasted into another system: id, label, value; nothing of the resident's."""
    said = case.answers.filter(state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE], published_at__isnull=False)
    answer = said.select_related("incoming__page").prefetch_related("photos").order_by("-published_at", "-pk").first()
    if answer is None or answer.published_at is None:
        return []
    pieces = [("text", "Текст ответа", answer.text.strip())]
    pieces.append(("date", "Когда опубликован", f"{timezone.localtime(answer.published_at):%d.%m.%Y %H:%M}"))
    pieces += _numbered("link", "Ссылка на ответ", _links(answer))
    if answer.state == Answer.State.PUBLISHED:
        photos = [settings.URL + reverse("desk:report_photo", args=[photo.key]) for photo in answer.photos.all() if photo.moment == "after"]
        pieces += _numbered("photo", "Фото", photos)
    return [{"id": f"pack-{code}", "label": label, "value": value} for code, label, value in pieces]


def _links(answer: Answer) -> list[str]:
    """Where the answer stands: each published reply, or the thread of a native one."""
    row = answer.incoming
    if row is not None:
        found = address(row.page, row.thread_id, row.kind) if row.page else ""  # type: ignore[arg-type]
        return [found] if found else []
    sent = Outgoing.objects.filter(answer=answer.pk, state=Outgoing.State.SENT).exclude(url="").order_by("id")
    return list(dict.fromkeys(sent.values_list("url", flat=True)))


def _numbered(code: str, label: str, values: list[str]) -> list[tuple[str, str, str]]:
    many = len(values) > 1
    return [(f"{code}-{n}", f"{label} {n}" if many else label, value) for n, value in enumerate(values, start=1)]
