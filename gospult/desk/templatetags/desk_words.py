"""Dates and clocks as people say them. The full date stays on hover and in `datetime`."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gospult.desk import proof
from gospult.desk.clock import Clock
from gospult.desk.models import WITHOUT_CLOCK, Case, PhotoReport
from gospult.desk.queries.queue import SOON
from gospult.lib.icons import icon
from gospult.lib.words import MONTHS, day_in_words, in_words

register = template.Library()

NETWORKS = {"vk": "ВК", "ok": "ОК", "telegram": "ТГ", "max": "MAX", "web": "Сайт", "file": "Файл"}
CHANNELS = {"comment": "комментарий", "dm": "личное сообщение", "web": "форма на сайте", "file": "из файла"}
FILES = {"photo": "Фото", "video": "Видео", "voice": "Голосовое", "file": "Файл", "link": "Ссылка", "sticker": "Стикер"}
NEAR = {0: "сегодня", -1: "вчера", 1: "завтра"}
DAY = timedelta(days=1)
CLOSE = timedelta(hours=12)  # from here on the rest is told in hours, before that as a day


@register.filter
def day(value: date) -> str:
    """«сегодня», «вчера», «завтра», «вт 24 ноября»; the year only when it is another one."""
    today = timezone.localdate()
    return NEAR.get((value - today).days) or day_in_words(value, today.year)


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """A `<time>` element: «сегодня, 14:20»."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}, {}</time>', local.isoformat(timespec="minutes"), _full(local), day(local.date()), f"{local:%H:%M}"
    )


def _full(local: datetime) -> str:
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} г., {local:%H:%M}"


@register.simple_tag
def clock(case: Case, badge: bool = False) -> SafeString:
    """The clock of a case: its state as a colour, an icon and words."""
    # Markup here and not in a template: a list draws 25 of them, and a template of its own takes five times as long for each.
    due = format_html(' title="Срок: {}"', _full(timezone.localtime(case.next_due_at))) if case.next_due_at else ""
    return _drawn("badge" if badge else "clock", *face(case, timezone.now()), due)


@register.simple_tag
def task_clock(due: date) -> SafeString:
    """The day of a task in place of the clock of its case."""
    late, today = due < timezone.localdate(), due == timezone.localdate()
    state, picture = ("late", "warning") if late else ("soon" if today else "fine", "clock")
    return _drawn("clock", state, picture, f"{'было ' if late else ''}до: {day(due)}")


def _drawn(frame: str, state: str, picture: str, text: str, due: str = "") -> SafeString:
    return format_html('<span class="{} {}"{}>{} {}</span>', frame, state, due, icon(picture), text)


@register.filter
def address(number: str) -> str:
    """Where a case is opened: `{% url %}` for each row of a list, asked once."""
    return _cases() + number


@cache
def _cases() -> str:
    return reverse("desk:case", args=["0"]).removesuffix("0")


def face(case: Case, now: datetime) -> tuple[str, str, str]:
    """(class, icon, words) of the clock of a case at a moment."""
    if case.state in (Case.State.CLOSED, Case.State.MERGED):
        return "wait", "check", case.get_state_display()
    if case.state == Case.State.ANSWERED:
        return ("wait", "check", "отвечено с опозданием") if case.late else ("fine", "check", "отвечено")
    due = case.next_due_at
    if case.paused_until and not due:
        return "wait", "pause", f"на паузе до {day(case.paused_until)}"
    if case.kind in WITHOUT_CLOCK or not due:
        return "wait", "pause", "без срока"
    left = in_words(due - now) if due - now < CLOSE else _until(timezone.localtime(due))
    if due < now:
        return "late", "warning", in_words(due - now if now - due < DAY else -((now - due) // DAY) * DAY)
    if due - now < SOON:
        return "soon", "clock", f"осталось {left}"
    if case.state == Case.State.PROMISED:
        return "wait", "pause", f"обещано, {left}"
    return "fine", "clock", left


def _until(due: datetime) -> str:
    near = day(due.date())
    return f"{near} до {due:%H:%M}" if near in NEAR.values() else f"до {near}"


TERMS = {
    "running": ("fine", "идёт"),
    "overdue": ("late", "просрочено"),
    "met": ("fine", "в срок"),
    "late": ("late", "с опозданием"),
    "paused": ("wait", "на паузе"),
}


@register.filter
def term_state(clock: Clock) -> tuple[str, str]:
    """(class, word) of one of the clocks of a case."""
    return TERMS.get(clock.state_at(timezone.now()), ("wait", ""))


@register.filter
def network(code: str) -> str:
    return NETWORKS.get(code, code)


@register.filter
def channel(code: str) -> str:
    return CHANNELS.get(code, code)


@register.filter
def file_kind(code: str) -> str:
    return FILES.get(code, "Вложение")


REMARKS = {"block": ("late", "cross"), "warn": ("soon", "warning"), "ok": ("fine", "check")}


@register.filter
def mood(remark: object) -> tuple[str, str]:
    """(class, icon) of a remark of the checker, whether it is fresh or kept with the answer."""
    level = remark.get("level") if isinstance(remark, dict) else getattr(remark, "level", "")
    return REMARKS.get(level or "", ("wait", "edit"))


PRIVATE = (
    "private_contact",
    "private_document",
    "private_car",
    "private_address",
    "private_status",
    "private_child",
    "private_confirms",
    "dm_quoted",
)


@register.filter
def speaks_privately(remarks: Any) -> bool:
    """Whether something of a person blocks the answer, so that the ready phrase is offered."""
    pairs = [(r.get("code"), r.get("level")) if isinstance(r, dict) else (r.code, r.level) for r in remarks or ()]
    return any(level == "block" and code in PRIVATE for code, level in pairs)


@register.filter
def photo_facts(photo: PhotoReport) -> list[tuple[str, str]]:
    """Pairs (mood, words): when and how far from the case's place a photo was taken; needs its answer and case."""
    taken = timezone.localtime(photo.taken_at) if photo.taken_at else None
    if photo.moment == PhotoReport.Moment.BEFORE:
        return [("", f"снято {taken:%d.%m.%Y %H:%M}")] if taken else []
    found = proof.Where(photo.where, photo.distance, photo.measured_to, photo.radius)
    return proof.facts(found, taken, timezone.localtime(photo.answer.case.opened_at))
