"""Opens XLSX or CSV bytes and gives sheets of plain cells; refuses in one sentence what cannot be opened."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from gospult.lib.errors import Refused

MAX_BYTES = 20 * 2**20  # a real export of 7,000 rows has 0.6 MB
MAX_UNPACKED = 300 * 2**20  # an archive may unpack to anything
MAX_ROWS = 100_000
MAX_SHEETS = 10

Grid = list[list[Any]]
NOT_A_TABLE = "Это не таблица XLSX или CSV. Сохраните выгрузку в формате XLSX и загрузите её ещё раз."


def grids(content: bytes) -> Iterator[Grid]:
    """Sheets of the file from cell A1 on, without trailing emptiness; Refused when the file cannot be a table."""
    if not content.strip(b"\x00 \r\n\t"):
        raise Refused("Файл пустой. Сделайте выгрузку ещё раз.")
    if len(content) > MAX_BYTES:
        raise Refused(f"Файл больше {MAX_BYTES // 2**20} МБ. Удалите лишние листы и картинки и загрузите снова.")
    if content[:4] == b"PK\x03\x04":
        yield from _workbook(content)
    elif content[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused("Это старый формат Excel или файл с паролем. Сохраните его как XLSX без пароля и загрузите снова.")
    else:
        yield _text(content)


def _workbook(content: bytes) -> Iterator[Grid]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise Refused("Файл распаковывается в слишком большую таблицу. Удалите лишние листы и загрузите снова.")
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names[:MAX_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MAX_ROWS:
                raise Refused(f"На листе «{name}» больше {MAX_ROWS} строк. Удалите лишние строки и загрузите снова.")
            yield _clean(sheet.to_python(skip_empty_area=False))
    except (zipfile.BadZipFile, CalamineError, KeyError, OSError, ValueError) as error:
        raise Refused(NOT_A_TABLE) from error


def _text(content: bytes) -> Grid:
    text = _decode(content)
    head = text[:20_000].split("\n", 1)[0]
    delimiter = max(";,\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Refused(NOT_A_TABLE) from error
    if len(rows) > MAX_ROWS:
        raise Refused(f"В файле больше {MAX_ROWS} строк. Удалите лишние строки и загрузите снова.")
    return _clean(rows)


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise Refused(NOT_A_TABLE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")  # Excel's own CSV in Russian Windows


def _clean(rows: Sequence[Sequence[Any]]) -> Grid:
    """PostgreSQL takes no NUL, and Excel keeps line ends of both kinds."""
    return [[cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell for cell in row] for row in rows]
