"""`networks`: what the tokens allow, and the sandbox that stands in for the networks."""

from typing import TYPE_CHECKING, Any

import click

from gospult.lib.errors import Refused

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
    """Токены, права и способ работы каждой подключённой страницы; что сказала сеть, запоминается."""
    boot()
    from gospult.exchange.models import Connection

    asked: dict[int, str] = {}
    found = [_checked(row, asked) for row in Connection.objects.select_related("page").order_by("page_id")]
    emit(found, as_json=as_json)
    if not found:
        say("Ни одна страница не подключена.")
    problems(any(row["problem"] for row in found))


def _checked(row: "Connection", asked: dict[int, str]) -> dict[str, Any]:
    """What the tokens of a page really allow; `problem` is "" when all is well. `asked`: faults of tokens that several pages share."""
    from gospult.exchange import actions, queries
    from gospult.exchange.models import Token

    page = row.page
    tokens = list(Token.objects.serving(page).select_related("page").order_by("page_id", "id"))
    for token in tokens:
        if token.pk not in asked:
            asked[token.pk] = actions.check_token(token)
    faults = [asked[token.pk] for token in tokens if asked[token.pk]]
    ends = [end for end in Token.objects.serving(page).values_list("expires_at", flat=True) if end]
    return {
        "page": page.pk,
        "network": page.network,
        "id": page.external_id,
        "mode": row.mode,
        "tokens": sorted({token.kind for token in tokens}),
        "can": sorted(queries.granted(page)),
        "expires_at": min(ends).isoformat() if ends else None,
        "problem": _problem(faults, known=bool(tokens)),
    }


def _problem(faults: list[str], *, known: bool) -> str:
    if not known:
        return "нет токена"
    return FAULTS.get(faults[0], "сеть отказала: " + faults[0]) if faults else ""


@networks.command()
@json_option
def rotate(as_json: bool) -> None:
    """Перешифровать токены и секреты первым ключом из GOSPULT_TOKEN_KEYS; после этого прежний ключ можно убрать."""
    boot()
    from gospult.exchange import actions

    counts = actions.reseal(by=None)
    emit(counts, as_json=as_json)
    if counts["unopened"]:
        say("Часть токенов не открывается ни одним ключом: верните прежний ключ в GOSPULT_TOKEN_KEYS или введите токены заново.")
    problems(bool(counts["unopened"]))


@networks.command()
@json_option
def quotas(as_json: bool) -> None:
    """Кто ждёт очереди к сетям и почему, как идут обходы и хватит ли квоты на обход стен."""
    boot()
    from gospult.exchange import queries

    found = {"waiting": queries.waiting(), "sweeps": queries.sweeps(), "walls": queries.wall_plans()}
    if as_json:
        emit(found, as_json=True)
        return
    for row in found["waiting"]:
        click.echo(f"Ждёт: {row['page_name'] or 'обход'}, {row['network']}, {row['task_name']}, {row['method']} — {row['why']}.")
    for row in found["sweeps"]:
        why = f" — {row['why']}" if row["why"] else ""
        click.echo(f"Обход: {row['network']}, {row['goal_name']}: {row['state_name']}, {row['done']} из {row['total']}{why}.")
    for plan in found["walls"]:
        click.echo(f"Стены: {plan['text']}")
    if not any(found.values()):
        say("Никто не ждёт, обходов ещё не было.")


@networks.command()
@click.argument("network", metavar="СЕТЬ")
@click.option("--goal", type=click.Choice(["cards", "walls"]), default="cards", show_default=True, help="Карточки страниц или записи на стенах.")
@click.option("--stop", is_flag=True, help="Остановить обход, который идёт.")
def sweep(network: str, goal: str, stop: bool) -> None:
    """Начать обход страниц сети, продолжить остановленный или остановить: он идёт в фоне, сколько позволяют квоты."""
    boot()
    from gospult.exchange import actions
    from gospult.exchange.models import Sweep
    from gospult.networks.registry import NETWORKS

    if network not in NETWORKS:
        raise Refused(f"Сети «{network}» нет. Есть: {', '.join(NETWORKS)}.")
    latest = Sweep.objects.filter(network=network, goal=goal).order_by("-started_at").first()
    if stop:
        if latest is None or latest.state != Sweep.State.RUNNING:
            raise Refused("Такой обход не идёт.")
        actions.stop_sweep(sweep=latest, by=None)
        say(f"Обход остановлен: {latest.done} из {latest.total}.")
    elif latest is not None and latest.state == Sweep.State.STOPPED:
        actions.resume_sweep(sweep=latest, by=None)
        say(f"Обход продолжен: {latest.done} из {latest.total}.")
    else:
        row = actions.start_sweep(network=network, goal=goal, by=None)
        say(f"Обход идёт: {row.done} из {row.total}. Как дела: gospult networks quotas")


@networks.command()
@click.option("--port", default=9000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--chaos", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="Доля ответов с ошибкой.")
def sandbox(port: int, chaos: float) -> None:
    """Сервер, который говорит как настоящие сети и помнит, что в них опубликовано."""
    from gospult.networks.sandbox.server import serve

    serve(choose_port(port), chaos=chaos, ready=lambda url: say(f"Песочница: {url}"))
