"""`report`: the figures of a period as a file."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import Words, gospult, say

KINDS = {"week": "неделя", "month": "месяц", "year": "год", "period": "свои дни"}
FORMATS = ("pdf", "xlsx", "json")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@gospult.command()
@click.argument("kind", metavar="week|month|year|period", type=Words(KINDS))
@click.option("--from", "since", type=DAY, metavar="ГГГГ-ММ-ДД", help="Первый день; у недели, месяца и года — любой их день, без него текущие.")
@click.option("--to", "until", type=DAY, metavar="ГГГГ-ММ-ДД", help="Последний день, для period.")
@click.option("--territory", metavar="НАЗВАНИЕ", help="Муниципалитет: название, код или ОКТМО.")
@click.option("--body", metavar="НАЗВАНИЕ", help="Организация и всё под ней: название, код или ОГРН.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="json", show_default=True, help="Вид файла.")
@click.option("--out", metavar="ФАЙЛ", type=click.Path(dir_okay=False, path_type=Path), help="Куда записать; без него — на stdout.")
def report(kind: str, since: datetime | None, until: datetime | None, territory: str | None, body: str | None, form: str, out: Path | None) -> None:
    """Отчёт за период: одни и те же показатели в PDF, XLSX и JSON."""
    if out is None and form != "json" and sys.stdout.isatty():
        raise click.UsageError("PDF и XLSX пишутся в файл: добавьте --out ФАЙЛ.")
    boot()
    from django.utils import timezone

    from gospult.reports.actions import export_report
    from gospult.reports.queries import Asked, period

    try:
        days = period(kind, timezone.localdate(), since and since.date(), until and until.date())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    asked = Asked(days, None, _place(territory), _body(body))
    _give(export_report(asked=asked, form=form, by=None, whole=True), out, days.title)


def _give(content: bytes, out: Path | None, title: str) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Refused(f"Файл «{out}» не записывается. Проверьте папку и права.") from error
    say(f"Отчёт ({title}) записан в файл {out}.")


def _place(word: str | None) -> Any:
    from django.db.models import Q

    from gospult.registry.models import Territory

    if not word:
        return None
    known = Territory.objects.filter(Q(code=word) | Q(oktmo=word) | Q(sort_name=_plain(word)) | Q(aliases__contains=[word]))
    return _one(known, word, "Территории") or _one(Territory.objects.filter(sort_name__contains=_plain(word)), word, "Территории", needed=True)


def _body(word: str | None) -> Any:
    from django.db.models import Q

    from gospult.registry.models import Body

    if not word:
        return None
    known = Body.objects.filter(Q(code=word) | Q(ogrn=word) | Q(sort_name=_plain(word)) | Q(short_name__iexact=word))
    return _one(known, word, "Организации") or _one(Body.objects.filter(sort_name__contains=_plain(word)), word, "Организации", needed=True)


def _plain(word: str) -> str:
    return word.strip().lower().replace("ё", "е")


def _one(rows: Any, word: str, what: str, *, needed: bool = False) -> Any:
    found = list(rows[:2])
    if len(found) > 1:
        raise Refused(f"По слову «{word}» нашлось несколько: {', '.join(str(row) for row in rows[:5])}. Назовите точнее или укажите код.")
    if needed and not found:
        raise Refused(f"{what} «{word}» нет. Проверьте название.")
    return found[0] if found else None
