from datetime import date, datetime

import pytest
from django.utils import timezone

from gospult.reports.catalogue import BY_CODE
from gospult.reports.press import as_text, press
from gospult.reports.shapes import Column, Figure, Link, Report, Table


def figure(code, value, before=None):
    one = BY_CODE.get(code)
    return Figure(code, one.section if one else "", code, value, one.unit if one else "человек", "…", before)


def made(*figures, tables=(), running=True, within="в ноябре 2026 года"):
    at = datetime(2026, 11, 28, tzinfo=timezone.get_default_timezone())
    return Report(
        "", "", "Челябинская область", "ноябрь 2026 года", within, date(2026, 11, 1), date(2026, 11, 30), running, at, figures, tuple(tables)
    )


def said(*figures, **more):
    return as_text(press(made(*figures, **more))).replace("\u202f", " ").replace("\xa0", " ")


NETWORKS = Table(
    "networks", "", (Column("name", "Сеть"),),
    ({"name": "ВКонтакте", "pages": 39_900, "share": 57.0}, {"name": "Одноклассники", "pages": 14_000, "share": 20.0}, {"name": "Telegram",
        "pages": 90, "share": 0.1}),
)  # fmt: skip
PLACES = Table(
    "places", "", (), tuple({"name": n, "kept_share": s} for n, s in (("Миасс", 91.2), ("Чебаркуль", 99.0), ("Карабаш", None), ("Троицк", 95.0)))
)
TOPICS = Table("topics", "", (), ({"name": "ЖКХ", "cases": 21}, {"name": "Дороги", "cases": 12}))


@pytest.mark.parametrize(
    ("figures", "more", "text"),
    [
        ([figure("pages", 6885, 1467)], {}, "Сегодня в системе госпабликов (Челябинская область) работают 6 885 официальных страниц в "
            "социальных сетях; год назад было 1 467 страниц: за год их стало почти в пять раз больше."),
        ([figure("pages", 21)], {}, "Сегодня в системе госпабликов (Челябинская область) работает 21 официальная страница в социальных сетях."),
        ([figure("pages", 2026)], {"running": False, "within": "в 2023 году"}, "В 2023 году в системе госпабликов (Челябинская область) "
            "работали 2 026 официальных страниц в социальных сетях."),
        ([figure("kept_share", 88.0, 61.0)], {}, "Активно ведутся 88 % страниц; год назад этот показатель был намного меньше: 61 %."),
        ([figure("kept_share", 88.0)], {}, "Активно ведутся 88 % страниц: норма записей выполнена в каждую неделю."),
        ([figure("members", 3_800_000, 1_300_000)], {}, "Суммарно у страниц 3,8 млн подписок. Год назад подписок было 1,3 млн: рост почти "
            "в три раза."),
        ([figure("members", 115_000_000), figure("people", 46_000_000)], {}, "Суммарно у страниц 115 млн подписок, за ними — 46 млн человек."),
        ([figure("members", 3_800_000), figure("people_from", 1_400_000), figure("people_to", 2_100_000)], {}, "Суммарно у страниц 3,8 млн "
            "подписок, за ними — от 1,4 млн до 2,1 млн человек: в разных сетях одного человека не узнать."),
        ([figure("members", 868_056)], {}, "Суммарно у страниц 868 056 подписок."),
        ([figure("messages", 25_431), figure("answered_messages", 25_100)], {"within": "в 2021 году"}, "В 2021 году жители оставили на "
            "страницах более 25 000 сообщений; ответ получен на более чем 25 000 сообщений."),
        ([figure("messages", 600_000), figure("processed", 600_000)], {"within": "с 1 января 2021 года по 31 декабря 2023 года"}, "С 1 "
            "января 2021 года по 31 декабря 2023 года жители оставили на страницах 600 000 сообщений; обработаны все."),
        ([figure("reaction", 130.0), figure("on_time", 96.4)], {}, "Половина первых ответов приходит быстрее, чем за 2 ч 10 мин; без "
            "нарушения срока — 96 % обращений."),
        ([], {"tables": [NETWORKS]}, "По сетям: ВКонтакте — 39 900 страниц (57 %), Одноклассники — 14 000 страниц (20 %) и Telegram — 90 "
            "страниц (менее 1 %)."),
        ([], {"tables": [PLACES]}, "По доле активных страниц впереди Чебаркуль (99 %), Троицк (95 %) и Миасс (91 %)."),
        ([], {"tables": [TOPICS]}, "Чаще всего жители пишут о темах «ЖКХ» (21 обращение) и «Дороги» (12 обращений)."),
        ([figure("widgets", 97.4), figure("sector", 41.0)], {}, "Виджеты «Госуслуги. Решаем вместе» установлены на 97 % страниц; "
            "записаться к врачу или в кружок можно на 41 % страниц, где это нужно."),
        ([figure("obliged", 10), figure("with_page", 7)], {}, "Официальные страницы есть у 7 из 10 организаций, которые обязаны их вести."),
    ],
)  # fmt: skip
def test_the_sentences(figures, more, text):
    assert said(*figures, **more) == text


def test_what_is_not_known_makes_no_sentence():
    unknown = [figure(code, None) for code in ("pages", "kept_share", "members", "messages", "reaction", "on_time", "obliged", "with_page")]
    assert said(*unknown) == ""
    assert said(figure("messages", 0), figure("processed", 0)) == ""


def test_subscriptions_are_never_called_people():
    assert "человек" not in said(figure("members", 115_000_000))
    assert "подписчик" not in said(figure("members", 115_000_000), figure("people", 46_000_000))


def test_networks_of_equally_many_pages_open_each_its_own():
    rows = tuple({"name": name, "pages": 16, "share": 50.0} for name in ("Telegram", "MAX"))
    links = {n: Link("registry:pages", query={"network": code}) for n, code in enumerate(("telegram", "max"))}
    sentence = press(made(tables=[Table("networks", "", (), rows, links=links)]))[0]
    assert [part.code for part in sentence if part.code] == ["pages_telegram", "pages_max"]


def test_each_figure_in_a_sentence_knows_its_code():
    sentence = press(made(figure("kept_share", 88.0, 61.0)))[0]
    assert [part.code for part in sentence if part.code] == ["kept_share"]
