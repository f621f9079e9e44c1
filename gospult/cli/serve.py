"""`run`, `web`, `worker`: the processes of an installation."""

import os
import time
from pathlib import Path
from threading import Thread

import click

from gospult.lib import embedded
from gospult.lib.processes import PARENT, Child, Supervisor, free_port, gospult, wait_for_port

from .boot import boot
from .face import gospult as command
from .face import say

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Адрес, на котором слушать.")
port_option = click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Порт; занят — берётся следующий свободный."
)


def choose_port(wanted: int, host: str = "127.0.0.1") -> int:
    """The port to listen on; a busy one is said aloud."""
    port = free_port(wanted, host)
    if port != wanted:
        say(f"Порт {wanted} занят, беру {port}.")
    return port


@command.command()
@host_option
@port_option
def run(host: str, port: int) -> None:
    """Всё сразу: база данных, сайт и фоновая работа."""
    home = embedded.find_home()
    own = not os.environ.get("DATABASE_URL")
    url = embedded.start(home) if own else os.environ["DATABASE_URL"]
    port = choose_port(port, host)
    os.environ.setdefault("GOSPULT_URL", f"http://{host}:{port}")
    children = [Child("web", gospult("web", "--host", host, "--port", str(port), "--exact")), Child("worker", gospult("worker"))]
    supervisor = Supervisor(children, say=say)

    def keep_database() -> None:
        # A new address means that another program took the old port while the server was down.
        nonlocal url
        if (now := embedded.ensure(home)) != url:
            url = now
            supervisor.restart()

    if own:
        supervisor.check = keep_database
    announce = Thread(target=_announce, args=[host, port], daemon=True)
    announce.start()
    supervisor.run()
    say("Остановлено.")


def _announce(host: str, port: int) -> None:
    if wait_for_port(port, seconds=60, host=host):
        say(f"Госпульт работает: http://{host}:{port}  Остановить: Ctrl-C")


@command.command()
@host_option
@port_option
@click.option("--exact", is_flag=True, hidden=True)
def web(host: str, port: int, exact: bool) -> None:
    """Только сайт."""
    port = port if exact else choose_port(port, host)
    os.environ.setdefault("GOSPULT_URL", f"http://{host}:{port}")
    boot()
    if exact:
        _wait_until_free(host, port)
    _serve(host, port)


def _wait_until_free(host: str, port: int) -> None:
    """A killed predecessor's threads may hold the port for a moment; people know this port, so no other will do."""
    deadline = time.monotonic() + 10
    while free_port(port, host) != port and time.monotonic() < deadline:
        time.sleep(0.1)


def _serve(host: str, port: int) -> None:
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    connections.close_all()  # the workers are forked from us and must not share a connection
    os.environ[PARENT] = str(os.getpid())
    server = Granian(
        "gospult.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=10,
        log_enabled=False,
        websockets=False,
    )
    server.serve()


@command.command()
@click.option("--slots", type=click.IntRange(1, 64), help="Сколько дел сразу; обычно GOSPULT_WORKER_SLOTS.")
@click.option("--once", is_flag=True, help="Сделать то, что уже пора, и закончить.")
def worker(slots: int | None, once: bool) -> None:
    """Только фоновая работа; можно запускать сколько угодно и где угодно."""
    boot()
    from gospult.clock import run_worker

    run_worker(slots=slots, wait=not once)


@command.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def manage(words: tuple[str, ...]) -> None:
    """Команды самого Django: gospult manage shell."""
    boot(migrated=False)
    from django.core.management import execute_from_command_line

    execute_from_command_line([str(Path("gospult manage")), *words])
