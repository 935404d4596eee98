"""Tables of later performance: which columns count, and what is wrong with which row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.outcome_rows import MAX_LEVELS, number, read_outcomes

HEADER = [
    "姓名",
    "候选人编号 / id",
    "绩效（上半年）",
    "Performance: sales",
    "性别",
    "Group: cohort",
    "agent",
]


def test_columns_are_told_by_their_headers() -> None:
    found = read_outcomes(
        [HEADER, ["李雷", "A-1", "4.5", "1,200", "男", "x", "z"], ["", "", "", "", "", "", ""]]
    )
    assert found.errors == []
    assert found.performance == HEADER[2:4]
    assert found.groups == HEADER[4:6]
    assert found.ignored == ["姓名", "agent"]
    [row] = found.rows
    assert (row.row, row.reference) == (2, "A-1")
    assert row.performance == {HEADER[2]: 4.5, HEADER[3]: 1200.0}
    assert row.groups == {"性别": "男", "Group: cohort": "x"}


def test_errors_are_told_by_row_and_column() -> None:
    found = read_outcomes(
        [["id", "kpi", "sex"], ["", "3", "f"], ["a", "good", "f"], ["b", "", "m"], ["c", "1"]]
    )
    assert [(e.row, e.column, e.code) for e in found.errors] == [
        (2, "", "reference.missing"),
        (3, "kpi", "number.invalid"),
    ]
    assert [(row.row, row.performance, row.groups) for row in found.rows] == [
        (4, {}, {"sex": "m"}),
        (5, {"kpi": 1.0}, {"sex": ""}),
    ]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([], "reference.none"),
        ([["kpi"], ["3"]], "reference.none"),
        ([["id", "kpi", "kpi"], ["a", "3", "4"]], "columns.double"),
        ([["id", *(f"kpi {i}" for i in range(6))], ["a"] + ["3"] * 6], "columns.many"),
        ([["id", "kpi"]], "rows.none"),
        ([["id", "group"], *([str(i), f"name {i}"] for i in range(MAX_LEVELS + 1))], "group.many"),
    ],
)
def test_tables_that_cannot_be_used(table: list[list[str]], code: str) -> None:
    found = read_outcomes(table)
    assert [one.code for one in found.errors] == [code]
    assert found.rows == []
    assert found.errors[0].message.zh


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), ("-1.5", -1.5), ("85%", 85), ("1,234.5", 1234.5), ("nan", None), ("A+", None)],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


@given(
    st.lists(
        st.lists(st.text(max_size=8) | st.sampled_from(["id", "kpi", "sex", "1"]), max_size=5), max_size=6
    )
)
def test_any_table_is_read_or_refused(table: list[list[str]]) -> None:
    found = read_outcomes(table)
    assert {row.row for row in found.rows}.isdisjoint({e.row for e in found.errors})
    assert found.rows or found.errors
