"""`gospult demo`: a living demo region until Ctrl-C."""

import itertools
import time

import httpx
from django.conf import settings
from django.db import Error, connection

from gospult.accounts.models import Role
from gospult.lib.processes import Child, Supervisor, free_port, gospult, wait_for_port
from gospult.networks.testing import SandboxClient

from . import here
from .audience import fill_audience
from .cast import CAST, PASSWORD
from .crowd import Crowd
from .fill import fill
from .history import fill_history
from .residents import endless
from .road import say
from .scenes import open_staff_line
from .staff import Staff
from .stage import addresses
from .wall import hold, open_others, open_pages, show_addresses
from .year import live_a_year

SANDBOX_PORT = 9000
START = 60.0  # seconds that the processes may take to start on a busy machine
TRICKLE = 20.0  # seconds between two messages of residents
WORK = 7.0  # seconds between two rounds of the simulated staff
BATCH = 2  # cases that they take in one round: the newcomer shall see it happen
TENTHS = 4  # how many of ten cases the simulated staff answers; the rest waits for the newcomer


def serve(port: int) -> None:
    """Fill what is missing, start sandbox, web and worker, let residents write; blocks until Ctrl-C and stops everything."""
    fill(say=say)
    fill_audience(say=say)
    hold()
    sandbox_port = free_port(SANDBOX_PORT)
    sandbox = SandboxClient(f"http://127.0.0.1:{sandbox_port}")
    env = addresses(sandbox)
    children = [
        Child("песочница сетей", gospult("networks", "sandbox", "--port", str(sandbox_port))),
        Child("сайт", gospult("web", "--port", str(port)), env),
        Child("фоновая работа", gospult("worker"), env),
    ]
    life = Life(sandbox, sandbox_port, port)
    say(f"Запускаю песочницу, сайт и фоновую работу: {settings.URL} откроется через несколько секунд…")
    here.leave(env)
    try:
        Supervisor(children, say=say, check=life.step, every=0.5).run()
    finally:
        here.forget()
    say("Остановлено. Данные останутся до следующего «gospult demo».")


class Life:
    """What the supervisor calls twice a second: opens the sandbox's pages when it is up, lets people write and answer."""

    def __init__(self, sandbox: SandboxClient, sandbox_port: int, port: int) -> None:
        self.sandbox, self.sandbox_port, self.port = sandbox, sandbox_port, port
        self.staff = Staff(tenths=TENTHS, batch=BATCH)
        self.residents = endless(int(time.time()))
        self.began = time.monotonic()
        self.greeted = False
        self.next_word = self.next_work = 0.0

    def step(self) -> None:
        """One look at the clock; a database or a sandbox that is away is met again at the next."""
        try:
            if self._opened():
                self._live()
        except (Error, OSError, httpx.HTTPError):
            connection.close()

    def _opened(self) -> bool:
        if not wait_for_port(self.sandbox_port, seconds=0.2):
            return False
        if not self.sandbox.state()["pages"]:
            fill_history(say=say)  # only now: meanwhile the site is starting
            show_addresses(self.sandbox.base_url)
            open_pages(self.sandbox)
            open_others(self.sandbox)
            open_staff_line()
        if not self.greeted and wait_for_port(self.port, seconds=0.2):
            self.greeted = True
            greet(self.sandbox.base_url)
            live_a_year(say=say)  # only now: the desk is already at work
        return self.greeted

    def _live(self) -> None:
        now = time.monotonic()
        if now > self.next_word:
            self.next_word = now + TRICKLE
            Crowd(self.sandbox, itertools.islice(self.residents, 1)).step(1)
        if now > self.next_work:
            self.next_work = now + WORK
            self.staff.step()


def greet(sandbox: str) -> None:
    """Where to look and how to log in."""
    width = max(len(member.login) for member in CAST)
    say("")
    say(f"Готово. Госпульт: {settings.URL}")
    say(f"Для жителей, без входа: {settings.URL}/catalogue/ (справочник), /official/ (проверка страницы), /opendata/")
    say(f"Страницы в песочнице (пишите как житель): {sandbox}/")
    say(f"Пароль у всех один: {PASSWORD}. Логины:")
    for member in CAST:
        say(f"  {member.login:<{width}}  {Role(member.role).label}")
    say("Команды над этими данными, в соседнем окне: gospult --demo networks check (из этой папки: .venv/bin/gospult)")
    say(f"Жители пишут раз в {TRICKLE:.0f} с, часть ответов дают имитации исполнителей. Остановить: Ctrl-C")
