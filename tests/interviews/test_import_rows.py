from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.import_rows import WORDING, normal_email, normal_phone, read_rows
from interviews.invitations import Invitee

HEADER = ["姓名", "邮箱", "手机", "语言", "编号", "加时"]


def test_rows_in_both_languages() -> None:
    rows = [["李雷", "Li@Example.com", "138 0013 8000", "", "A1", "150%"], [""], ["韩", "", "+442079460958"]]
    done = read_rows([HEADER, *rows])
    assert done.errors == []
    assert [(each.row, each.invitee.name) for each in done.rows] == [(2, "李雷"), (4, "韩")]
    first = done.rows[0].invitee
    assert (first.email, first.phone, first.extra_time) == ("Li@example.com", "+8613800138000", 1.5)
    english = read_rows([["Full Name", "E-mail *", "Language"], ["Ann", "ann@example.com", "English"]])
    assert english.rows[0].invitee == Invitee(name="Ann", email="ann@example.com", language="en")


def test_each_fault_is_told_by_row_and_column() -> None:
    done = read_rows(
        [
            HEADER,
            ["", "x@", "123", "法语", "a" * 101, "4"],
            ["甲", "", ""],
            ["乙", "b@example.com"],
            ["丙", "B@example.com"],
            ["丁", "old@example.com"],
        ],
        existing=[Invitee(name="老", email="old@example.com")],
    )
    assert [(e.row, e.column, e.code) for e in done.errors] == [
        (2, "name", "name.missing"),
        (2, "email", "email.invalid"),
        (2, "phone", "phone.invalid"),
        (2, "language", "language.unknown"),
        (2, "extra_time", "extra.invalid"),
        (2, "external_id", "external.long"),
        (3, None, "contact.missing"),
        (5, None, "double.file"),
        (6, None, "double.existing"),
    ]
    assert done.errors[7].message.en == "The same as in row 4."
    assert [each.invitee.name for each in done.rows] == ["乙"]


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ([], ["header.missing", "header.missing"]),
        (["姓名"], ["header.missing"]),
        (["姓名", "name", "邮箱"], ["header.double"]),
        (["姓名", "邮箱"], ["rows.none"]),
    ],
)
def test_a_table_that_cannot_be_read(header: list[str], codes: list[str]) -> None:
    assert [each.code for each in read_rows([header]).errors] == codes


@pytest.mark.parametrize(
    ("given_", "normal"),
    [
        ("13800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("0086 138-0013-8000", "+8613800138000"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("12800138000", None),
        ("+8612800138000", None),
        ("1380013800", None),
        ("+0123456789", None),
        ("١٣٨٠٠١٣٨٠٠٠", None),
        ("", None),
    ],
)
def test_phones(given_: str, normal: str | None) -> None:
    assert normal_phone(given_) == normal


def test_addresses_with_a_line_break_are_none() -> None:
    assert normal_email("a@example.com\r\nBcc: b@example.com") is None
    assert normal_email("a@example.com, b@example.com") is None


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=12))
def test_every_row_is_read_or_explained(cells: list[list[str]]) -> None:
    done = read_rows([HEADER, *cells])
    good = [each.row for each in done.rows]
    bad = {each.row for each in done.errors}
    filled = {n for n, row in enumerate(cells, start=2) if any(cell.strip() for cell in row)}
    assert len(set(good)) == len(good)
    assert not bad & set(good)
    assert (set(good) | bad) - {0} == filled
    assert all(each.code in WORDING and each.message.zh and each.message.en for each in done.errors)
