"""`networks connect` and `networks mode`: a page of the registry begins to speak; its tokens never stand in the command line."""

import secrets
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import Words, emit, json_option, say
from .finding import find_page
from .networks import networks

if TYPE_CHECKING:
    from gospult.exchange.models import Connection
    from gospult.registry.models import Page

MODES = {"full": "полный", "copy": "ответ публикует человек", "observe": "только чтение"}
KINDS = {
    "community": "Ключ доступа сообщества",
    "user": "Ключ администратора страницы",
    "service": "Сервисный ключ приложения",
    "bot": "Токен бота или ключ группы",
}
MAX_INPUT = 64 * 1024  # characters of stdin: a few tokens
MAX_CONFIRMATION = 64  # characters, the column's size
page_argument = click.argument("page", metavar="СТРАНИЦА")


@networks.command()
@page_argument
@click.option("--mode", type=Words(MODES), help="Способ работы; обычно full, а у подключённой страницы прежний.")
@click.option("--confirmation", metavar="КОД", help="Строка, которую ВКонтакте ждёт при подтверждении адреса.")
@click.option("--until", metavar="ДД.ММ.ГГГГ", help="До какого дня действует ключ, если это известно: предупредим заранее.")
@json_option
def connect(page: str, mode: str | None, confirmation: str | None, until: str | None, as_json: bool) -> None:
    """Подключить страницу или сменить её ключи.

    Ключи и секрет спрашиваются без показа на экране; если ввод не с клавиатуры,
    это строки «community=…», «user=…», «service=…», «bot=…», «secret=…».
    """
    boot()
    from gospult.exchange import actions
    from gospult.exchange.models import Connection

    if confirmation and (len(confirmation) > MAX_CONFIRMATION or not confirmation.isprintable()):
        raise Refused("Строка подтверждения слишком длинная или испорчена: скопируйте её заново.")
    _until(until)  # a slip of the hand is told before a key is asked for
    found = _connectable(page)
    before = Connection.objects.filter(page=found).first()
    say(f"Страница «{found.name}», {found.network_name}, ID {found.external_id}.")
    given = _typed(found) if sys.stdin.isatty() else _lines(sys.stdin.read(MAX_INPUT))
    secret, made = _secret(given.pop("secret", ""), before)
    connection = actions.connect(
        page=found,
        tokens=_tokens(given),
        secret=secret,
        confirmation=confirmation if confirmation is not None else before.confirmation if before else "",
        mode=mode or (before.mode if before else "full"),
        expires_at=_until(until),
        by=None,
    )
    about = _about(connection) | ({"secret": secret} if made else {})
    if as_json:
        emit(about, as_json=True)
    else:
        _tell(about)


@networks.command("mode")
@page_argument
@click.argument("mode", metavar="|".join(MODES), type=Words(MODES))
def set_mode(page: str, mode: str) -> None:
    """Сменить способ работы подключённой страницы."""
    boot()
    from gospult.exchange import actions
    from gospult.exchange.models import Connection

    found = find_page(page)
    if not Connection.objects.filter(page=found).exists():
        raise Refused(f"Страница «{found.name}» не подключена: gospult networks connect {page}")
    actions.set_mode(page=found, mode=mode, by=None)
    say(f"Страница «{found.name}»: {MODES[mode]}.")


def _until(text: str | None) -> "datetime | None":
    """The end of the day that a person named, in the region's time."""
    from django.utils import timezone

    if not text:
        return None
    try:
        day = datetime.strptime(text, "%d.%m.%Y")
    except ValueError:
        raise Refused(f"Дату окончания напишите так: 24.11.2027, а не «{text[:20]}».") from None
    if day.date() < timezone.localdate():
        raise Refused("Этот день уже прошёл: проверьте дату или получите новый ключ.")
    return timezone.make_aware(day.replace(hour=23, minute=59))


def _connectable(text: str) -> "Page":
    """The page, when its network is one that we speak to and its id there is known."""
    from gospult.networks.registry import NETWORKS

    page = find_page(text)
    if page.network not in NETWORKS:
        raise Refused(f"Сеть «{page.network_name}» пока не подключается: есть {', '.join(kind.name for kind in NETWORKS.values())}.")
    if not page.external_id:
        raise Refused(f"У страницы «{page.name}» не известен ID в сети: укажите его в выгрузке и загрузите её (gospult registry import).")
    return page


def _typed(page: "Page") -> dict[str, str]:
    """Tokens that this network gives out, and the secret, from the keyboard, without echo."""
    from gospult.networks.registry import NETWORKS

    asked: dict[str, str] = {kind: f"{title} ({kind}), Enter — нет" for kind, title in KINDS.items() if kind in NETWORKS[page.network].kinds}
    asked["secret"] = "Секретный ключ для событий (secret), Enter — придумать"
    typed = {name: str(click.prompt(words, default="", show_default=False, hide_input=True, err=True)).strip() for name, words in asked.items()}
    return {name: value for name, value in typed.items() if value}


def _lines(text: str) -> dict[str, str]:
    """Lines `name=value`; a line that is none is refused without being repeated, because it may be a token."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        name, sign, value = line.partition("=")
        if not line.strip():
            continue
        if not sign or name.strip() not in {*KINDS, "secret"}:
            raise Refused(f"Строка {number} ввода не понята: нужно community=…, user=…, service=…, bot=… или secret=….")
        if not value.strip():
            raise Refused(f"Строка {number} ввода: значение {name.strip()} пустое.")
        found[name.strip()] = value.strip()
    return found


def _tokens(given: dict[str, str]) -> dict[str, str]:
    """The tokens; Refused when there is none or one is spoiled by copying."""
    if not given:
        raise Refused("Не дано ни одного ключа доступа: ничего не изменилось.")
    spoiled = [kind for kind, token in given.items() if not token.isascii() or not token.isprintable() or " " in token]
    if spoiled:
        raise Refused(f"В ключе {spoiled[0]} пробел или посторонний знак: скопируйте его заново.")
    return given


def _secret(given: str, before: "Connection | None") -> tuple[str, bool]:
    """The webhook's secret, and whether it was made up by us."""
    if given:
        return given, False
    if before and before.sealed_secret:
        # A secret made up anew would stop the events until somebody enters it in the network.
        raise Refused("Секрет пустой: введите тот, что стоит в настройках Callback API, или новый — и замените его там же.")
    return secrets.token_hex(16), True


def _about(connection: "Connection") -> dict[str, Any]:
    """What is true of the page now."""
    from django.conf import settings
    from django.db.models import Q
    from django.urls import reverse

    from gospult.exchange.actions import hook_address
    from gospult.exchange.models import Token
    from gospult.networks.base import TokenKind
    from gospult.networks.registry import NETWORKS

    page = connection.page
    kinds: set[TokenKind] = set(Token.objects.filter(Q(page=page) | Q(page=None), network=page.network).values_list("kind", flat=True))  # type: ignore[arg-type]
    return {
        "page": page.pk,
        "network": page.network,
        "id": page.external_id,
        "name": page.name,
        "mode": connection.mode,
        "tokens": [kind for kind in get_args(TokenKind) if kind in kinds],
        "can": sorted(NETWORKS[page.network].can(frozenset(kinds))),
        # Only VK names the page in its calls, so only there a common address will do.
        "callback": settings.URL + reverse("exchange:hook", args=[page.network]) if page.network == "vk" else hook_address(connection),
        "confirmation": bool(connection.confirmation),
    }


def _tell(about: dict[str, Any]) -> None:
    """The same for a person, with what is left to do in the network."""
    from gospult.exchange.models import FEATURE_WORDS

    can = [words for feature, words in FEATURE_WORDS.items() if feature in about["can"]]
    cannot = [words for feature, words in FEATURE_WORDS.items() if feature not in about["can"]]
    click.echo(f"Подключена: {about['name']}. Способ работы: {MODES[about['mode']]}.")
    click.echo(f"Ключи позволяют: {'; '.join(can) or 'ничего'}.")
    if cannot:
        click.echo(f"Не позволяют: {'; '.join(cannot)}.")
    if about["mode"] == "full" and not {"reply_comment", "reply_dm"} & set(about["can"]):
        click.echo("Отвечать этими ключами нельзя: добавьте ключ сообщества или смените способ работы на copy.")
    _tell_of_events(about)


def _tell_of_events(about: dict[str, Any]) -> None:
    """How the network comes to call us: by itself where the token may subscribe, else by a person's hand."""
    if "webhook" in about["can"]:
        click.echo("На события подпишемся сами в ближайшую минуту; что вышло, видно в разделе «Соцсети».")
    click.echo(f"Адрес для событий: {about['callback']}")
    if "secret" in about:
        click.echo(f"Секретный ключ придуман; если вводите адрес в сети сами, введите его там же: {about['secret']}")
    if about["network"] == "vk" and not about["confirmation"] and "webhook" not in about["can"]:
        click.echo("Строку подтверждения из настроек Callback API передайте ключом --confirmation, иначе сеть не примет адрес.")
    if not about["callback"].startswith("https://"):
        click.echo("Сеть обращается только по https и из интернета: задайте GOSPULT_URL.")
