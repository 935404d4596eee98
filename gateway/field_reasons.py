"""What does not fit in a request's body, field by field, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from gateway.problems import Messages, Reason

MOST = 20  # reasons told at once
_WORDING: Mapping[str, tuple[str, str]] = {
    "missing": ("此项必填。", "This is needed."),
    "string_too_long": ("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_too_short": ("至少 {min_length} 个字符。", "At least {min_length} characters."),
    "too_long": ("最多 {max_length} 项。", "At most {max_length} of them."),
    "too_short": ("至少 {min_length} 项。", "At least {min_length} of them."),
    "greater_than": ("须大于 {gt}。", "More than {gt}, please."),
    "greater_than_equal": ("不能小于 {ge}。", "{ge} or more, please."),
    "less_than": ("须小于 {lt}。", "Less than {lt}, please."),
    "less_than_equal": ("不能大于 {le}。", "{le} or less, please."),
}
_OTHERWISE = ("此项不符合要求。", "This is not as it should be.")


def field_reasons(error: ValidationError) -> list[Reason]:
    """The limits are told, never the values: those may be personal."""
    reasons = []
    for fault in error.errors(include_url=False, include_input=False)[:MOST]:
        zh, en = _WORDING.get(fault["type"], _OTHERWISE)
        limits = fault.get("ctx", {})
        reasons.append(
            Reason(
                code=f"field.{fault['type'].replace('_', '-')}",
                messages=Messages(zh=zh.format(**limits), en=en.format(**limits)),
                path=".".join(map(str, fault["loc"])),
            )
        )
    return reasons
