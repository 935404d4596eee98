"""Rows of a spreadsheet become invitees; what is wrong with a row is told by row and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import BaseModel, ConfigDict, Field

from interviews.events import Language
from interviews.invitations import Invitee
from interviews.wording import Message

Column = Literal["name", "email", "phone", "language", "external_id", "extra_time"]
HEADERS: dict[Column, tuple[str, ...]] = {
    "name": ("姓名", "候选人", "name", "full name", "candidate"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail"),
    "phone": ("手机", "手机号", "手机号码", "电话", "phone", "mobile", "phone number"),
    "language": ("语言", "language"),
    "external_id": ("编号", "候选人编号", "external id", "external_id", "id"),
    "extra_time": ("加时", "extra time", "extra_time"),
}
_LANGUAGES: dict[str, Language] = {
    "": "zh", "zh": "zh", "zh-cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
    "en": "en", "en-us": "en", "en-gb": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip
WORDING: dict[str, tuple[str, str]] = {
    "header.missing": ("没有找到列：{0}。", "This column is missing: {0}."),
    "header.double": ("列出现了两次：{0}。", "This column is there twice: {0}."),
    "rows.none": ("表格中没有候选人。", "There are no candidates in the table."),
    "name.missing": ("缺少姓名。", "The name is missing."),
    "name.long": ("姓名超过 200 个字符。", "The name is longer than 200 characters."),
    "contact.missing": ("邮箱和手机至少填一项。", "An e-mail address or a phone number is needed."),
    "email.invalid": ("邮箱格式不正确。", "This is not an e-mail address."),
    "phone.invalid": (
        "手机号不正确：请填 11 位大陆手机号，或以 + 和国家代码开头。",
        "This is not a phone number: 11 digits (mainland China), or + and the country code.",
    ),
    "language.unknown": ("语言只能是中文或英文。", "The language is Chinese or English."),
    "language.plan": (
        "面试方案缺少这种语言的内容，请补全方案或更换语言。",
        "The plan lacks texts in this language: complete it, or choose the other language.",
    ),
    "extra.invalid": ("加时是 1 到 3 之间的倍数。", "Extra time is a factor from 1 to 3."),
    "external.long": ("编号超过 100 个字符。", "The external id is longer than 100 characters."),
    "double.file": ("与第 {0} 行重复。", "The same as in row {0}."),
    "double.existing": (
        "该岗位已邀请过此人。若面试曾中断，可在其邀请中选择“再次邀请”。",
        "This person has been invited to this job already. Where the interview was cut off, "
        "their invitation offers to invite them again.",
    ),
}
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_DECORATION = re.compile(r"[\s()（）.\-–—]")


class RowError(BaseModel):
    """`row` as the spreadsheet counts, the header being row 1; 0: the whole table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int = Field(ge=0)
    column: Column | None = None
    code: str
    message: Message


class GoodRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    invitee: Invitee


@dataclass(slots=True)
class Imported:
    """What could be read. A row is in `rows` or in `errors`, never in both."""

    rows: list[GoodRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_rows(table: Sequence[Sequence[str]], existing: Iterable[Invitee] = ()) -> Imported:
    """`table`: header first, cells as text; wholly empty rows are passed over.

    `existing`: who has been invited already.
    """
    done = Imported()
    columns = _columns(table[0] if table else (), done.errors)
    if done.errors:
        return done
    known: dict[tuple[str, str], int] = dict.fromkeys((k for each in existing for k in keys(each)), 0)
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        invitee, errors = _invitee(number, values)
        if invitee is not None:
            twice = next((known[key] for key in keys(invitee) if key in known), None)
            if twice is None:
                known.update(dict.fromkeys(keys(invitee), number))
                done.rows.append(GoodRow(row=number, invitee=invitee))
            else:
                errors.append(error(number, None, "double.file" if twice else "double.existing", str(twice)))
        done.errors += errors
    if not done.rows and not done.errors:
        done.errors.append(error(0, None, "rows.none"))
    return done


def keys(invitee: Invitee) -> list[tuple[str, str]]:
    """What tells people apart: an address, a number or an id, each being one person's."""
    found = [
        ("email", (invitee.email or "").casefold()),
        ("phone", invitee.phone or ""),
        ("id", invitee.external_id or ""),
    ]
    return [(kind, value) for kind, value in found if value]


def normal_email(text: str) -> str | None:
    """The address in its normal form, None where it is none (RFC 5321, RFC 6531; DNS is not asked)."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def normal_phone(text: str) -> str | None:
    """E.164; a bare Chinese mobile number gets +86, 00 stands for +. None where it is neither."""
    digits = _DECORATION.sub("", text)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if _CHINESE_MOBILE.fullmatch(digits):
        digits = f"+86{digits}"
    elif re.fullmatch(r"86" + _CHINESE_MOBILE.pattern, digits):
        digits = f"+{digits}"
    if not _E164.fullmatch(digits) or not digits.isascii():
        return None
    if digits.startswith("+86") and not _CHINESE_MOBILE.fullmatch(digits[3:]):
        return None
    return digits


def error(row: int, column: Column | None, code: str, *values: str) -> RowError:
    zh, en = WORDING[code]
    message = Message(code=code, zh=zh.format(*values), en=en.format(*values))
    return RowError(row=row, column=column, code=code, message=message)


def _columns(header: Sequence[str], errors: list[RowError]) -> dict[Column, int]:
    names = {alias: column for column, aliases in HEADERS.items() for alias in aliases}
    found: dict[Column, int] = {}
    for at, text in enumerate(header):
        column = next((names[part] for part in _parts(text) if part in names), None)
        if column in found:
            errors.append(error(1, column, "header.double", text.strip()))
        elif column is not None:
            found[column] = at
    if "name" not in found:
        errors.append(error(1, "name", "header.missing", "姓名 / name"))
    if not found.keys() & {"email", "phone"}:
        errors.append(error(1, "email", "header.missing", "邮箱 / email, 手机 / phone"))
    return found


def _parts(header: str) -> list[str]:
    """`姓名 / Name*` is 姓名 and name."""
    return [" ".join(part.replace("*", " ").split()).casefold() for part in re.split(r"[/()（）]", header)]


def _invitee(row: int, values: Mapping[Column, str]) -> tuple[Invitee | None, list[RowError]]:
    faults: list[tuple[Column | None, str]] = []
    name, email, phone = (values.get(key, "") for key in ("name", "email", "phone"))
    if not name or len(name) > 200:
        faults.append(("name", "name.long" if name else "name.missing"))
    if not email and not phone:
        faults.append((None, "contact.missing"))
    address = normal_email(email) if email else None
    if email and address is None:
        faults.append(("email", "email.invalid"))
    number = normal_phone(phone) if phone else None
    if phone and number is None:
        faults.append(("phone", "phone.invalid"))
    language = _LANGUAGES.get(values.get("language", "").casefold())
    if language is None:
        faults.append(("language", "language.unknown"))
    extra = _factor(values.get("extra_time", ""))
    if extra is None:
        faults.append(("extra_time", "extra.invalid"))
    external = values.get("external_id", "")
    if len(external) > 100:
        faults.append(("external_id", "external.long"))
    if faults or language is None or extra is None:
        return None, [error(row, column, code) for column, code in faults]
    return Invitee(
        name=name,
        email=address,
        phone=number,
        external_id=external or None,
        language=language,
        extra_time=extra,
    ), []


def _factor(text: str) -> float | None:
    """`1.5`, `1.5x`, `150%`; empty is 1."""
    text = text.replace("×", "x").replace("倍", "x").strip().casefold()
    if not text:
        return 1.0
    percent = text.endswith("%")
    try:
        value = float(text.rstrip("%").strip("x ")) / (100 if percent else 1)
    except ValueError:
        return None
    return value if 1 <= value <= 3 else None
