"""The ground under the rooms, with real processes: the embedded server, `gospult run`, the wheel."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from gospult.lib import embedded
from gospult.lib.embedded.cluster import processes_in
from gospult.lib.embedded.home import cluster_folder
from gospult.lib.processes import PARENT, free_port, wait_for_port

ROOT = Path(__file__).parents[1]
USER = """
import sys, pathlib
from gospult.lib import embedded
print(embedded.start(pathlib.Path(sys.argv[1]), durable=False), flush=True)
sys.stdin.read()
"""


class User:
    """A process of its own that uses the server of a home until it is let go."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield from _home(tmp_path / "папка с пробелом" / ".gospult")


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Path]:
    yield from _home(tmp_path / "другая" / ".gospult")


def _home(path: Path) -> Iterator[Path]:
    yield path
    embedded.discard(path)
    assert not path.exists()


def postmaster(home: Path) -> int:
    return int((cluster_folder(home) / "data" / "postmaster.pid").read_text().split("\n")[0])


def is_running(home: Path) -> bool:
    return bool(processes_in(cluster_folder(home) / "data"))


def soon(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def test_the_home_is_the_nearest_folder_upwards(tmp_path: Path) -> None:
    (tmp_path / ".gospult").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert embedded.find_home({}, tmp_path / "a" / "b") == tmp_path / ".gospult"
    assert embedded.find_home({"GOSPULT_HOME": str(tmp_path / "x")}, tmp_path) == tmp_path / "x"


def test_the_first_user_starts_the_server_and_the_last_one_stops_it(home: Path) -> None:
    first = User(home)
    second = User(home)
    assert first.url == second.url

    first.leave()
    assert ask(second.url, "SELECT similarity('школа', 'школы') > 0") is True

    second.leave()
    assert not is_running(home)


def test_two_homes_are_two_installations(home: Path, other_home: Path) -> None:
    one, other = User(home), User(other_home)
    with psycopg.connect(one.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE mine (x int)")

    assert one.url != other.url
    assert ask(other.url, "SELECT to_regclass('mine')") is None
    one.leave()
    assert is_running(other_home)
    other.leave()


def test_a_home_made_anew_where_an_old_one_stood_has_rows_of_its_own(tmp_path: Path) -> None:
    old = cluster_folder(tmp_path / "home").resolve()
    (old / "mark").touch()
    shutil.rmtree(tmp_path / "home")

    new = cluster_folder(tmp_path / "home").resolve()

    try:
        assert not (new / "mark").exists()
        assert cluster_folder(tmp_path / "home").resolve() == new
    finally:
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def test_a_server_that_outlived_its_killed_users_is_used_again(home: Path) -> None:
    killed = User(home)
    before = postmaster(home)
    killed.kill()
    assert is_running(home)

    again = User(home)

    assert (again.url, postmaster(home)) == (killed.url, before)
    again.leave()
    assert not is_running(home)


def test_a_killed_server_comes_back_with_its_rows_at_the_same_address(home: Path) -> None:
    user = User(home)
    with psycopg.connect(user.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS x")
    os.kill(postmaster(home), signal.SIGKILL)

    url = embedded.ensure(home, durable=False)

    assert url == user.url
    assert ask(url, "SELECT x FROM kept") == 7
    embedded.release(home)
    assert is_running(home), "the other user still works"
    user.leave()
    assert not is_running(home)


def test_a_stale_pid_of_somebody_else_does_not_stop_the_start(home: Path) -> None:
    user = User(home)
    user.leave()
    (cluster_folder(home) / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster_folder(home) / 'data'}\n")

    again = User(home)

    assert ask(again.url, "SELECT 1") == 1
    again.leave()


def test_a_taken_port_is_given_up(home: Path) -> None:
    User(home).leave()
    port = int((cluster_folder(home) / "port").read_text())
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()

        user = User(home)

    assert f":{port}/" not in user.url
    user.leave()


def gospult(*words: str, home: Path, terminal: int | None = None, **env: str) -> subprocess.Popen[str]:
    """The command as a process of its own; at a terminal, all three of its streams are that terminal."""
    clean = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", PARENT, "GOSPULT_URL"}}
    return subprocess.Popen(
        [sys.executable, "-m", "gospult.cli", *words],
        env={**clean, "GOSPULT_HOME": str(home), "PYTHONPATH": str(ROOT), "GOSPULT_WEB_WORKERS": "1", **env},
        cwd=home.parent,
        stdin=terminal,
        stdout=terminal or subprocess.PIPE,
        stderr=terminal or subprocess.PIPE,
        start_new_session=terminal is not None,
        text=True,
    )


def processes_of(home: Path) -> list[int]:
    """Every process of ours that has this home in its environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"GOSPULT_HOME={home}\0".encode() in (entry / "environ").read_bytes() + b"\0":
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def status(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=10) as answer:
        return int(answer.status)


def answers(port: int) -> bool:
    try:
        return status(port) == 200
    except OSError:
        return False


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_serves_revives_and_leaves_no_process_behind(home: Path, word: signal.Signals) -> None:
    home.parent.mkdir(parents=True)
    with socket.socket() as taken:
        wanted = free_port(21_000 + os.getpid() % 1000)
        taken.bind(("127.0.0.1", wanted))
        taken.listen()
        run = gospult("run", "--port", str(wanted), home=home)
        assert run.stderr
        line = run.stderr.readline()
    assert line.startswith(f"Порт {wanted} занят, беру "), line
    port = int(line.rstrip(".\n").rpartition(" ")[2])
    assert wait_for_port(port, seconds=60)
    assert soon(lambda: answers(port))
    if word == signal.SIGTERM:
        os.kill(postmaster(home), signal.SIGKILL)
        assert soon(lambda: answers(port)), "the database comes back under a running site"

    run.send_signal(word)
    run.communicate(timeout=40)

    assert soon(lambda: not processes_of(home)), "no process is left"
    assert soon(lambda: not is_running(home)), "the last one has stopped the database"
    assert run.returncode == (-9 if word == signal.SIGKILL else 0)


def test_two_commands_at_once_on_a_fresh_home_migrate_one_after_another(home: Path) -> None:
    home.parent.mkdir(parents=True)
    both = [gospult("doctor", "--json", home=home) for _ in range(2)]

    for process in both:
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        assert json.loads(out)["journal"] == "ok"
        assert len(out.splitlines()) == 1


def test_a_backup_comes_back_and_only_into_an_empty_database(home: Path, other_home: Path, tmp_path: Path) -> None:
    for path in (home, other_home):
        path.parent.mkdir(parents=True)
    copy = tmp_path / "копия.dump"
    steps = [
        (home, ["admin", "create", "первый"], 0, "Администратор"),
        (home, ["backup", str(copy)], 0, "Сохранено"),
        (home, ["restore", str(copy)], 1, "не пустая"),
        (other_home, ["restore", str(copy)], 0, "Восстановлено и сверено"),
        (other_home, ["admin", "create", "первый"], 1, "уже есть"),
    ]
    for path, words, code, said in steps:
        process = gospult(*words, home=path)
        _out, err = process.communicate(timeout=90)
        assert process.returncode == code, err
        assert said in err
        assert len(err.strip().splitlines()) == 1


def type_in(words: list[str], lines: list[str], home: Path) -> tuple[int, str]:
    """Run a command at a terminal, answering each prompt with the next line; its exit code and all that the screen showed."""
    ours, theirs = pty.openpty()
    # The terminal echoes by itself, as a real one does: what stays unseen is what the command has asked for without echo.
    process = gospult(*words, home=home, terminal=theirs)
    os.close(theirs)
    screen, left, deadline = "", list(lines), time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 1)[0]:
            try:
                screen += os.read(ours, 4096).decode(errors="replace")
            except OSError:  # the other end is closed
                break
            if left and screen.endswith(": "):
                os.write(ours, (left.pop(0) + "\n").encode())
    os.close(ours)
    return process.wait(timeout=30), screen


def test_a_password_typed_at_a_terminal_is_not_shown(home: Path) -> None:
    home.parent.mkdir(parents=True)

    code, screen = type_in(["admin", "person", "petrova"], ["secret-word-77", "secret-word-77"], home)

    assert code == 0, screen
    assert "Пароль: " in screen
    assert "Ещё раз: " in screen
    assert "Сотрудник «petrova» заведён." in screen
    assert "secret-word" not in screen


def test_tokens_typed_at_a_terminal_are_not_shown(home: Path) -> None:
    home.parent.mkdir(parents=True)
    make_page = "from gospult.registry.models import Page; Page.objects.create(network='vk', external_id='42', handle='school', name='Школа')"
    gospult("doctor", home=home).communicate(timeout=90)
    assert gospult("manage", "shell", "-c", make_page, home=home).wait(timeout=60) == 0

    code, screen = type_in(["networks", "connect", "vk.com/school"], ["vk1.a.secret-word", "", "", ""], home)

    assert code == 0, screen
    assert screen.index("Страница «Школа»") < screen.index("Ключ доступа сообщества")
    assert "отвечать на комментарии" in screen
    assert "Секретный ключ придуман" in screen
    assert "secret-word" not in screen


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["registry", "import", "--nothing"], "Неизвестный ключ --nothing"),
        (["registry", "import"], "Не хватает ФАЙЛ"),
        (["registry", "import", "нет.xlsx"], "Нет файла"),
        (["registri"], "Неизвестная команда «registri»"),
        (["run", "--port", "много"], "Неверное значение --port: «много» не годится, нужно число. Справка"),
        (["registry", "undo", "abc"], "Неверное значение ИМПОРТ: «abc» не годится, нужно число. Справка"),
    ],
)
def test_wrong_usage_is_one_russian_line_and_exit_code_2(words: list[str], said: str, tmp_path: Path) -> None:
    process = gospult(*words, home=tmp_path / ".gospult")

    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith(said)


def test_an_address_of_another_database_is_one_line_without_its_password(tmp_path: Path) -> None:
    process = gospult("doctor", home=tmp_path / ".gospult", DATABASE_URL="mysql://gospult:secret-word@127.0.0.1/x")

    _out, err = process.communicate(timeout=30)

    assert (process.returncode, len(err.splitlines())) == (1, 1)
    assert err.startswith("DATABASE_URL — не адрес PostgreSQL")
    assert "secret-word" not in err


def test_a_database_that_does_not_answer_is_one_line_without_its_password(tmp_path: Path) -> None:
    url = f"postgres://gospult:secret-word@127.0.0.1:{free_port(23_000)}/nothing"

    process = gospult("doctor", "--json", home=tmp_path / ".gospult", DATABASE_URL=url)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (1, "")
    assert "не отвечает" in err
    assert "secret-word" not in err


def test_the_wheel_brings_the_command_templates_static_files_and_regions(tmp_path: Path) -> None:
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    name = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()[-1]
    target = tmp_path / "site"
    shutil.unpack_archive(tmp_path / name, target, "zip")

    # The dependencies are those of this environment; the package itself comes from the wheel alone.
    code = f"import sys; sys.path.insert(0, {str(target)!r}); from gospult.cli import main; main(['--help'])"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, env={"PATH": os.defpath})

    assert done.returncode == 0, done.stderr
    assert "Госпульт" in done.stdout
    for inside in ("templates/base.html", "static/css/base.css", "regions/chelyabinsk", "desk/migrations/0001_initial.py"):
        assert (target / "gospult" / inside).exists(), inside
    assert not list((target / "gospult").rglob("tests"))
    assert "gospult = gospult.cli:main" in next(target.glob("*.dist-info/entry_points.txt")).read_text()
