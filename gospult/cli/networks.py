"""`networks`: what the tokens allow, and the sandbox that stands in for the networks."""

import click

from .boot import boot
from .face import emit, gospult, json_option, problems, say
from .serve import choose_port


@gospult.group()
def networks() -> None:
    """Соцсети: проверка доступа и песочница."""


@networks.command()
@json_option
def check(as_json: bool) -> None:
    """Токены, права и способ работы каждой подключённой страницы."""
    boot()
    from gospult.exchange import queries

    found = queries.check_connections()
    emit(found, as_json=as_json)
    if not found:
        say("Ни одна страница не подключена.")
    problems(any(row["problem"] for row in found))


@networks.command()
@click.option("--port", default=9000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--chaos", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="Доля ответов с ошибкой.")
def sandbox(port: int, chaos: float) -> None:
    """Сервер, который говорит как настоящие сети и помнит, что в них опубликовано."""
    from gospult.networks.sandbox.server import serve

    serve(choose_port(port), chaos=chaos, ready=lambda url: say(f"Песочница: {url}"))
