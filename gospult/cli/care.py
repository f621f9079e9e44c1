"""`doctor`, `backup`, `restore`: the health of an installation and its copy."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from psycopg import sql

from gospult.lib import databases, embedded
from gospult.lib.embedded.home import abandoned
from gospult.lib.errors import Refused

from .boot import boot, database
from .face import emit, gospult, json_option, problems, say
from .stuck import LATE_SECONDS, count_stuck, told

TAIL = ".counts"  # a backup's row counts lie beside it


@gospult.command()
@json_option
def doctor(as_json: bool) -> None:
    """Здоровье: очередь, застрявшее, молчащие страницы, журнал, размер базы. Код 1 — есть на что смотреть."""
    boot()
    from gospult.accounts import journal

    ages, stuck = _ages(), count_stuck(datetime.now(UTC))
    late = {name: age for name, age in ages.items() if age and age > LATE_SECONDS}
    broken = journal.broken_at()
    health: dict[str, Any] = {
        "oldest_unfinished_seconds": ages,
        "journal": "ok" if broken is None else f"цепочка нарушена в строке {broken}",
        "workers": _workers(),
        "stuck": stuck,
        "database_mb": _size(),
        "abandoned_clusters": [str(path) for path in abandoned()],
    }
    health["problems"] = _problems(late, broken, health["workers"]) + told(stuck)
    emit(health, as_json=as_json)
    problems(bool(health["problems"]))


def _ages() -> dict[str, int | None]:
    """Age in seconds of the oldest unfinished work of each kind, None where nothing waits."""
    from gospult.exchange import queries

    now = datetime.now(UTC)
    return {name: int((now - began).total_seconds()) if began else None for name, began in queries.oldest_unfinished().items()}


def _workers() -> int:
    """Workers that gave a sign of life lately."""
    from django.conf import settings
    from procrastinate.contrib.django.models import ProcrastinateWorker

    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=datetime.now(UTC) - timedelta(seconds=settings.STALLED_SECONDS)).count()


def _size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1048576")
        return int(cursor.fetchone()[0])


def _problems(late: dict[str, int], broken: int | None, workers: int) -> list[str]:
    found = [f"{name}: самое старое ждёт {age // 60} мин" for name, age in late.items()]
    if broken is not None:
        found.append("журнал изменён в обход системы: сравните с резервной копией")
    if not workers and late:
        found.append("фоновая работа не запущена: gospult run или gospult worker")
    return found


@gospult.command()
@click.argument("file", metavar="ФАЙЛ", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Сохранить базу в файл и проверить, что он читается."""
    boot()
    draft = file.with_name(file.name + ".draft")
    with databases.connect(database()) as connection, connection.transaction():
        # The dump and the counts see one and the same moment, though people go on working.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        counts = _counts(connection)
        _run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot[0] if snapshot else ''}", f"--file={draft}", f"--dbname={database()}")
    _run("pg_restore", "--list", str(draft))
    draft.replace(file)
    file.with_name(file.name + TAIL).write_text("".join(f"{name} {number}\n" for name, number in counts.items()))
    say(f"Сохранено: {file}, строк {sum(counts.values())} в {len(counts)} таблицах. Фото и файлы лежат отдельно: {embedded.find_home() / 'media'}")


@gospult.command()
@click.argument("file", metavar="ФАЙЛ", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Восстановить базу из файла; только в пустую базу, со сверкой числа строк."""
    url = database()
    if not databases.is_empty(url):
        raise Refused("База не пустая: восстановление только в пустую, задайте другой GOSPULT_HOME или DATABASE_URL.")
    beside = file.with_name(file.name + TAIL)
    if not beside.exists():
        raise Refused(f"Рядом с копией нет файла {beside.name} с числом строк: без него нельзя сверить восстановленное.")
    _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", f"--dbname={url}", str(file))
    expected = {name: int(number) for name, number in (line.split() for line in beside.read_text().splitlines())}
    with databases.connect(url) as connection:
        found = _counts(connection)
    wrong = [f"{name}: {found.get(name)} вместо {number}" for name, number in expected.items() if found.get(name) != number]
    if wrong:
        raise Refused("Восстановлено не всё: " + "; ".join(wrong[:5]))
    say(f"Восстановлено и сверено: строк {sum(expected.values())} в {len(expected)} таблицах.")


def _counts(connection: Any) -> dict[str, int]:
    """Rows of each table that a backup must bring back; the queue's own are short-lived."""
    names = [str(row[0]) for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")]
    return {name: _count(connection, name) for name in names if not name.startswith(("procrastinate_", "cache", "django_session"))}


def _count(connection: Any, name: str) -> int:
    return int(connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()[0])


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([str(embedded.find_programs() / program), *arguments], capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["без объяснений"])[-1]
        raise Refused(f"{program} не справился: {reason}")
