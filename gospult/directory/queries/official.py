"""«Официальная ли это страница?»: yes, no or unknown, and the real page. Nothing of the asker or of what was asked is kept."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from gospult.exchange.models import Card
from gospult.registry.models import Body, Page, PageBody, PageHandle

from .. import folding
from ..links import Link, read, skeleton
from ..models import Entry, Shape

YES, NO, UNKNOWN = "yes", "no", "unknown"
TROUBLES = {
    "empty": "Вставьте ссылку на страницу или её короткое имя.",
    "personal": "Это личная страница. Личных страниц здесь нет: официальные страницы ведут только органы и учреждения.",
    "elsewhere": "Ссылка ведёт не на страницу сообщества. Откройте само сообщество и скопируйте адрес оттуда.",
    "look_alike_host": "Это не адрес соцсети, хотя он на него похож. Не вводите там пароль и не сообщайте коды из сообщений.",
    "foreign": "Это не адрес соцсети, которую мы проверяем: ВКонтакте, Одноклассники, Telegram, MAX.",
    "unreadable": "Не получилось прочитать адрес. Скопируйте его из строки браузера или из меню страницы.",
}


@dataclass(slots=True)
class Verdict:
    """`answer` is yes, no or unknown; `real` are pages to go to instead, or the page itself for yes."""

    answer: str
    why: str
    body_id: int | None = None
    body: str = ""
    place: str = ""
    real: list[Page] = field(default_factory=list)
    checked: date | None = None

    def as_json(self) -> dict[str, Any]:
        """For programs: the same words and addresses."""
        pages = [{"network": page.network, "name": page.name, "url": page.address} for page in self.real]
        checked = self.checked.isoformat() if self.checked else None
        return {
            "official": self.answer,
            "why": self.why,
            "body": self.body or None,
            "territory": self.place or None,
            "pages": pages,
            "checked": checked,
        }


def check(text: str) -> Verdict:
    """Whether the page that a link, a handle or an @name means is official."""
    link = read(text)
    if link.trouble:
        return Verdict(NO if link.trouble == "look_alike_host" else UNKNOWN, TROUBLES[link.trouble])
    known = list(_pages(link).order_by("state")[:5])
    for state in ("published", "under_review", "draft", "archived"):
        for page in known:
            if page.state == state:
                return _of_known(page)
    return (
        _renamed(link)
        or _look_alike(link)
        or Verdict(UNKNOWN, "Такой страницы нет в реестре официальных страниц. Это не значит, что она поддельная.")
    )


def _pages(link: Link) -> QuerySet[Page]:
    pages = Page.objects.filter(network__in=link.networks)
    if link.external_id:
        return pages.filter(external_id=link.external_id)
    return pages.annotate(low=Lower("handle")).filter(low=link.handle)


def _of_known(page: Page) -> Verdict:
    body = _owner(page)
    if body is None:
        return Verdict(UNKNOWN, "Страница есть в реестре, но чья она, ещё не подтверждено.")
    if body.gone_at:
        return _verdict(NO, "Организации, которой принадлежала страница, больше нет в реестре.", body, [])
    if page.state == "published":
        return _verdict(YES, "Да, это официальная страница.", body, [page], page)
    if page.state == "archived":
        return _verdict(NO, "Эта страница больше не ведётся.", body, _living(body))
    if page.state == "under_review":
        return _verdict(UNKNOWN, "Страница числится за организацией, но сейчас её проверяют.", body, [p for p in _living(body) if p.pk != page.pk])
    return _verdict(UNKNOWN, "Страницу готовят: официальной она станет после подтверждения.", body, _living(body))


def _renamed(link: Link) -> Verdict | None:
    """A handle that a page had: networks give freed names to others."""
    if not link.handle:
        return None
    old = PageHandle.objects.filter(handle__iexact=link.handle, page__network__in=link.networks, until__isnull=False).select_related("page").first()
    body = _owner(old.page) if old else None
    if old is None or body is None:
        return None
    day = timezone.localtime(old.until or timezone.now())
    real = [old.page] if old.page.state == "published" else _living(body)
    return _verdict(NO, f"Так страница называлась до {day:%d.%m.%Y}. Теперь это имя может занять кто угодно.", body, real, old.page)


def _look_alike(link: Link) -> Verdict | None:
    """A name that the eye takes for that of an official page."""
    own = skeleton(link.handle)
    if len(own) < 5:
        return None
    shapes = folding.shapes(f"~{own}")
    forms = set(Shape.objects.filter(shape__in=shapes, form__startswith="~").values_list("form", flat=True)[:200])
    near = sorted((folding.slips(f"~{own}", form, 1), form) for form in forms)
    near = [(slips, form) for slips, form in near if slips == 0 or (slips == 1 and len(own) >= 7 and not _numbers_differ(own, form[1:]))]
    for slips, form in near[:3]:
        for entry in Entry.objects.filter(terms__contains=[f"#{form}"], dead=False).select_related("body")[:3]:
            real = [page for page in _living(entry.body) if f"~{skeleton(page.handle)}" == form]
            if real:
                why = "Такой страницы нет в реестре, но её имя похоже на имя официальной. Проверьте, туда ли вы хотели." if slips else ""
                return _verdict(NO, why or "Это не та страница: имя похоже на официальное, но официальная другая.", entry.body, real, real[0])
    return None


def _numbers_differ(one: str, other: str) -> bool:
    """School 11 is no forgery of school 12."""
    return any(a != b and (a.isdigit() or b.isdigit()) for a, b in zip(one, other, strict=False)) or (
        len(one) != len(other) and (one + other)[-1:].isdigit()
    )


def _owner(page: Page) -> Body | None:
    link = (
        PageBody.objects.filter(page=page)
        .select_related("body__territory", "body__parent", "body__founder_territory")
        .order_by("shared", "id")
        .first()
    )
    return link.body if link else None


def _living(body: Body) -> list[Page]:
    return list(Page.objects.filter(bodies=body, state="published").order_by("network", "id"))


def _verdict(answer: str, why: str, body: Body, real: list[Page], page: Page | None = None) -> Verdict:
    place = body.territory.name if body.territory else body.founder_text
    return Verdict(answer, why, body.pk, body.name, place, real, last_checked(page) if page else None)


def last_checked(page: Page) -> date | None:
    """The latest day on which the page was seen by the system, an export or a person."""
    read: datetime | None = Card.objects.filter(page=page, gone=False).values_list("read_at", flat=True).first()
    days = [day for day in (page.facts_date, timezone.localtime(read).date() if read else None) if day]
    return max(days, default=None)


__all__ = ["NO", "UNKNOWN", "YES", "Verdict", "check", "last_checked"]
