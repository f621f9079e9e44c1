"""`directory`: the public catalogue from the command line."""

from typing import Any

import click

from .boot import boot
from .face import emit, gospult, json_option, say


@gospult.group()
def directory() -> None:
    """Справочник официальных страниц."""


@directory.command()
@click.argument("query", metavar="ЗАПРОС")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Сколько строк ответа.")
@json_option
def search(query: str, limit: int, as_json: bool) -> None:
    """Найти орган или учреждение: как люди пишут, с опечатками и не в той раскладке."""
    boot()
    from gospult.directory import actions, queries

    actions.catch_up()
    answer = queries.search(query, limit=limit)
    if not answer.hits:
        say("Ничего не нашлось." + (" Похоже на: " + "; ".join(hit.name for hit in answer.near[:3]) if answer.near else ""))
    emit([_said(hit) for hit in answer.hits], as_json=as_json)


def _said(hit: Any) -> dict[str, Any]:
    return {
        "name": hit.name,
        "territory": hit.place,
        "ogrn": hit.ogrn,
        "pages": [page.address for page in hit.pages if page.address],
    }
