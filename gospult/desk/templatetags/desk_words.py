"""Dates and clocks as people say them. The full date stays on hover and in `datetime`."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gospult.desk.models import WITHOUT_CLOCK, Case

register = template.Library()

DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря")
SOON = timedelta(hours=2)
NETWORKS = {"vk": "ВК", "ok": "ОК", "telegram": "ТГ", "max": "MAX", "web": "Сайт", "file": "Файл"}
CHANNELS = {"comment": "комментарий", "dm": "личное сообщение", "web": "форма на сайте", "file": "из файла"}


@register.filter
def day(value: date) -> str:
    """«сегодня», «вчера», «завтра», «вт 24 ноября»; the year only when it is another one."""
    today = timezone.localdate()
    near = {0: "сегодня", -1: "вчера", 1: "завтра"}.get((value - today).days)
    year = f" {value.year}" if value.year != today.year else ""
    return near or f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}{year}"


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """A `<time>` element: «сегодня, 14:20»."""
    if not value:
        return ""
    local = timezone.localtime(value)
    full = f"{local.day} {MONTHS[local.month - 1]} {local.year} г., {local:%H:%M}"
    return format_html('<time datetime="{}" title="{}">{}, {}</time>', local.isoformat(timespec="minutes"), full, day(local.date()), f"{local:%H:%M}")


@register.filter
def briefly(value: datetime) -> SafeString:
    """The shortest `<time>` for a row: the hour today, the day before that."""
    local = timezone.localtime(value)
    today = local.date() == timezone.localdate()
    short = f"{local:%H:%M}" if today else f"{local.day} {MONTHS[local.month - 1][:3]}"
    return format_html('<time datetime="{}" title="{}, {}">{}</time>', local.isoformat(timespec="minutes"), day(local.date()), f"{local:%H:%M}", short)


@register.filter
def span(value: timedelta) -> str:
    """«2 ч 10 мин», «3 дн 4 ч»; never negative, at least one minute."""
    minutes = max(int(abs(value).total_seconds() // 60), 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{n} {word}" for n, word in ((days, "дн"), (hours, "ч"), (minutes, "мин")) if n]
    return " ".join(parts[:2])


@register.inclusion_tag("desk/_clock.html")
def clock(case: Case, badge: bool = False) -> dict[str, object]:
    """The clock of a case: its state as a colour, an icon and a word."""
    state, icon, text = face(case, timezone.now())
    return {"state": state, "icon": icon, "text": text, "badge": badge, "due": case.next_due_at}


def face(case: Case, now: datetime) -> tuple[str, str, str]:
    """(class, icon, words) of the clock of a case at a moment."""
    due = case.next_due_at
    if case.state in (Case.State.CLOSED, Case.State.MERGED):
        return "wait", "check", case.get_state_display()
    if case.state == Case.State.ANSWERED:
        return ("wait", "check", "отвечено поздно") if case.late else ("fine", "check", "отвечено")
    if case.kind in WITHOUT_CLOCK or not due:
        return "wait", "pause", "без срока"
    if due < now:
        return "late", "warning", f"просрочено на {span(now - due)}"
    left = span(due - now) if due - now < timedelta(days=2) else f"до {day(timezone.localtime(due).date())}"
    if due - now < SOON:
        return "soon", "clock", f"осталось {left}"
    if case.state == Case.State.PROMISED:
        return "wait", "pause", f"обещано, {left}"
    return "fine", "clock", left


@register.filter
def network(code: str) -> str:
    return NETWORKS.get(code, code)


@register.filter
def channel(code: str) -> str:
    return CHANNELS.get(code, code)
