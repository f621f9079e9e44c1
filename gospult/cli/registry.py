"""`registry`: the registry of bodies and pages as a file."""

from datetime import datetime
from pathlib import Path

import click

from .boot import boot
from .face import emit, gospult, json_option, problems, say
from .messages import file_argument


@gospult.group()
def registry() -> None:
    """Реестр учреждений и госпабликов."""


@registry.command("import")
@file_argument
@click.option("--dry-run", is_flag=True, help="Только показать, что изменится.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), metavar="ГГГГ-ММ-ДД", help="На какую дату сведения; обычно сегодня.")
@json_option
def import_(file: Path, dry_run: bool, day: datetime | None, as_json: bool) -> None:
    """Принять выгрузку из 20 столбцов, XLSX или CSV; выгрузка старше последней реестр не меняет, а пополняет историю страниц."""
    boot()
    from gospult.registry import actions

    result = actions.import_registry(file=file, by=None, dry_run=dry_run, day=day and day.date()).as_json()
    emit(result, as_json=as_json)
    problems(bool(result["problems"]))


@registry.command()
@click.argument("file", metavar="ФАЙЛ", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Выгрузить реестр в те же 20 столбцов."""
    boot()
    from gospult.registry import actions

    actions.export_registry(path=file, by=None)
    say(f"Реестр выгружен в файл {file}.")


@registry.command()
@click.argument("number", metavar="ИМПОРТ", type=int)
@json_option
def undo(number: int, as_json: bool) -> None:
    """Отменить импорт по его номеру."""
    boot()
    from gospult.registry import actions

    emit(actions.undo_import(imported=number, by=None), as_json=as_json)
