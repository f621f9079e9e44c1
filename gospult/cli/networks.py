"""`networks`: what the tokens allow, and the sandbox that stands in for the networks."""

from typing import TYPE_CHECKING, Any

import click

from .boot import boot
from .face import emit, gospult, json_option, problems, say
from .serve import choose_port

if TYPE_CHECKING:
    from gospult.exchange.models import Connection

FAULTS = {
    "auth": "токен не подходит: получите новый",
    "access": "токену не хватает прав",
    "down": "сеть не отвечает",
    "timeout": "сеть не отвечает вовремя",
    "quota": "исчерпан дневной предел вызовов",
    "too_fast": "слишком частые вызовы, повторите позже",
    "flood": "слишком частые вызовы, повторите позже",
    "gone": "страница удалена или закрыта",
}


@gospult.group()
def networks() -> None:
    """Соцсети: проверка доступа и песочница."""


@networks.command()
@json_option
def check(as_json: bool) -> None:
    """Токены, права и способ работы каждой подключённой страницы."""
    boot()
    from gospult.exchange.models import Connection

    found = [_checked(row) for row in Connection.objects.select_related("page").order_by("page_id")]
    emit(found, as_json=as_json)
    if not found:
        say("Ни одна страница не подключена.")
    problems(any(row["problem"] for row in found))


def _checked(row: "Connection") -> dict[str, Any]:
    """What the tokens of a page allow, proved by one call; `problem` is "" when all is well."""
    from django.db.models import Q

    from gospult.exchange import queries
    from gospult.exchange.models import Token
    from gospult.networks.base import NetworkError
    from gospult.networks.registry import NETWORKS

    page = row.page
    kinds: frozenset[Any] = frozenset(Token.objects.filter(Q(page=page) | Q(page=None), network=page.network).values_list("kind", flat=True))
    problem = "" if kinds else "нет токена"
    if kinds:
        try:
            queries.connector(page).cards([page.external_id or ""])
        except NetworkError as error:
            problem = FAULTS.get(error.fault, "сеть отказала: " + error.fault)
    can = sorted(NETWORKS[page.network].can(kinds)) if page.network in NETWORKS else []
    return {
        "page": page.pk,
        "network": page.network,
        "id": page.external_id,
        "mode": row.mode,
        "tokens": sorted(kinds),
        "can": can,
        "problem": problem,
    }


@networks.command()
@click.option("--port", default=9000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--chaos", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="Доля ответов с ошибкой.")
def sandbox(port: int, chaos: float) -> None:
    """Сервер, который говорит как настоящие сети и помнит, что в них опубликовано."""
    from gospult.networks.sandbox.server import serve

    serve(choose_port(port), chaos=chaos, ready=lambda url: say(f"Песочница: {url}"))
