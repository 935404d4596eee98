"""One named thing that speaks for or against a bona fide presentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["suspicious", "clear", "insufficient"]


@dataclass(frozen=True, slots=True)
class Cue:
    """`value` is compared with `threshold`; None where there is not enough to measure (`insufficient`)."""

    name: str
    value: float | None
    threshold: float
    outcome: Outcome
    detail: str = ""


def insufficient(name: str, threshold: float, detail: str) -> Cue:
    return Cue(name, None, threshold, "insufficient", detail)
