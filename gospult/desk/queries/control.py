"""What control looks at, in the order in which it helps residents most; each list is one indexed question."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gospult.registry.models.access import User

from ..models import OPEN, Case, Mark, PhotoReport

LOOK_BACK = timedelta(days=30)
MOST = 1000  # beyond this a count says «1000+»


def _promised(until: int) -> Q:
    """Promises that fall due so many days from today, today included."""
    today = timezone.localdate()
    return Q(state__in=OPEN, promised_date__gte=today, promised_date__lt=today + timedelta(days=until))


def _bad_marks() -> Q:
    return Q(pk__in=Mark.objects.filter(solved=False, at__gte=timezone.now() - LOOK_BACK).values("case"))


def _odd_photos() -> Q:
    photos = PhotoReport.objects.filter(created_at__gte=timezone.now() - LOOK_BACK, moment="after")
    return Q(pk__in=photos.filter(Q(twin__isnull=False) | Q(taken_at__lt=F("answer__case__opened_at")) | Q(where="far")).values("answer__case"))


# code → (title, what it asks of a case, what it says when it is empty); the order is that of the screen.
CHECKS: dict[str, tuple[str, Callable[[], Q], str]] = {
    "reopened": ("Открыто снова", lambda: Q(state__in=OPEN, reopened__gt=0), "Все, кто сказал «не решено», получили новый ответ."),
    "marks": ("Плохая оценка", _bad_marks, "За 30 дней никто не поставил 1 или 2 и не сказал «не решено»."),
    "promises": ("Обещание нарушено", lambda: Q(state__in=OPEN, promised_date__lt=timezone.localdate()), "Нарушенных обещаний нет."),
    "photos": ("Сомнительное фото", _odd_photos, "За 30 дней нет фото, которые повторяют прежние, сняты до обращения или далеко от него."),
    "answers": ("Ответ ждёт проверки", lambda: Q(state=Case.State.ANSWERED), "Проверять нечего: сюда попадают обращения с опубликованным ответом."),
}
PROMISES: dict[str, tuple[str, Callable[[], Q], str]] = {
    "broken": CHECKS["promises"],
    "week": ("На этой неделе", lambda: _promised(7), "На ближайшие семь дней ничего не обещано."),
    "all": ("Все обещания", lambda: Q(state__in=OPEN, promised_date__isnull=False), "Обещанная дата появится здесь вместе с промежуточным ответом."),
}


def to_check(user: User, asked: Q, *, by_date: bool = False) -> QuerySet[Case]:
    """The cases of one list, as far as the person may see them: the earliest promise or the oldest case first."""
    rows = Case.objects.in_scope_of(user).filter(asked).select_related("topic", "body", "territory")
    return rows.order_by("promised_date", "pk") if by_date else rows.order_by("opened_at", "pk")


def counts_of(user: User, lists: dict[str, tuple[str, Callable[[], Q], str]]) -> dict[str, int]:
    """How many cases each list holds, up to MOST."""
    mine = Case.objects.in_scope_of(user)
    return {code: mine.filter(asked())[:MOST].count() for code, (_, asked, _) in lists.items()}
