"""«Сводка для СМИ»: good Russian sentences from the figures of a report. Pure.

A sentence is a list of parts; a part that stands on a figure knows its code, so that the screen opens its definition and rows.
What is not known makes no sentence. Subscriptions are never called people.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .shapes import Figure, Report
from .wording import PLURALS, counted, decimal, form, grouped, joined, large, large_count, number, over, ratio

NBSP = "\xa0"


@dataclass(frozen=True, slots=True)
class Part:
    """Some words; `code` names the figure that they stand on."""

    text: str
    code: str = ""


Sentence = tuple[Part, ...]


def press(report: Report) -> list[Sentence]:
    """The sentences in their order."""
    return [sentence for write in SENTENCES if (sentence := write(report))]


def as_text(sentences: list[Sentence]) -> str:
    """The same for copying: a paragraph a sentence."""
    return "\n\n".join("".join(part.text for part in sentence) for sentence in sentences)


def _known(report: Report, code: str) -> Figure | None:
    """The figure, where something is known and it is not nought: a nought makes no news."""
    one = report.figure(code)
    return one if one and one.value else None


def _int(one: Figure) -> int:
    return round(one.value or 0)


def _pages(report: Report) -> Sentence:
    one = _known(report, "pages")
    if not one:
        return ()
    count = _int(one)
    alone = form(count, ("1", "2", "5")) == "1"
    verb = ("работает" if alone else "работают") if report.running else "работала" if alone else "работали"
    start = f"{'Сегодня' if report.running else _within(report)} в системе госпабликов ({report.place}) {verb} "
    told = f"{grouped(count)}{NBSP}{form(count, ('официальная', 'официальные', 'официальных'))} {form(count, PLURALS['страниц'])}"
    if not one.before:
        return (Part(start), Part(told, "pages"), Part(" в социальных сетях."))
    if round(one.before) == count:
        return (Part(start), Part(told, "pages"), Part(" в социальных сетях — столько же, сколько год назад."))
    more, before = ratio(count, one.before), counted(round(one.before), "страниц")
    tail = f" в социальных сетях; год назад {form(round(one.before), ('была', 'были', 'было'))} {before}"
    return (Part(start), Part(told, "pages"), Part(f"{tail}: за год их стало {more} больше." if more else f"{tail}."))


def _networks(report: Report) -> Sentence:
    table = report.table("networks")
    rows = [row for row in (table.rows if table else ()) if row["pages"]]
    if table is None or len(rows) < 2:
        return ()
    codes = {n: f"pages_{link.query['network']}" for n, link in table.links.items()}
    parts: list[Part] = [Part("По сетям: ")]
    for n, row in enumerate(rows[:4]):
        share = f"{decimal(row['share'], 0)}{NBSP}%" if row["share"] >= 1 else f"менее 1{NBSP}%"
        glue = "" if n == 0 else " и " if n == len(rows[:4]) - 1 else ", "
        parts += [Part(f"{glue}{row['name']} — "), Part(f"{counted(row['pages'], 'страниц')} ({share})", codes.get(table.rows.index(row), "pages"))]
    return (*parts, Part("."))


def _kept(report: Report) -> Sentence:
    one = _known(report, "kept_share")
    if not one or one.value is None:
        return ()
    now = f"{decimal(one.value, 0)}{NBSP}%"
    start, rest = Part(f"Активно {'ведутся' if report.running else 'велись'} "), Part(" страниц: норма записей выполнена в каждую неделю.")
    if one.before is None:
        return (start, Part(now, "kept_share"), rest)
    before = f"{decimal(one.before, 0)}{NBSP}%"
    if before == now:
        return (start, Part(now, "kept_share"), Part(" страниц — столько же, сколько год назад."))
    word = _compared(one.value, one.before)
    return (start, Part(now, "kept_share"), Part(f" страниц; год назад этот показатель был {word}: {before}."))


def _compared(now: float, before: float) -> str:
    off = now - before
    return ("намного " if abs(off) >= 15 else "") + ("меньше" if off > 0 else "больше")


def _widgets(report: Report) -> Sentence:
    widgets, sector = _known(report, "widgets"), _known(report, "sector")
    if not widgets or widgets.value is None:
        return ()
    parts = [Part("Виджеты «Госуслуги. Решаем вместе» установлены на "), Part(f"{decimal(widgets.value, 0)}{NBSP}%", "widgets"), Part(" страниц")]
    if sector and sector.value is not None:
        parts += [
            Part("; записаться к врачу или в кружок можно на "),
            Part(f"{decimal(sector.value, 0)}{NBSP}%", "sector"),
            Part(" страниц, где это нужно"),
        ]
    return (*parts, Part("."))


def _members(report: Report) -> Sentence:
    one, people, least, most = (_known(report, code) for code in ("members", "people", "people_from", "people_to"))
    if not one:
        return ()
    start = [Part("Суммарно у страниц "), Part(large(_int(one), "подписок"), "members")]
    if people:
        start += [Part(", за ними — "), Part(large(_int(people), "человек"), "people")]
    elif least and most:
        span = f"от {large_count(_int(least))} до {large(_int(most), 'человек')}"
        start += [Part(", за ними — "), Part(span, "people_from"), Part(": в разных сетях одного человека не узнать")]
    elif least:
        start += [Part(", за ними — не меньше "), Part(large(_int(least), "человек"), "people_from")]
    if not one.before:
        return (*start, Part("."))
    more = ratio(_int(one), one.before)
    tail = f" Год назад подписок было {large_count(round(one.before))}"
    return (*start, Part("."), Part(f"{tail}: рост {more}." if more else f"{tail}."))


def _messages(report: Report) -> Sentence:
    got, done, answered = (_known(report, code) for code in ("messages", "processed", "answered_messages"))
    if not got:
        return ()
    parts = [Part(f"{_within(report)} жители оставили на страницах "), Part(_said(_int(got)), "messages")]
    if done and done.value == got.value:
        parts += [Part("; обработаны "), Part("все", "processed")]
    elif done:
        parts += [Part("; обработано "), Part(grouped(_int(done)), "processed")]
    if answered:
        on = "все" if answered.value == got.value else _said(_int(answered), "чем ")
        parts += [Part("; ответ получен на "), Part(on, "answered_messages")]
    return (*parts, Part("."))


def _said(count: int, than: str = "") -> str:
    """«более 25 000 сообщений», «31 сообщение»; `than` is «чем », after a preposition."""
    words, round_one = over(count)
    words += than if words else ""
    return f"{words}{grouped(round_one)}{NBSP}{form(5 if words else count, PLURALS['сообщений'])}"


def _within(report: Report) -> str:
    text = report.within
    return text[0].upper() + text[1:]


def _reaction(report: Report) -> Sentence:
    reaction, on_time = _known(report, "reaction"), report.figure("on_time")
    if not reaction:
        return ()
    parts = [Part("Половина первых ответов приходит быстрее, чем за "), Part(number(reaction.value, "мин"), "reaction")]
    if on_time and on_time.value is not None:
        parts += [Part("; без нарушения срока — "), Part(f"{decimal(on_time.value, 0)}{NBSP}%", "on_time"), Part(" обращений")]
    return (*parts, Part("."))


def _topics(report: Report) -> Sentence:
    table = report.table("topics")
    rows = table.rows[:3] if table else ()
    if not rows:
        return ()
    names = joined([f"«{row['name']}» ({counted(row['cases'], 'обращений')})" for row in rows])
    return (Part("Чаще всего жители пишут о темах "), Part(names, "cases"), Part("."))


def _leaders(report: Report) -> Sentence:
    table = report.table("places")
    known = sorted((row for row in (table.rows if table else ()) if row["kept_share"] is not None), key=lambda row: (-row["kept_share"], row["name"]))
    if len(known) < 3:
        return ()
    whole = sum(row["kept_share"] == 100 for row in known)
    if whole > 3:  # three of many equals would be praised for their letters
        places = f"{whole}{NBSP}{form(whole, ('муниципалитете', 'муниципалитетах', 'муниципалитетах'))}"
        return (Part("Все страницы ведутся активно в "), Part(f"{places} из {len(known)}", "kept_share"), Part("."))
    best = joined([f"{row['name']} ({decimal(row['kept_share'], 0)}{NBSP}%)" for row in known[:3]])
    return (Part("По доле активных страниц впереди "), Part(best, "kept_share"), Part("."))


def _debt(report: Report) -> Sentence:
    obliged, with_page = _known(report, "obliged"), report.figure("with_page")
    if not obliged or not with_page or with_page.value is None:
        return ()
    if with_page.value == obliged.value:
        return (Part("Официальные страницы есть у всех "), Part(f"{grouped(_int(obliged))} обязанных организаций", "obliged"), Part("."))
    return (
        Part("Официальные страницы есть у "), Part(f"{grouped(_int(with_page))} из {grouped(_int(obliged))}", "with_page"),
        Part(" организаций, которые обязаны их вести."),
    )  # fmt: skip


SENTENCES: tuple[Callable[[Report], Sentence], ...] = (_pages, _debt, _networks, _kept, _leaders, _widgets, _members, _messages, _reaction, _topics)
