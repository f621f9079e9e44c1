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

MATTERS = ("comments", "messages", "reply_comment", "reply_dm", "publish", "webhook")  # what a person asks of a page first
PROGRESS = 20  # pages between two words of how far it is


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
    found: list[dict[str, Any]] = []
    rows = list(Connection.objects.select_related("page").order_by("page_id"))
    for number, row in enumerate(rows, 1):
        found.append(_checked(row, asked))
        if not as_json:
            click.echo(_line(found[-1]))
        if number % PROGRESS == 0 and number < len(rows):
            say(f"Проверено {number} из {len(rows)}…")
    if as_json:
        emit(found, as_json=True)
    troubled = sum(bool(row["problem"]) for row in found)
    say(f"Проверено страниц: {len(found)}, с ошибкой: {troubled}." if found else "Ни одна страница не подключена.")
    problems(bool(troubled))


def _line(row: dict[str, Any]) -> str:
    """A checked page for a person: name, network, way of work, what works, what is wrong."""
    from gospult.exchange.models import FEATURE_WORDS, Mode
    from gospult.networks.registry import NETWORKS

    network = NETWORKS[row["network"]].name if row["network"] in NETWORKS else row["network"]
    works = "; ".join(FEATURE_WORDS[feature] for feature in MATTERS if feature in row["can"]) or "ничего"
    ends = f", ключ действует до {row['expires_at'][:10]}" if row["expires_at"] else ""
    state = f"ОШИБКА: {row['problem']}" if row["problem"] else f"ключи в порядке{ends}"
    return f"{row['name']} ({network}, id {row['id']}): {Mode(row['mode']).label}; {state}. Можно: {works}."


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
        "name": page.name,
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
    if as_json:
        emit(counts, as_json=True)
    else:
        click.echo(f"Перешифровано ключей: {counts['tokens']}, секретов: {counts['secrets']}; не открылись: {counts['unopened']}.")
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
@click.option(
    "--goal", type=click.Choice(["cards", "walls", "history"]), default="cards", show_default=True, help="Карточки, записи или прежние записи."
)
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
@click.option("--seed", default=1, show_default=True, type=int, help="Зерно случайности: то же зерно приносит те же сбои.")
def sandbox(port: int, chaos: float, seed: int) -> None:
    """Сервер, который говорит как настоящие сети и помнит, что в них опубликовано."""
    from gospult.networks.sandbox.server import serve

    serve(choose_port(port), chaos=chaos, seed=seed, ready=lambda url: say(f"Песочница: {url}"))
