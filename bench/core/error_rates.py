"""Word error rate for English, character error rate for Mandarin, both after the field's usual normalisation.

English: Whisper's normaliser (Radford et al. 2022, appendix C) on both sides. Mandarin: NFKC, simplified
characters, no punctuation or spaces, per character. Rates are shares: .05 is five errors per hundred.
"""

from __future__ import annotations

import unicodedata
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jiwer
from opencc import OpenCC

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """`unit` is what was counted: words (WER) or characters (CER)."""

    rate: float
    unit: Literal["words", "characters"]
    reference: int
    substitutions: int
    deletions: int
    insertions: int


def error_rate(reference: str, heard: str, language: Language) -> ErrorRate:
    """Raises ValueError when nothing of the reference is left after normalisation."""
    want, got = normalise(reference, language), normalise(heard, language)
    if not want:
        raise ValueError("the reference holds no words")
    count = jiwer.process_words(want, got) if language == "en" else jiwer.process_characters(want, got)
    rate = count.wer if isinstance(count, jiwer.WordOutput) else count.cer
    return ErrorRate(
        rate=rate,
        unit="words" if language == "en" else "characters",
        reference=len(want.split()) if language == "en" else len(want),
        substitutions=count.substitutions,
        deletions=count.deletions,
        insertions=count.insertions,
    )


def count_errors(reference: str, heard: str, language: Language) -> tuple[int, int]:
    """(errors, words or characters of the reference); where nobody speaks, each word heard is an error."""
    if not normalise(reference, language):
        got = normalise(heard, language)
        return len(got.split()) if language == "en" else len(got), 0
    counted = error_rate(reference, heard, language)
    return counted.substitutions + counted.deletions + counted.insertions, counted.reference


def language_of(text: str) -> Language:
    """The language a reference is written in: Mandarin when a fifth of its letters are Han characters."""
    letters = [char for char in text if char.isalpha()]
    han = sum("\u4e00" <= char <= "\u9fff" for char in letters)
    return "zh" if letters and 5 * han >= len(letters) else "en"


def given_text(given: str | None) -> str | None:
    """A reference as it is given on a command line: a file that holds it, or the text itself."""
    try:
        return Path(given).read_text("utf-8") if given and Path(given).is_file() else given
    except OSError:  # longer than a file name may be
        return given


def normalise(text: str, language: Language) -> str:
    if language == "en":
        return str(_english()(text)).strip()
    simplified = _simplified().convert(unicodedata.normalize("NFKC", text))
    return "".join(char.lower() for char in simplified if unicodedata.category(char)[0] in "LN")


@cache
def _english() -> Any:
    with (
        warnings.catch_warnings()
    ):  # its source holds escapes that newer Pythons warn of when they compile it
        warnings.simplefilter("ignore")
        from whisper_normalizer.english import EnglishTextNormalizer
    return EnglishTextNormalizer()


@cache
def _simplified() -> Any:
    return OpenCC("t2s")
