"""One-link connection: a link goes to the page's steward, comes back with a key, and the key is sealed until a job has checked it."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.words import plural
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import Invitation, Pilot

RANDOM = 32  # characters of a key that are random, 192 bits
MARK = 8  # characters that we sign with: a slip of the hand is told apart without the database
MAX_TRIES = 10  # keys given by one link
MAX_PILOT = 5
PAGES = ("страница", "страницы", "страниц")
LONGEST_KEY = 1000  # characters; real ones have up to about 400
# How keys of the networks look; what looks like another network's key is told at once.
LOOKS = {"telegram": re.compile(r"\d{6,}:[\w-]{30,}"), "vk": re.compile(r"vk1\.a\.[\w.-]+"), "ok": re.compile(r"tkn[\w:.-]{20,}")}
OTHERS = {"telegram": "токен бота Telegram", "vk": "ключ ВКонтакте", "ok": "ключ группы Одноклассников"}


@transaction.atomic
def invite(*, page: Page, by: Person | None) -> str:
    """The page's steward may connect it by a new link; its key is given here and never again. An older link ends."""
    if page.network not in NETWORKS:
        raise Refused(f"Сеть «{page.network_name}» не подключается: есть {', '.join(kind.name for kind in NETWORKS.values())}.")
    return invite_many(pages=[page], by=by)[0][1]


@transaction.atomic
def invite_many(*, pages: Iterable[Page], by: Person | None) -> list[tuple[Page, str]]:
    """Links for many pages at once, each with its key; older links of these pages end."""
    # Locked, so that two who press at once do not make two links for a page.
    held = list(Page.objects.select_for_update().filter(pk__in=[page.pk for page in pages], network__in=list(NETWORKS)).order_by("sort_name", "pk"))
    now = timezone.now()
    _open().filter(page__in=held).update(revoked_at=now, sealed=b"", next_check_at=None)
    made = [(page, _new_key()) for page in held]
    until = now + timedelta(days=settings.LINK_DAYS)
    Invitation.objects.bulk_create([Invitation(page=page, key_hash=_hashed(key), by=by, expires_at=until) for page, key in made], batch_size=1000)
    journal.write_many(by, "link_made", held, until=until.date().isoformat())
    return made


@transaction.atomic
def revoke(*, page: Page, by: Person | None) -> None:
    """The page's open link ends. Refused when there is none."""
    if not _open().filter(page=page).update(revoked_at=timezone.now(), sealed=b"", next_check_at=None):
        raise Refused("Открытой ссылки у этой страницы нет: она уже использована или отозвана.")
    journal.write(by, "link_revoked", page)


@transaction.atomic
def open_link(*, key: str) -> Invitation:
    """The steward has opened the link. Refused, in a sentence for him, when it leads nowhere any more."""
    invitation = _found(key)
    if invitation.opened_at is None and Invitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=timezone.now()):
        invitation.opened_at = timezone.now()
        journal.write(None, "link_opened", invitation.page)
    return invitation


@transaction.atomic
def give_key(*, key: str, token: str) -> Invitation:
    """The steward gives the page's key: it is sealed at once and waits to be checked. Refused when it cannot be one."""
    invitation = _found(key, lock=True)
    if not invitation.is_open:
        raise Refused(USED)
    if invitation.next_check_at:
        raise Refused("Ключ уже проверяем: подождите минуту.")
    if invitation.tries >= MAX_TRIES:
        raise Refused("Попыток было слишком много: попросите новую ссылку у того, кто её прислал.")
    sealed = vault.seal(_readable(token, invitation.page.network))
    now = timezone.now()
    fresh = {"sealed": sealed, "given_at": now, "next_check_at": now, "checks": 0, "problem": "", "tries": invitation.tries + 1}
    Invitation.objects.filter(pk=invitation.pk).update(**fresh)
    journal.write(None, "key_given", invitation.page)
    invitation.refresh_from_db()
    return invitation


USED = "По этой ссылке страница уже подключена. Чтобы сменить ключ, попросите новую ссылку."


def _found(key: str, *, lock: bool = False) -> Invitation:
    """The link with this key, open or used with success; Refused when it was revoked, has expired or never was."""
    rows = Invitation.objects.select_related("page", "by")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(key_hash=_hashed(key)).first() if _ours(key) else None
    if found is None:
        raise Refused("Такой ссылки нет: проверьте, что адрес скопирован целиком, или попросите новую.")
    if found.revoked_at:
        raise Refused("Эту ссылку отозвали. Попросите новую у того, кто её прислал.")
    if found.is_open and found.has_expired(timezone.now()):
        raise Refused("Срок ссылки вышел. Попросите новую у того, кто её прислал.")
    return found


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(Q(connected_at=None, revoked_at=None))


def _new_key() -> str:
    random = secrets.token_urlsafe(24)
    return random + _mark(random)


def _mark(random: str) -> str:
    return salted_hmac("gospult.exchange.invitation", random, algorithm="sha256").hexdigest()[:MARK]


def _ours(key: str) -> bool:
    return key.isascii() and len(key) == RANDOM + MARK and constant_time_compare(key[RANDOM:], _mark(key[:RANDOM]))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _readable(token: str, network: str) -> str:
    """The token without the spaces around it; Refused when copying has spoiled it or it is another network's. Its text is never repeated."""
    token = token.strip()
    if not token:
        raise Refused("Вставьте ключ: поле пустое.")
    if len(token) > LONGEST_KEY or not token.isascii() or not token.isprintable() or " " in token:
        raise Refused("В ключе пробел, перенос или посторонний знак: скопируйте его ещё раз целиком.")
    other = next((code for code, look in LOOKS.items() if code != network and look.fullmatch(token)), "")
    if other:
        raise Refused(f"Это {OTHERS[other]}, а здесь подключают страницу сети {NETWORKS[network].name}. Ничего не сохранено.")
    return token


@transaction.atomic
def choose_pilot(*, pages: Iterable[Page], by: Person | None) -> None:
    """These pages join the pilot, the former ones stay. Refused when none of them can be connected or there would be more than MAX_PILOT."""
    chosen = [page for page in pages if page.network in NETWORKS]
    before = set(Pilot.objects.select_for_update().values_list("page", flat=True))
    added = [page for page in chosen if page.pk not in before]
    if not chosen or len(before) + len(added) > MAX_PILOT:
        raise Refused(_too_many(len(before)) if chosen and before else ONE_TO_FIVE)
    for page in added:
        Pilot.objects.get_or_create(page=page, defaults={"by": by})
    journal.write_many(by, "pilot_chosen", added)


ONE_TO_FIVE = f"Для пилота выберите от одной до {MAX_PILOT} страниц, лучше три: разные по сети и нагрузке."


def _too_many(before: int) -> str:
    have, room = plural(before, PAGES), MAX_PILOT - before
    if room <= 0:
        return f"В пилоте уже {have}, больше не нужно: уберите лишнюю или завершите пилот."
    return f"В пилоте уже {have}: добавьте не больше {room} или уберите лишние. Ничего не изменилось."


@transaction.atomic
def leave_pilot(*, page: Page, by: Person | None) -> None:
    """A page leaves the pilot; its connection and its link stay as they are. Refused when it is not in it."""
    if not Pilot.objects.filter(page=page).delete()[0]:
        raise Refused("Этой страницы в пилоте уже нет.")
    journal.write(by, "pilot_left", page)


@transaction.atomic
def end_pilot(*, by: Person | None) -> None:
    """The pilot is over: its pages are connected pages like any others. Refused when there is none."""
    pages = [row.page for row in Pilot.objects.select_for_update(of=("self",)).select_related("page")]
    if not pages:
        raise Refused("Пилот уже завершён.")
    Pilot.objects.all().delete()
    journal.write_many(by, "pilot_ended", pages)
