"""Rows of a spreadsheet become outcomes: how candidates did later, and, where told, which groups they are of.

The first column that names a candidate counts; every column whose header begins as one of performance or of
groups is taken, under its header as it stands there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from interviews.wording import Message

REFERENCE = (
    "编号", "候选人编号", "面试编号", "邮箱", "手机", "手机号",
    "id", "external id", "external_id", "session", "invitation", "email", "e-mail", "phone",
)  # fmt: skip
PERFORMANCE = ("绩效", "业绩", "考核", "留任", "performance", "rating", "kpi", "retention")
GROUP = ("分组", "组别", "性别", "年龄", "民族", "种族", "group", "sex", "gender", "age", "race", "ethnicity")
MAX_COLUMNS = 5  # of performance, and of groups
MAX_LEVELS = 20  # groups in one column; more look like names
LONGEST = 60  # characters of a group or a header
WORDING: dict[str, tuple[str, str]] = {
    "reference.none": (
        "没有候选人列：编号、邮箱或手机。",
        "No column names the candidate: id, e-mail or phone.",
    ),
    "performance.none": (
        "没有绩效列：列名须以“绩效”开头。",
        "No column of performance: its header must begin with “performance”.",
    ),
    "group.none": (
        "没有分组列：列名须为“性别”等，或以“分组”开头。",
        "No column of groups: its header must be “sex” or the like, or begin with “group”.",
    ),
    "columns.many": ("此类列最多 {0} 个。", "There may be {0} such columns at most."),
    "columns.double": ("列名出现了两次：{0}。", "This header is there twice: {0}."),
    "group.many": (
        "分组超过 {0} 个，可能不是分组列。",
        "More than {0} groups: perhaps no column of groups.",
    ),
    "rows.none": ("表格中没有数据行。", "There are no rows in the table."),
    "reference.missing": ("缺少候选人编号、邮箱或手机。", "The candidate's id, e-mail or phone is missing."),
    "reference.unknown": ("该岗位没有此候选人。", "This candidate is none of this job's."),
    "reference.double": ("与第 {0} 行是同一人。", "The same person as in row {0}."),
    "number.invalid": ("不是数字。", "This is not a number."),
    "group.long": ("分组名称超过 60 个字符。", "The group's name is longer than 60 characters."),
    "not-scored": ("该候选人没有综合分。", "This candidate has no overall score."),
    "not-decided": ("该候选人还没有决定。", "Nothing has been decided about this candidate."),
}


class OutcomeError(BaseModel):
    """`row` as the spreadsheet counts, the header being row 1; 0: the whole table. `column`: its header."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int = Field(ge=0)
    column: str = ""
    code: str
    message: Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one candidate: figures by header, as far as they are known; groups by header, empty if unknown."""

    row: int
    reference: str
    performance: dict[str, float]
    groups: dict[str, str]


@dataclass(slots=True)
class Outcomes:
    """What could be read. A row is in `rows` or in `errors`. `ignored`: headers that say neither."""

    rows: list[Outcome] = field(default_factory=list)
    errors: list[OutcomeError] = field(default_factory=list)
    performance: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_outcomes(table: Sequence[Sequence[str]]) -> Outcomes:
    """`table`: header first, cells as text; wholly empty rows are passed over."""
    done = Outcomes()
    columns = _columns(table[0] if table else (), done)
    if done.errors:
        return done
    for number, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
            _read(number, values, done)
    for name in done.groups:
        if len({row.groups[name] for row in done.rows} - {""}) > MAX_LEVELS:
            done.errors.append(error(1, name, "group.many", MAX_LEVELS))
    if done.errors and done.errors[-1].code == "group.many":
        done.rows.clear()
    elif not done.rows and not done.errors:
        done.errors.append(error(0, "", "rows.none"))
    return done


def error(row: int, column: str, code: str, *values: object) -> OutcomeError:
    zh, en = WORDING[code]
    message = Message(code=code, zh=zh.format(*values), en=en.format(*values))
    return OutcomeError(row=row, column=column, code=code, message=message)


def number(text: str) -> float | None:
    """`4`, `1,234.5`, `85%` (85); None where it is no finite number."""
    try:
        value = float(text.replace(",", "").replace("，", "").rstrip("%％ "))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _columns(header: Sequence[str], done: Outcomes) -> dict[str, int]:
    """Where each column is that is read; the reference under the empty name."""
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        name = " ".join(cell.split())[:LONGEST]
        parts = [part.strip().casefold() for part in re.split(r"[/()（）*]", name)]
        kind = next((kind for part in parts if (kind := _kind(part))), None)
        if kind == "reference" and "" not in found:
            found[""] = at
        elif kind in ("performance", "group"):
            if name in found:
                done.errors.append(error(1, name, "columns.double", name))
            found[name] = at
            (done.performance if kind == "performance" else done.groups).append(name)
        elif name:
            done.ignored.append(name)
    if "" not in found:
        done.errors.append(error(1, "", "reference.none"))
    for names in (done.performance, done.groups):
        if len(names) > MAX_COLUMNS:
            done.errors.append(error(1, names[MAX_COLUMNS], "columns.many", MAX_COLUMNS))
    return found


def _kind(part: str) -> str | None:
    if part in REFERENCE:
        return "reference"
    if part.startswith(PERFORMANCE):
        return "performance"
    # “age” begins “agent” too: a Latin word must end where the name does.
    return "group" if any(re.match(rf"{name}(?![a-z])", part) for name in GROUP) else None


def _read(row: int, values: dict[str, str], done: Outcomes) -> None:
    faults = [] if values[""] else [error(row, "", "reference.missing")]
    figures: dict[str, float] = {}
    for name in done.performance:
        value = number(values[name])
        if value is not None:
            figures[name] = value
        elif values[name]:
            faults.append(error(row, name, "number.invalid"))
    faults += [error(row, name, "group.long") for name in done.groups if len(values[name]) > LONGEST]
    if faults:
        done.errors += faults
        return
    groups = {name: values[name] for name in done.groups}
    done.rows.append(Outcome(row=row, reference=values[""], performance=figures, groups=groups))
