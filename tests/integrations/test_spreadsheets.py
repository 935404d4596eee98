from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.spreadsheets import MAX_ROWS, SpreadsheetError, guarded, read_table, write_table


def fault(raw: bytes) -> str:
    with pytest.raises(SpreadsheetError) as refused:
        read_table(raw)
    return refused.value.fault


def test_there_and_back() -> None:
    raw = write_table(["姓名", "手机"], [["李雷", 13800138000.0], ["韩", "+8613800138000"], [None, "=1+1"]])
    assert read_table(raw) == [
        ["姓名", "手机"], ["李雷", "13800138000"], ["韩", "+8613800138000"], ["", "=1+1"],
    ]  # fmt: skip


def test_formulas_are_neither_written_nor_run() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_table(["a"], [['=HYPERLINK("http://x")'], ["@SUM(1)"]])))
    assert [cell.data_type for row in book.worksheets[0].iter_rows() for cell in row] == ["s"] * 3
    made = openpyxl.Workbook()
    made.active.append(["姓名", "=1+1"])
    out = io.BytesIO()
    made.save(out)
    assert read_table(out.getvalue()) == [["姓名", ""]]  # nothing was ever computed, so nothing is there


@given(st.text(max_size=20))
def test_guarding_is_undone_by_reading(text: str) -> None:
    kept = guarded(text)
    assert kept == text or kept == f"'{text}"
    assert not str(kept).lstrip(" ").startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_excel_writes_it(encoding: str, delimiter: str) -> None:
    raw = f"姓名{delimiter}邮箱\r\n李雷{delimiter}a@b.cn\r\n\r\n".encode(encoding)
    assert read_table(raw) == [["姓名", "邮箱"], ["李雷", "a@b.cn"]]


def test_limits() -> None:
    rows = [["a"]] * MAX_ROWS
    assert len(read_table(write_table(["h"], rows))) == MAX_ROWS + 1
    assert fault(write_table(["h"], [*rows, ["a"]])) == "too-many-rows"
    assert fault(b"h\n" + b"a\n" * (MAX_ROWS + 1)) == "too-many-rows"
    assert fault(b"a" * (5 * 1024 * 1024 + 1)) == "too-large"


def test_a_zip_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60 * 1024 * 1024))
    assert len(out.getvalue()) < 100_000
    assert fault(out.getvalue()) == "bomb"


def test_entities_are_not_expanded() -> None:
    raw = io.BytesIO(write_table(["a"], [["b"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                start = text.index(b"<worksheet")
                text = b'<!DOCTYPE x [<!ENTITY e "eeee">]>' + text[start:].replace(b">b<", b">&e;<")
            new.writestr(name, text)
    assert fault(out.getvalue()) == "malformed"


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, write_table(["a"], [])[:-40]])
def test_malformed_files_are_refused(raw: bytes) -> None:
    assert fault(raw) == "malformed"


def test_bytes_of_no_encoding() -> None:
    assert fault(b"\xff\xff\xff") == "encoding"
    assert fault(b"a\0b") == "encoding"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    found = set()
    for data in (raw, b"PK\x03\x04" + raw):
        try:
            assert all(isinstance(cell, str) for row in read_table(data) for cell in row)
        except SpreadsheetError as error:
            found.add(error.fault)
    assert found <= {"malformed", "encoding", "bomb"}
