"""Spreadsheets as bytes: xlsx (ECMA-376) and csv (RFC 4180) in, xlsx out. Formulas are never run or made."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import openpyxl

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 2000  # besides the header
MAX_COLUMNS = 50
MAX_CELL = 2000  # characters
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 200  # honest sheets of names reach some 30; deflate's limit is 1032
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Fault = Literal["too-large", "too-many-rows", "malformed", "bomb", "encoding"]
Cell = str | int | float | None


class SpreadsheetError(Exception):
    """The file cannot or must not be read. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


def read_table(raw: bytes) -> list[list[str]]:
    """The first sheet, header first, every cell as text, told apart by its content and not by a name.

    Formula cells give the value that was last computed and stored, or nothing. Raises SpreadsheetError.
    """
    if len(raw) > MAX_BYTES:
        raise SpreadsheetError("too-large")
    rows = _xlsx(raw) if raw.startswith(b"PK\x03\x04") else _csv(raw)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def write_table(header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str = "Sheet1") -> bytes:
    """An xlsx file. Text that a spreadsheet would take for a formula stays text."""
    return write_book({title: (header, *rows)})


def write_book(sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """As `write_table`, of several sheets by title."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([guarded(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def guarded(cell: Cell) -> Cell:
    """With an apostrophe before what would begin a formula, also after the file was saved as csv (OWASP)."""
    if isinstance(cell, str) and cell.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r") and cell.strip():
        return f"'{cell}"
    return cell


def _xlsx(raw: bytes) -> list[list[str]]:
    _no_bomb(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    # A hostile file makes the parser raise nearly anything; all of it means the same.
    except Exception as error:
        raise SpreadsheetError("malformed") from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be a lie
        return _limited(sheet.iter_rows(values_only=True))
    except SpreadsheetError:
        raise
    except Exception as error:
        raise SpreadsheetError("malformed") from error
    finally:
        book.close()


def _no_bomb(raw: bytes) -> None:
    """Refuse by what the directory states; zipfile reads no more than that of any entry."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SpreadsheetError("malformed") from error
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, sum(entry.compress_size for entry in entries))
    if unpacked > MAX_UNPACKED or len(entries) > 1000 or (unpacked > 4 * MAX_BYTES and ratio > MAX_RATIO):
        raise SpreadsheetError("bomb")


def _csv(raw: bytes) -> list[list[str]]:
    text = _text(raw)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:8192].split("\n", 1)[0], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel  # one column, or nothing to tell it by
    try:
        return _limited(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter))
    except csv.Error as error:
        raise SpreadsheetError("malformed") from error


def _text(raw: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else GB 18030, which Excel writes in China."""
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise SpreadsheetError("encoding")


def _limited(rows: Iterable[Iterable[object]]) -> list[list[str]]:
    found: list[list[str]] = []
    empty = 0
    for row in rows:
        cells = [_cell(cell) for cell in itertools.islice(row, MAX_COLUMNS)]
        # Sheets are often formatted far below their last row; such rows do not count until more follow.
        empty = 0 if any(cells) else empty + 1
        if empty > MAX_ROWS:
            break
        found.append(cells)
        if len(found) - empty > MAX_ROWS + 1:
            raise SpreadsheetError("too-many-rows")
    return found


def _cell(value: object) -> str:
    """Excel keeps phone numbers as floats: 13800138000.0 is 13800138000."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        value = value.isoformat()
    text = str(value).strip()[:MAX_CELL]
    return text[1:] if text[:1] == "'" and guarded(text[1:]) == text else text
