"""Numbers in Mandarin text as they are read aloud."""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LONGEST = 12  # digits; longer ones are identifiers and read digit by digit
_MEASURES = "个名位种年天次件条项家台人份点页遍倍周层部届"  # what "2" before them is read as 两
_PAIR = re.compile(r"(?<=\d)\s*/\s*(?=\d)")  # blood pressure, say: 125/80
_NUMBER = re.compile(
    r"(?P<year>\d{4})(?=年)"
    r"|(?P<low>\d+(?:\.\d+)?)\s*[-–~～]\s*(?=\d)"
    r"|(?P<percent>\d+(?:\.\d+)?)\s*[%％]"
    r"|(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?!\d)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?"
)


def spelled(text: str) -> str:
    """The text with every number written in characters: 2024年 二零二四年, 30% 百分之三十, 3-5 三到五."""
    return _NUMBER.sub(_spell, _PAIR.sub("，", text))


def cardinal(digits: str) -> str:
    """A whole number of digits 0 to 9: `10005` 一万零五."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST:
        return one_by_one(digits)
    if digits == "0":
        return DIGITS[0]
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    said = ""
    for power in reversed(range(len(groups))):
        group = groups[power]
        if int(group) == 0:
            continue
        gap = said and (group.startswith("0") or int(groups[power + 1]) == 0)
        said += (DIGITS[0] if gap else "") + _below_myriad(group.lstrip("0")) + _MYRIADS[power]
    return said[1:] if said.startswith("一十") else said


def one_by_one(digits: str) -> str:
    return "".join(DIGITS[int(digit)] for digit in digits)


def _below_myriad(digits: str) -> str:
    said, gap = "", False
    for at, digit in enumerate(digits):
        if digit == "0":
            gap = True
            continue
        said += (DIGITS[0] if gap and said else "") + DIGITS[int(digit)] + _UNITS[len(digits) - at - 1]
        gap = False
    return said


def _decimal(number: str) -> str:
    whole, _, rest = number.partition(".")
    return cardinal(whole) + ("点" + one_by_one(rest) if rest else "")


def _spell(match: re.Match[str]) -> str:
    found = match.groupdict()
    if year := found["year"]:
        return one_by_one(year)
    if low := found["low"]:
        return _decimal(low) + "到"
    if percent := found["percent"]:
        return "百分之" + _decimal(percent)
    if hour := found["hour"]:
        minute = int(found["minute"])
        past = (DIGITS[0] if 0 < minute < 10 else "") + (cardinal(str(minute)) + "分" if minute else "整")
        return f"{cardinal(hour)}点{past}"
    number = found["number"]
    if "," not in number and ((number.startswith("0") and number != "0") or len(number) > 8):
        return one_by_one(number) + ("点" + one_by_one(found["rest"][1:]) if found["rest"] else "")
    after = match.string[match.end() : match.end() + 2].lstrip()[:1]
    if number == "2" and not found["rest"] and after and after in _MEASURES:
        return "两"
    return _decimal(number.replace(",", "") + (found["rest"] or ""))
