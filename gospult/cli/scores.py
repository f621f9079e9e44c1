"""`score`: scores by dated methods, each with its reasons."""

from pathlib import Path

import click

from .boot import boot
from .face import emit, gospult, json_option, problems, say
from .messages import file_argument

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
    boot()
    from gospult.registry.models import Page
    from gospult.scores import actions, queries

    month, method = queries.month_of(written), queries.method(code)
    if method.sheet:
        emit(queries.sheet(method, month, list(Page.objects.living())), as_json=as_json)
        return
    counted = actions.count_scores(method=code, month=month, by=None)
    say(f"«{method.title}», {written}: баллов {counted['scores']}, из них подтверждено {counted['confirmed']}.")
    emit(queries.told(code, month), as_json=as_json)


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


@score.command()
@click.argument("page", metavar="СТРАНИЦА")
@click.option("--method", "code", default="", help="Код методики страниц; обычно «светофор».")
@click.option("--month", "written", default="", help="Месяц вида 2026-11; обычно этот.")
@json_option
def explain(page: str, code: str, written: str, as_json: bool) -> None:
    """Объяснить балл страницы (адрес, короткое имя или ID): из чего он и что даст больше."""
    boot()
    from gospult.scores import queries

    from .finding import find_page

    emit(queries.explained(find_page(page), code, queries.month_of(written) if written else None), as_json=as_json)


@score.group()
def official() -> None:
    """Официальные результаты."""


@official.command("import")
@file_argument
@json_option
def import_(file: Path, as_json: bool) -> None:
    """Принять опубликованные результаты: period, municipality и столбцы процентов; второй раз ничего не меняет."""
    boot()
    from gospult.scores import actions

    result = actions.import_official(content=file.read_bytes(), source=file.name, by=None)
    emit(result, as_json=as_json)
    problems(bool(result["misses"]))
