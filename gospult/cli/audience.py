"""`audience`: subscriptions and unique people; `audience build`: a counting from a file of pairs."""

from pathlib import Path
from typing import Any

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import emit, gospult, json_option, problems, say


@gospult.group(invoke_without_command=True)
@click.option("--territory", default="", metavar="ТЕРРИТОРИЯ", help="Код или название; без ключа — весь регион.")
@click.option("--sphere", default="", metavar="СФЕРА", help="Код или название сферы.")
@click.option("--network", default="", metavar="СЕТЬ", help="vk, ok, telegram, max.")
@json_option
@click.pass_context
def audience(ctx: click.Context, territory: str, sphere: str, network: str, as_json: bool) -> None:
    """Подписки и уникальные люди."""
    if ctx.invoked_subcommand is not None:
        return
    boot()
    from gospult.audience.queries import whole

    found = whole(territory=territory, sphere=sphere, network=network)
    emit(found, as_json=as_json)
    problems(found["as_of"] is None)


@audience.command()
@click.option(
    "--pairs", required=True, metavar="ФАЙЛ", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Parquet или CSV: page, person."
)
@click.option("--network", default="vk", show_default=True, metavar="СЕТЬ", help="Сеть, страницы и люди которой в файле.")
@json_option
def build(pairs: Path, network: str, as_json: bool) -> None:
    """Посчитать аудиторию по файлу пар «страница, человек»."""
    boot()
    from gospult.audience import actions

    row = actions.build_from_pairs(file=pairs, network=network, by=None)
    if row.state != row.State.DONE:
        raise Refused(f"Подсчёт не закончен: {row.get_state_display()}.")
    say("Номера людей были случайными, под ключом, которого больше нет; остались количества.")
    result: dict[str, Any] = {"build": row.pk, "pages": row.done, "of": row.total, "pairs": row.pairs, "cells": row.cells.count()}
    emit(result, as_json=as_json)
