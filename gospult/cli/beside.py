"""`beside import`: what «Инцидент Менеджмент» and ПОС know of the same messages."""

from pathlib import Path

import click

from .boot import boot
from .face import Words, emit, gospult, json_option, problems, say
from .messages import file_argument

SYSTEMS = {"im": "Инцидент Менеджмент", "pos": "ПОС"}


@gospult.group()
def beside() -> None:
    """Рядом с другими системами: «Инцидент Менеджмент», ПОС."""


@beside.command("import")
@file_argument
@click.option("--system", required=True, type=Words(SYSTEMS), help="Чья выгрузка.")
@click.option("--column", "columns", multiple=True, metavar="ПОЛЕ=СТОЛБЕЦ", help="Если столбец не узнаётся: number, created, text, link, answered…")
@click.option("--dry-run", is_flag=True, help="Только посмотреть.")
@json_option
def import_(file: Path, system: str, columns: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Принять выгрузку другой системы и связать её с сообщениями; второй раз ничего не меняет."""
    boot()
    from gospult.desk import actions

    chosen = dict(column.split("=", 1) for column in columns if "=" in column)
    result = actions.import_foreign(path=file, system=system, chosen=chosen, dry_run=dry_run, progress=lambda done: say(f"Принято строк: {done}"))
    emit(result, as_json=as_json)
    problems(bool(result["problems"]))
