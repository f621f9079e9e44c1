"""`demo` and `bench`: the demo region and the benchmarks, each in a database of its own."""

import contextlib
import os
from collections.abc import Iterator

import click

from gospult.lib import databases
from gospult.lib.errors import Refused

from .boot import boot, database
from .face import emit, gospult, json_option, problems
from .serve import choose_port, port_option

NAME = "gospult_demo"
NOTE = "gospult demo"


@gospult.command()
@port_option
@click.option("--once", is_flag=True, help="Один раз провести сообщения весь путь и сверить с журналом песочницы.")
@json_option
def demo(port: int, once: bool, as_json: bool) -> None:
    """Показать всё на вымышленном регионе: сайт, работа, песочница сетей."""
    os.environ["GOSPULT_DEMO"] = "1"
    if once:
        with throwaway("gospult_once"):
            boot()
            from gospult.demo import once as story

            result = story.run()
            emit(result, as_json=as_json)
            problems(bool(result["lost"] or result["doubled"] or result["unknown"]))
        return
    os.environ["DATABASE_URL"] = demo_database()
    port = choose_port(port)
    os.environ["GOSPULT_URL"] = f"http://127.0.0.1:{port}"
    boot()
    from gospult.demo import run

    run.serve(port)


@gospult.command()
@click.argument("name", metavar="[ИМЯ]", required=False)
@json_option
def bench(name: str | None, as_json: bool) -> None:
    """Измерить скорость: intake, desk…"""
    with throwaway("gospult_bench"):
        boot()
        from gospult.bench import runner

        emit(runner.run(name), as_json=as_json)


def demo_database() -> str:
    """The demo's database; a DATABASE_URL that holds anything but a demo is refused."""
    given = os.environ.get("DATABASE_URL")
    url = given or databases.create(database(), NAME)
    if databases.is_empty(url):
        databases.set_comment(url, NOTE)
    elif databases.comment(url) != NOTE:
        raise Refused(f"База «{databases.name_of(url)}» не пустая и не демонстрационная: уберите DATABASE_URL или укажите пустую базу.")
    return url


@contextlib.contextmanager
def throwaway(prefix: str) -> Iterator[None]:
    """A database that is there only for this command, on the server of DATABASE_URL or the embedded one."""
    server, name = database(), f"{prefix}_{os.getpid()}"
    os.environ["DATABASE_URL"] = databases.create(server, name)
    try:
        yield
    finally:
        from django.db import connections

        connections.close_all()
        os.environ["DATABASE_URL"] = server
        databases.drop(server, name)
