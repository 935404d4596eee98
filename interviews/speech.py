"""Observed delivery: how fast somebody speaks and how much they pause. Shown in bands, never scored.

Bands are wide on purpose. Mandarin: spontaneous speech has 226 ± 26 (men) and 199 ± 40 (women) syllables a
minute, so two standard deviations around either is "usual"; English: conversation at about 120–170 words a
minute, with room on both sides. A score that rewarded speed would favour men.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from interviews.events import Language, SpeechMeasured, Word

Band = Literal["slow", "usual", "fast"]

PAUSE_S = 0.25  # Goldman-Eisler's threshold: shorter gaps are articulation
BANDS: dict[Language, tuple[float, float]] = {"en": (100.0, 190.0), "zh": (120.0, 280.0)}
MIN_SPAN_S = 2.0
MIN_UNITS = 5

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_VOWELS = re.compile(r"[aeiouyà-öø-ÿ]+")
# made, times, asked; but table, houses, wanted
_SILENT_E = re.compile(r"(?:(?<![^aeiouy]l)(?<![aeiouy])e|(?<=[^aeiouyscxzghl])es|(?<=[^aeiouytd])ed)$")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Words a minute (English alone) and syllables a minute; None where there is too little to say."""

    words_per_minute: float | None
    syllables_per_minute: float | None
    pause_ratio: float
    seconds: float


def syllables(text: str) -> int:
    """Mandarin: one per character. English: an estimate by groups of vowels, less the silent e."""
    han = len(_HAN.findall(text))
    return han + sum(_english_syllables(word) for word in _LATIN_WORD.findall(_HAN.sub(" ", text)))


def count_words(text: str) -> int:
    """Words of a text in Latin script; each Han character counts as one."""
    return len(_HAN.findall(text)) + len(_LATIN_WORD.findall(_HAN.sub(" ", text)))


def delivery(words: Sequence[Word], language: Language) -> Delivery:
    """Of one utterance, or of several in a row. The rates count pauses in ("speech rate", not "articulation
    rate"); the pause ratio is the share of that time in pauses of `PAUSE_S` and more."""
    if not words:
        return Delivery(None, None, 0.0, 0.0)
    span = max(word.end for word in words) - words[0].start
    pauses = sum(gap for a, b in pairwise(words) if (gap := b.start - a.end) >= PAUSE_S)
    text = " ".join(word.text for word in words)
    enough = span >= MIN_SPAN_S and count_words(text) >= MIN_UNITS
    per_minute = 60.0 / span if span > 0 else 0.0
    return Delivery(
        words_per_minute=round(count_words(text) * per_minute, 1) if enough and language == "en" else None,
        syllables_per_minute=round(syllables(text) * per_minute, 1) if enough else None,
        pause_ratio=round(min(max(pauses / span, 0.0), 1.0), 3) if span > 0 else 0.0,
        seconds=round(max(span, 0.0), 3),
    )


def measure(
    utterance: int, words: Sequence[Word], language: Language, *, start: float, end: float, dbfs: float
) -> SpeechMeasured:
    """The event for one utterance."""
    observed = delivery(words, language)
    return SpeechMeasured(
        utterance=utterance,
        start=start,
        end=end,
        words_per_minute=observed.words_per_minute,
        syllables_per_minute=observed.syllables_per_minute,
        pause_ratio=observed.pause_ratio,
        dbfs=dbfs,
    )


def band(observed: Delivery, language: Language) -> Band | None:
    """Words a minute decide for English, syllables a minute for Mandarin. None: too little to say."""
    rate = observed.words_per_minute if language == "en" else observed.syllables_per_minute
    if rate is None:
        return None
    low, high = BANDS[language]
    return "slow" if rate < low else "fast" if rate > high else "usual"


def _english_syllables(word: str) -> int:
    lower = word.lower()
    groups = len(_VOWELS.findall(lower))
    return max(groups - bool(_SILENT_E.search(lower)), 1)
