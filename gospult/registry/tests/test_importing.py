"""The file of the export becomes typed rows and named problems; no database."""

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES
from gospult.registry.importing import read
from gospult.registry.importing.address import parse
from gospult.registry.importing.cells import ogrn
from gospult.registry.importing.columns import TITLES
from gospult.registry.testing import make_export, make_ogrn

SCHOOL = {
    "level": "МО",
    "founder": "Озёрский",
    "name": "Школа села Озёрное",
    "ogrn": make_ogrn(1),
    "sphere_1": "Школы",
    "status": "активный",
    "page_id": 217000001,
    "url": "https://vk.com/school_ozer",
}


def row(**changes):
    return {**SCHOOL, **changes}


def problems(*rows):
    return read(make_export(list(rows))).problems.counts()


@pytest.mark.parametrize(
    ("text", "external_id", "handle"),
    [
        ("https://vk.com/club123", "123", ""),
        ("https://vk.com/public0123/", "123", ""),
        ("vk.com/event77", "77", ""),
        ("https://m.vk.ru/club55?w=wall-55_1", "55", ""),
        ("https://vk.com/club_art.school", "", "club_art.school"),
        ("https://vk.com/public_zkh", "", "public_zkh"),
        ("http://www.vk.com/School_1", "", "School_1"),
        ("@school_1", "", "school_1"),
        ("https://vk.com/clubbing", "", "clubbing"),
    ],
)
def test_an_address_tells_an_id_or_a_handle(text, external_id, handle):
    found = parse(text)
    assert (found.external_id, found.handle, found.trouble) == (external_id, handle, "")


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "empty"),
        ("0", "zero"),
        ("https://vk.com/public", "without_id"),
        ("https://vk.com/club0", "without_id"),
        ("https://vk.com/id5001", "personal"),
        ("https://vk.com/wall-1_2", "unreadable"),
        ("https://vk.com/", "unreadable"),
        ("нет", "unreadable"),
        ("https://vk.com/школа", "unreadable"),
        ("https://evil.example/vk.com/club5", "unreadable"),
        ("https://[vk.com/club5", "unreadable"),
    ],
)
def test_an_address_without_a_page_says_why(text, trouble):
    assert parse(text).trouble == trouble


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_named_trouble(text):
    found = parse(text)
    assert bool(found.trouble) != bool(found.external_id or found.handle)


def test_an_ogrn_as_a_number_keeps_its_digits():
    assert ogrn(float(make_ogrn(7))) == (make_ogrn(7), True)


def test_a_wrong_check_digit_is_noticed_and_the_number_kept():
    wrong = make_ogrn(7)[:-1] + str((int(make_ogrn(7)[-1]) + 1) % 10)
    assert ogrn(wrong) == (wrong, False)


def test_a_row_is_typed():
    [found] = read(make_export([row(has_mark="да", connected="нет", design="85%", widgets=2, members="1 234", ground="")])).rows
    assert found.page == ("vk", "id", "217000001")
    assert found.facts == {"has_mark": True, "connected": False, "design": 85, "widgets": 2, "members": 1234}
    assert (found.status, found.spheres) == ("active", ((1, "Школы"),))


def test_percents_that_excel_keeps_as_fractions_are_percents():
    rows = read(make_export([row(design=0.85), row(ogrn=make_ogrn(2), url="", page_id="", design=1)])).rows
    assert [r.facts["design"] for r in rows] == [85, 100]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"url": "0", "page_id": 0}, "address_zero"),
        ({"url": "", "page_id": ""}, "address_empty"),
        ({"url": "https://vk.com/public", "page_id": ""}, "address_without_id"),
        ({"url": "https://vk.com/id7"}, "address_personal"),
        ({"url": "где-то"}, "address_unreadable"),
        ({"url": "https://ok.ru/group/555"}, "address_other_network"),
        ({"page_id": ""}, "id_missing"),
        ({"url": "https://vk.com/club5"}, "id_mismatch"),
        ({"ground": "Распоряжение № 5"}, "ground_with_address"),
        ({"ground": "Распоряжение\n№ 5"}, "ground_newline"),
        ({"level": ""}, "level_blank"),
        ({"founder": ""}, "founder_blank"),
        ({"ogrn": ""}, "ogrn_blank"),
        ({"ogrn": "123"}, "ogrn_bad"),
        ({"status": "спит"}, "status_unknown"),
        ({"status": ""}, "status_blank"),
        ({"name": "ШКОЛА СЕЛА ОЗЁРНОЕ"}, "name_capitals"),
        ({"members": "много"}, "value_unreadable"),
        ({"design": True}, "value_unreadable"),
        ({"members": "#REF!"}, "cell_error"),
    ],
)
def test_each_oddity_has_a_name_and_a_row(changes, kind):
    found = read(make_export([row(), row(ogrn=make_ogrn(2), url="https://vk.com/other", page_id=217000002) | changes])).problems
    assert found.rows_of(kind) == [3]


def test_a_clean_row_has_no_problems():
    assert problems(row()) == {}


def test_a_row_without_a_name_is_counted_and_left_out():
    export = read(make_export([row(), row(name="")]))
    assert (export.total, len(export.rows), export.problems.rows_of("name_blank")) == (2, 1, [3])


def test_one_address_for_two_bodies_names_both_rows():
    export = read(make_export([row(), row(ogrn=make_ogrn(2), page_id="")]))
    assert export.problems.rows_of("address_shared") == [2, 3]
    assert {r.page for r in export.rows} == {("vk", "id", "217000001")}


def test_one_handle_with_two_ids_is_two_pages():
    export = read(make_export([row(), row(ogrn=make_ogrn(2), page_id=217000002)]))
    assert export.problems.rows_of("handle_conflict") == [3]
    assert len({r.page for r in export.rows}) == 2


def test_the_same_row_twice_is_named():
    assert problems(row(), row()) == {"row_duplicate": 1}


def test_branches_with_one_ogrn_are_two_bodies():
    export = read(make_export([row(), row(name="Филиал в деревне", url="https://vk.com/filial", page_id=217000002)]))
    assert len({r.key for r in export.rows}) == 2
    assert export.problems.rows_of("ogrn_shared") == [2, 3]


def test_columns_are_found_in_any_order_under_a_letterhead():
    titles = dict(reversed(TITLES.items()))
    grid = [["Реестр на 1 мая"], [], list(titles.values()), [SCHOOL.get(key, "") for key in titles]]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate(grid):
            sheet.write_row(line, 0, cells)
    [found] = read(buffer.getvalue()).rows
    assert (found.number, found.name, found.page) == (4, SCHOOL["name"], ("vk", "id", "217000001"))


def test_a_merged_header_of_two_rows_is_understood():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for column, (key, title) in enumerate(TITLES.items()):
            if not key.startswith("sphere"):
                sheet.merge_range(0, column, 1, column, title)
            sheet.write(2, column, SCHOOL.get(key, ""))
        sheet.merge_range(0, 5, 0, 7, "Сферы")
        sheet.write_row(1, 5, ["Сфера 1", "Сфера 2", "Сфера 3"])
    [found] = read(buffer.getvalue()).rows
    assert (found.name, found.spheres) == (SCHOOL["name"], ((1, "Школы"),))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_the_encodings_and_signs_that_excel_writes(encoding, delimiter):
    lines = [TITLES, {**SCHOOL, "ground": 'Приказ "О страницах"; пункт 2,\nпункт 3'}]
    quoted = [delimiter.join('"' + str(line.get(key, "")).replace('"', '""') + '"' for key in TITLES) for line in lines]
    [found] = read("\r\n".join(quoted).encode(encoding)).rows
    assert (found.ogrn, found.founder, found.ground.count("\n")) == (SCHOOL["ogrn"], "Озёрский", 1)


def missing_column():
    return make_export([SCHOOL], {key: title for key, title in TITLES.items() if key != "ogrn"})


def shifted_columns():
    keys = list(TITLES)
    moved = [{keys[(n + 1) % len(keys)]: value for n, key in enumerate(keys) if (value := row(ogrn=make_ogrn(i)).get(key))} for i in range(1, 6)]
    return make_export(moved)


def bomb():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (301 * 2**20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "пустой"),
        (b"   \r\n", "пустой"),
        (b"\x00" * 50, "пустой"),
        (b"PK\x03\x04 broken", "не таблица"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "старый формат"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "не таблица"),
        (b"%PDF-1.7", "нет заголовков"),
        ("просто письмо".encode(), "нет заголовков"),
        (b"0" * (MAX_BYTES + 1), "больше 20 МБ"),
        (make_export([]), "ни одной строки"),
        (missing_column(), "не хватает колонок: «ОГРН»"),
        (shifted_columns(), "Колонки сдвинуты"),
        (bomb(), "распаковывается"),
    ],
    ids=["empty", "blank", "nul", "zip", "xls", "picture", "pdf", "text", "large", "no-rows", "missing", "shifted", "bomb"],
)
def test_what_is_no_export_is_refused_in_one_russian_sentence(content, words):
    with pytest.raises(Refused, match=words) as no:
        read(content)
    assert "\n" not in str(no.value)


def test_a_formula_that_was_never_calculated_is_no_name():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(TITLES.values()))
        sheet.write_row(1, 0, [SCHOOL.get(key, "") for key in TITLES])
        sheet.write_formula(1, list(TITLES).index("name"), "=CONCATENATE(A1,B1)")
    export = read(buffer.getvalue())
    assert (export.total, export.rows, export.problems.rows_of("name_blank")) == (1, [], [2])


def test_nul_bytes_never_reach_the_rows():
    [found] = read(make_export([row(name="Школа\x00 № 1")])).rows
    assert found.name == "Школа № 1"
