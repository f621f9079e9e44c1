"""Methods as files: the published totals, every kind of formula, and what a broken file says of itself."""

import json
from copy import deepcopy
from decimal import Decimal as D

import pytest

from gospult.lib.errors import Refused
from gospult.lib.regions import default_root
from gospult.scores import inputs
from gospult.scores.counting import Facts, score
from gospult.scores.method import library, read

FOLDER = default_root() / "chelyabinsk" / "methods"
KNOWN = library(FOLDER)
HEAD = "month,pages,cards,regular_pages,views,likes,comments,reposts,factor\n"
# Published figures of one municipality, April to June 2026: its totals came out of them.
PUBLISHED = [
    ("2026-04,61,0,44,619661,21888,759,1402,0.92", "-6", "72.13", "100", "80.07"),
    ("2026-05,63,0,43,592223,23314,692,1794,0.95", "-4", "68.25", "100", "80.13"),
    ("2026-06,64,0,49,686412,21990,647,1423,1.00", "0", "76.56", "97.37", "86.97"),
]


def total(text: str, code: str = "chelyabinsk-61-2026"):
    method = KNOWN.get(code)
    return inputs.count_lines(inputs.read_lines(text.encode(), method), method)[0][1]


@pytest.mark.parametrize(("row", "p31", "p32", "p33", "expected"), PUBLISHED)
def test_the_published_totals_are_reproduced(row, p31, p32, p33, expected):
    result = total(HEAD + row)

    assert [part.value for part in result.parts] == [D(p31), D(p32), D(p33)]
    assert result.total == D(expected)


def test_the_divisor_of_2025_gives_more_for_the_same_reactions():
    row = "2025-06,100,0,100,1000,30,0,0,1"

    assert total(HEAD + row, "chelyabinsk-2025").total == D("100.00")
    assert total(HEAD + row).total == D("91.67")


@pytest.mark.parametrize(("factor", "value"), [("0.935", "-5.00"), ("0.975", "-2.00"), ("0,96", "-3.20"), ("0.92", "-6.00")])
def test_the_penalty_lies_on_the_line_between_known_points(factor, value):
    assert total(f'{HEAD}2026-04,61,0,44,1,0,0,0,"{factor}"').part("p31").value == D(value)


@pytest.mark.parametrize("factor", ["0.9199", "0", ""])
def test_outside_the_known_points_nothing_is_confirmed(factor):
    result = total(f"{HEAD}2026-04,61,0,44,619661,21888,759,1402,{factor}")

    assert result.part("p31").value is None
    assert result.total is None
    assert result.part("p32").value == D("72.13")


def test_an_empty_cell_is_not_zero():
    zero, empty = total(f"{HEAD}2026-04,61,0,44,619661,0,0,0,1"), total(f"{HEAD}2026-04,61,0,44,619661,,0,0,1")

    assert (zero.part("p33").value, zero.total) == (D(0), D("36.07"))
    assert (empty.part("p33").value, empty.total) == (None, None)
    assert "нет данных" in empty.part("p33").why


def test_zero_views_leave_the_share_undefined_and_are_told():
    result = total(f"{HEAD}2026-04,61,0,44,0,0,0,0,1")

    assert (result.part("p33").value, result.total) == (None, None)
    assert "доля не определена" in result.part("p33").why


def test_an_indicator_that_does_not_apply_gives_its_weight_to_the_others():
    result = total(f"{HEAD}2026-04,5,5,0,1000,36,0,0,1")  # only «визитки»

    assert not result.part("p32").applies
    assert result.total == D("100.00")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-04,61,0,44,619661,21к888,759,1402,0.92", "Строка 2, столбец likes: «21к888» — не число"),
        ("2026-04,61,0,44,619661,-5,759,1402,0.92", "Строка 2, столбец likes: «-5» меньше нуля"),
        ("2026-04,61,0,62,619661,5,759,1402,0.92", "Строка 2: страниц с записями каждую неделю (62) больше, чем страниц без «визиток» (61)"),
        ("2026-04,61,20,44,619661,5,759,1402,0.92", "(44) больше, чем страниц без «визиток» (41)"),
        ("2026-04,61,62,4,619661,5,759,1402,0.92", "«визиток» (62) больше, чем всех страниц (61)"),
        ("апрель,61,0,44,619661,5,759,1402,0.92", "Строка 2, столбец month: «апрель» — не месяц"),
        ("2026-13,61,0,44,619661,5,759,1402,0.92", "не месяц"),
        ("2026-04,61,0,44.5,619661,5,759,1402,0.92", "не целое"),
        ("2026-04,61,0,44,619661,5,759,1402,1.2", "слишком велико"),
        ("", "нет ни одной строки"),
    ],
)
def test_bad_inputs_are_refused_by_one_sentence(row, said):
    with pytest.raises(Refused, match=r"Строка|таблице") as no:
        total(HEAD + row)

    assert said in str(no.value)
    assert len(str(no.value).splitlines()) == 1


def test_a_missing_column_and_one_that_stands_twice_are_named():
    for head, said in ((HEAD.replace("likes,", ""), "Столбца likes нет"), (HEAD.replace("likes,", "likes,likes,"), "Столбец likes стоит дважды")):
        with pytest.raises(Refused, match=said):
            total(head + PUBLISHED[0][0])


def test_a_table_of_excel_with_semicolons_and_commas_is_read():
    assert total((HEAD + PUBLISHED[0][0]).replace(",", ";").replace("0.92", "0,92").replace("619661", "619 661")).total == D("80.07")


POS = "month," + ",".join(KNOWN.get("pos-350").asks) + "\n2026-04,"


@pytest.mark.parametrize(
    ("row", "points"),
    [
        ("95,95,60,60,61,95,81,51,4.01,4,1,80", 350),
        ("94.99,94.99,59,59,60,94,80,50,4,3,0,79", 0 + 30 + 15 + 15 + 15 + 20 + 20 + 25 + 25 + 15 + 0 + 20),
        ("0,79.9,9,9,10,79,20,5,0.2,0,0,19", 0),
    ],
)
def test_the_twelve_items_of_the_platform(row, points):
    result = total(POS + row, "pos-350")

    assert sum(part.points for part in result.parts) == points
    assert result.total == round(D(points) * 100 / 350, 2)


def facts(**figures) -> Facts:
    whole = {"mark": 1, "connected": 1, "avatar": 1, "description": 1, "cover": 1, "widgets": 2, "week_posts": 3, "reach_share": 71} | figures
    return Facts({name: None if value is None else D(str(value)) for name, value in whole.items()}, network="vk", status="active")


@pytest.mark.parametrize(
    ("figures", "points", "group"),
    [
        ({}, 100, "green"),
        ({"reach_share": 70}, 97, "green"),
        ({"reach_share": "49.9"}, 95, "green"),
        ({"reach_share": 29}, 90, "green"),
        ({"widgets": 1, "cover": 0}, 85, "yellow"),
        ({"week_posts": 2}, 60, "red"),
        ({"mark": 0, "connected": 0, "week_posts": 0, "widgets": 0, "reach_share": 0}, 20, "red"),
    ],
)
def test_the_traffic_light_of_a_page(figures, points, group):
    result = score(KNOWN.get("traffic-light"), facts(**figures))

    assert (result.total, result.group) == (points, group)


def test_a_reach_that_nobody_told_leaves_the_others_to_share_its_weight():
    result = score(KNOWN.get("traffic-light"), facts(reach_share=None, cover=0))

    assert result.total == 89  # 80 of 90
    assert "нет данных" in result.part("reach").why


def test_without_the_posts_there_is_no_light():
    assert score(KNOWN.get("traffic-light"), facts(week_posts=None)).total is None


def test_a_network_without_marks_is_not_punished_for_them():
    told = facts(mark=None, connected=None, widgets=None).figures

    assert score(KNOWN.get("traffic-light"), Facts(told, network="telegram")).total == 100


def test_a_sheet_is_a_layout_and_no_score():
    sheet = KNOWN.get("orenburg-monthly")

    assert sheet.sheet == ("posts", "likes", "comments", "reposts", "views")
    assert not sheet.indicators
    with pytest.raises(Refused, match="ведомость, а не балл"):
        inputs.read_lines(b"month\n2026-04\n", sheet)


def test_all_methods_of_the_region_can_be_read():
    assert KNOWN.broken == {}
    assert set(KNOWN.methods) == {"chelyabinsk-61-2026", "chelyabinsk-2025", "pos-350", "traffic-light", "orenburg-monthly"}
    assert all(one.source and one.note for one in KNOWN.methods.values())


GOOD = json.loads((FOLDER / "chelyabinsk-61-2026.json").read_text(encoding="utf-8"))


def changed(*way, to):
    data = deepcopy(GOOD)
    place = data
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = to
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed("indicators", 1, "weight", to="0.5"), "indicators[2].weight: нужно число"),
        (changed("indicators", 1, "weight", to=0), "indicators[2].weight: 0 не годится"),
        (changed("indicators", 1, "of", to="subscribers"), "indicators[2].of: показателя «subscribers» нет"),
        (changed("indicators", 1, "kind", to="python"), "indicators[2].kind: вида «python» нет"),
        (changed("indicators", 0, "points", to=[[0.95, -4], [0.92, -6]]), "indicators[1].points: первые числа пар должны расти"),
        (changed("indicators", 0, "points", to=[[0.95, 4], [1, 0]]), "indicators[1].points: штраф должен лежать от -22 до 0"),
        (changed("indicators", 0, "apart", to=False), "indicators[1].apart"),
        (changed("indicators", to=[]), "indicators: нужны либо показатели"),
        (changed("groups", 0, "tone", to="red"), "groups[1].tone: «red» не годится"),
        (changed("groups", 0, "at", to=1), "groups: группы идут от большего порога"),
        (changed("pages", "least_days", to=8), "pages.least_days: 8 не годится"),
        (changed("pages", "leave_out", to=["closed"]), "pages.leave_out: «closed» не годится"),
        (changed("from_date", to="27.05.2026"), "from_date: нужна дата"),
        (changed("until", to="2020-01-01"), "until: конец действия не позже начала"),
        (changed("subjects", to=[]), "subjects: назовите"),
        (changed("title", to=""), "title: нужен текст"),
        ([], "начало файла: здесь должен быть объект"),
    ],
)
def test_a_broken_file_is_refused_naming_file_and_place(tmp_path, data, said):
    path = tmp_path / "chelyabinsk-61-2026.json"
    path.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(Refused) as no:
        read(path)

    assert str(no.value).startswith("Файл методики chelyabinsk-61-2026.json, ")
    assert said in str(no.value)
    assert len(str(no.value).splitlines()) == 1


def test_one_broken_file_leaves_the_others_in_use(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps(GOOD | {"code": "good"}), encoding="utf-8")
    (tmp_path / "torn.json").write_text('{"code": "torn",\n "title": ', encoding="utf-8")
    (tmp_path / "named.json").write_text(json.dumps(GOOD), encoding="utf-8")

    found = library(tmp_path)

    assert set(found.methods) == {"good"}
    with pytest.raises(Refused, match=r"torn\.json не читается: строка 2"):
        found.get("torn")
    with pytest.raises(Refused, match="а файл называется иначе"):
        found.get("named")
    with pytest.raises(Refused, match="Методики «other» нет"):
        found.get("other")
