"""`messages import`: messages of a file go the same road as those of the networks."""

from pathlib import Path

import click

from .boot import boot
from .face import emit, gospult, json_option, problems, say

file_argument = click.argument("file", metavar="ФАЙЛ", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@gospult.group()
def messages() -> None:
    """Сообщения жителей."""


@messages.command("import")
@file_argument
@click.option("--layout", default="", help="Имя источника: один источник — одна нумерация.")
@click.option("--text", "text_column", default="", help="Столбец с текстом; обычно узнаётся сам.")
@click.option("--id", "id_column", default="", help="Столбец с номером; без него строка узнаётся по тексту.")
@json_option
def import_(file: Path, layout: str, text_column: str, id_column: str, as_json: bool) -> None:
    """Принять сообщения из файла XLSX или CSV; второй раз ничего не создаёт."""
    boot()
    from gospult.desk import actions

    def progress(done: int) -> None:
        if done % 500 == 0:
            say(f"Принято строк: {done}")

    result = actions.import_messages(path=file, text_column=text_column, id_column=id_column, layout=layout, progress=progress)
    emit(result, as_json=as_json)
    problems(bool(result["problems"]))
