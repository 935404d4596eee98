"""Which part of a growing caption will not change any more: LocalAgreement-2.

A word is stable once two hypotheses in a row agree on it and on all before it (Liu et al., "Low-Latency
Sequence-to-Sequence Speech Recognition and Translation by Partial Hypothesis Selection", Interspeech 2020).
Agreement ignores case and punctuation, which the recogniser revises until the sentence is over.
"""

from __future__ import annotations

import re
import unicodedata

# A Han character is a unit of its own; anything else is split at white space. The space before belongs to it.
_UNIT = re.compile(r"\s*(?:[\u3400-\u9fff]|[^\s\u3400-\u9fff]+)")


def _key(unit: str) -> str:
    return "".join(c for c in unit.casefold() if unicodedata.category(c)[0] not in "PZ" and not c.isspace())


class StablePrefix:
    """The captions of one utterance. What was once shown as stable is kept word for word."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._previous: list[str] = []

    def update(self, hypothesis: str) -> tuple[str, int]:
        """Returns the text to show and how many of its characters are stable.

        Where a later hypothesis contradicts the stable words they stay, and it continues after as many units.
        """
        units = _UNIT.findall(hypothesis.strip())
        agreed = 0
        for old, new in zip(self._previous, units, strict=False):
            if _key(old) != _key(new):
                break
            agreed += 1
        kept = len(self._stable)
        self._stable.extend(units[kept:agreed])
        self._previous = units
        stable = "".join(self._stable)
        return stable + "".join(units[len(self._stable) :]), len(stable)
