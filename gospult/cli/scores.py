"""`score`: scores by dated methods, each with its reasons."""

from pathlib import Path

import click

from .face import emit, gospult, json_option, say

method_option = click.option("--method", "code", required=True, help="Код методики: имя её файла в папке региона methods.")


@gospult.group(invoke_without_command=True)
@click.option("--method", "code", default="", help="Код методики: имя её файла в папке региона methods.")
@click.option("--month", "written", default="", help="Месяц вида 2026-11.")
@json_option
@click.pass_context
def score(ctx: click.Context, code: str, written: str, as_json: bool) -> None:
    """Баллы по методике: посчитать за месяц, объяснить, принять официальные."""
    if ctx.invoked_subcommand is None:
        if not code or not written:
            raise click.UsageError("Назовите методику (--method) и месяц (--month) или команду.", ctx)
        _month(code, written, as_json=as_json)


def _month(code: str, written: str, *, as_json: bool) -> None:
    raise click.UsageError("Подсчёт за месяц ещё не готов.")


@score.command()
@method_option
@click.option("--inputs", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Таблица CSV или XLSX.")
@json_option
def compute(code: str, file: Path, as_json: bool) -> None:
    """Посчитать баллы по таблице показателей; чего не знает таблица, того не знает и балл."""
    import django

    django.setup()  # no database: everything that is asked stands in the table
    from gospult.scores import queries

    rows, why = queries.compute(code, file.read_bytes())
    for line in why:
        say(line)
    emit(rows, as_json=as_json)
