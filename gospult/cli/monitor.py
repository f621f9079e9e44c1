"""`monitor`: what the pages look like and publish."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import emit, gospult, json_option, problems, say
from .messages import file_argument


@gospult.group()
def monitor() -> None:
    """Мониторинг страниц."""


@monitor.command()
@click.option("--network", default="", help="Только эта сеть: vk, ok, telegram, max.")
@json_option
def sweep(network: str, as_json: bool) -> None:
    """Прочитать сейчас карточки и записи страниц; прерванное (Ctrl-C) ничего не теряет и продолжается в фоне."""
    boot()
    from gospult.exchange.models import Sweep
    from gospult.monitoring import actions
    from gospult.networks.registry import NETWORKS
    from gospult.office.actions import count_months

    if network and network not in NETWORKS:
        raise Refused(f"Сети «{network}» нет. Есть: {', '.join(NETWORKS)}.")

    def progress(row: Sweep) -> None:
        say(f"{row.network}, {row.get_goal_display()}: {min(row.done, row.total)} из {row.total}{', ждём: ' + row.fault if row.fault else ''}")

    found = actions.sweep(network=network, by=None, progress=progress)
    count_months()
    emit(found, as_json=as_json)
    problems(bool(found["unfinished"]))


@monitor.command()
@file_argument
@json_option
def widgets(file: Path, as_json: bool) -> None:
    """Проверить виджеты ПОС по сохранённому ответу VK groups.getById."""
    boot(migrated=False)
    rows = [_checked(raw) for raw in _communities(file)]
    found: dict[str, Any] = {"pages": len(rows)}
    found |= {state: sum(row["state"] == state for row in rows) for state in ("correct", "invalid", "count", "missing")}
    found["faults"] = dict(Counter(kind for row in rows for kind in sorted({fault["kind"] for fault in row["faults"]})))
    if as_json:
        emit(found | {"rows": rows}, as_json=True)
    else:
        _tell(found, rows)
    problems(found["correct"] < found["pages"])


def _communities(file: Path) -> list[dict[str, Any]]:
    """The communities of an answer in any of the shapes that VK has given it."""
    try:
        answer = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"Файл «{file.name}» не читается как JSON: сохраните ответ groups.getById целиком.") from error
    for key in ("response", "groups"):
        answer = answer.get(key, answer) if isinstance(answer, dict) else answer
    rows = [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
    if not rows:
        raise Refused(f"В файле «{file.name}» нет сообществ: нужен ответ groups.getById с полем menu.")
    return rows


def _checked(raw: dict[str, Any]) -> dict[str, Any]:
    from gospult.monitoring.queries import check_widgets
    from gospult.networks.registry import NETWORKS

    card = NETWORKS["vk"].parse_card(raw)
    verdict = check_widgets(url for _, url in card.menu_links)
    return {
        "id": card.external_id,
        "name": card.name,
        "state": verdict.state,
        "faults": [{"kind": fault.kind, "text": fault.text, "link": fault.link} for fault in verdict.faults],
        "right": [{"url": proposal.url, "lacks": list(proposal.lacks)} for proposal in verdict.right],
    }


def _tell(found: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    from gospult.monitoring.queries import WIDGET_FAULTS

    for row in rows:
        if row["state"] != "correct":
            click.echo(f"{row['name']} (id {row['id']}): {' '.join(dict.fromkeys(fault['text'] for fault in row['faults']))}")
            for proposal in row["right"]:
                click.echo(f"    верно так: {proposal['url']}")
    counts = f"верно {found['correct']}, с ошибкой {found['invalid']}, не две ссылки {found['count']}, нет {found['missing']}"
    say(f"Страниц {found['pages']}: {counts}.")
    for kind, number in sorted(found["faults"].items(), key=lambda pair: -pair[1]):
        say(f"  {number}: {WIDGET_FAULTS[kind]}")
