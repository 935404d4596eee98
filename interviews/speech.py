"""Observed delivery: how fast somebody speaks and how much they pause. Shown in bands, never scored.

Bands are wide on purpose. Mandarin: spontaneous speech has 226 ± 26 (men) and 199 ± 40 (women) syllables a
minute, so two standard deviations around either is "usual"; English: conversation at about 120–170 words a
minute, with room on both sides. A score that rewarded speed would favour men. Nothing else here has a band:
norms for pauses, fillers and pitch do not transfer between people or languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from interviews.events import Language, SpeechMeasured, Word
from interviews.fillers import count_fillers

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
    articulation_rate: float | None  # syllables a minute, pauses left out
    pauses: int
    pause_ratio: float
    fillers: int
    filler_ratio: float | None  # of the words
    seconds: float


@dataclass(frozen=True, slots=True)
class Voice:
    """What was measured on the sound of an utterance, as in `media.items.SignalMeasures`."""

    dbfs: float
    loudness_range_db: float | None = None
    pitch_hz: float | None = None
    pitch_range_semitones: float | None = None
    snr_db: float | None = None
    clipping: float | None = None
    bandwidth_hz: float | None = None


def syllables(text: str) -> int:
    """Mandarin: one per character. English: an estimate by groups of vowels, less the silent e."""
    han = len(_HAN.findall(text))
    return han + sum(_english_syllables(word) for word in _LATIN_WORD.findall(_HAN.sub(" ", text)))


def count_words(text: str) -> int:
    """Words of a text in Latin script; each Han character counts as one."""
    return len(_HAN.findall(text)) + len(_LATIN_WORD.findall(_HAN.sub(" ", text)))


def delivery(words: Sequence[Word], language: Language) -> Delivery:
    """Of one utterance, or of several in a row.

    The speech rates count pauses in, the articulation rate leaves those of `PAUSE_S` and more out; the pause
    ratio is their share of the time. Fillers count as words and as syllables: they were spoken.
    """
    if not words:
        return Delivery(None, None, None, 0, 0.0, 0, None, 0.0)
    span = max(word.end for word in words) - words[0].start
    gaps = [gap for a, b in pairwise(words) if (gap := b.start - a.end) >= PAUSE_S]
    text = " ".join(word.text for word in words)
    units = count_words(text)
    enough = span >= MIN_SPAN_S and units >= MIN_UNITS
    spoken = span - sum(gaps)
    fillers = count_fillers(words)

    def rate(count: int, seconds: float) -> float | None:
        return round(count * 60.0 / seconds, 1) if enough and seconds > 0 else None

    return Delivery(
        words_per_minute=rate(units, span) if language == "en" else None,
        syllables_per_minute=rate(syllables(text), span),
        articulation_rate=rate(syllables(text), spoken),
        pauses=len(gaps),
        pause_ratio=round(min(max(sum(gaps) / span, 0.0), 1.0), 3) if span > 0 else 0.0,
        fillers=fillers,
        filler_ratio=round(min(fillers / units, 1.0), 3) if units >= MIN_UNITS else None,
        seconds=round(max(span, 0.0), 3),
    )


def measure(
    utterance: int, words: Sequence[Word], language: Language, voice: Voice, *, start: float, end: float
) -> SpeechMeasured:
    """The event for one utterance, rounded to what can be told apart."""

    def rounded(value: float | None, digits: int) -> float | None:
        return None if value is None else round(value, digits)

    observed = delivery(words, language)
    return SpeechMeasured(
        utterance=utterance,
        start=start,
        end=end,
        words_per_minute=observed.words_per_minute,
        syllables_per_minute=observed.syllables_per_minute,
        articulation_rate=observed.articulation_rate,
        pauses=observed.pauses,
        pause_ratio=observed.pause_ratio,
        fillers=observed.fillers,
        filler_ratio=observed.filler_ratio,
        dbfs=round(voice.dbfs, 1),
        loudness_range_db=rounded(voice.loudness_range_db, 1),
        pitch_hz=rounded(voice.pitch_hz, 1),
        pitch_range_semitones=rounded(voice.pitch_range_semitones, 1),
        snr_db=rounded(voice.snr_db, 1),
        clipping=rounded(voice.clipping, 5),
        bandwidth_hz=rounded(voice.bandwidth_hz, -1),
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
