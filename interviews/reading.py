"""Signs that an answer was read from a sheet or learnt by heart: a hint to a person, never part of a score.

Reading aloud differs from free speech in where pauses lie and in what goes wrong on the way (Goldman-Eisler
1968; Howell and Kadi-Hanifi 1991), and its words are those of writing (Biber 1988: involved against
informational). Little of this reaches a transcript: the embedded recogniser leaves fillers and repairs out,
and its words end where the next begins, so that a pause within a clause cannot be seen (docs/scores.md).
Pitch and loudness are left aside, for microphone and room move them more than reading does. What is left
counts only all together: a long answer, nothing that went wrong, no uneven articulation, the language of
writing. Whoever has learnt by heart what is worded like talk is not found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, pstdev

from interviews.answers import Evidence, Flag
from interviews.events import Language, TranscriptFinal, Word
from interviews.fillers import count_fillers
from interviews.sentences import Sentence, sentences
from interviews.speech import count_words, syllables

MIN_UNITS: dict[Language, int] = {"en": 80, "zh": 120}  # words; characters
MIN_SECONDS = 30.0
RUN = 6  # words whose articulation is taken together: word times are too coarse for less
MIN_RUNS = 8
EVEN = 0.25  # spread of the articulation rate over runs, share of its mean: read .10–.24, an interview .32
# Answers worded like talk lie at -.21 to .02 (en) and -.08 to -.03 (zh), read technical prose at .04 to .14.
WRITTEN = 0.03
MOST_QUOTES = 3

_REGISTER: dict[Language, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "en": (
        re.compile(
            r"\w['’](?:m|s|re|ve|ll|d|t)\b|\b(?:i|me|my|you|your|we|our|us|it|that|this|think|know|feel|"
            r"guess|mean|really|"
            r"just|actually|like|well|so|stuff|things?|lot|got|get|kind of|sort of|maybe|okay|yeah|"
            r"basically)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\w{3,}(?:tions?|ments?|ness|ity|ities|ances?|ences?|isms?)\b|\b(?:of|in|by|which|whose|whom|"
            r"upon|therefore|"
            r"thus|moreover|furthermore|through|between|within|for|with|from|among|via|toward|towards)\b|"
            r"\b(?:is|are|was|were|be|been) \w+ed\b",
            re.IGNORECASE,
        ),
    ),
    "zh": (
        re.compile(
            r"我|你|嗯|啊|吧|呢|嘛|哦|就是|然后|那个|这个|挺|觉得|比较|特别|其实|反正|可能|大概|这样|那种|了"
        ),
        re.compile(
            r"之|其|该|与|及|将|并|且|为|所|若|此|则|而|以|等|进行|实现|通过|相关|能够|一种|无论|仿佛|着|"
            r"每|各"
        ),
    ),
}


def read_aloud(utterances: Sequence[TranscriptFinal], language: Language) -> Flag | None:
    """The flag `read-aloud` with its figures, or None: no strong evidence, or too little speech."""
    figures = reading_figures([word for one in utterances for word in one.words], language)
    if figures is None or not looks_read(figures):
        return None
    told = sentences(utterances)
    chosen = sorted(told, key=lambda one: -register(one.text, language))[:MOST_QUOTES]
    quoted = [one for one in told if one in chosen]
    return Flag(name="read-aloud", evidence=tuple(map(_evidence, quoted)), detail=figures)


def reading_figures(words: Sequence[Word], language: Language) -> dict[str, float] | None:
    """words, seconds, fillers, repairs, articulation_spread and register; None: too little to say anything.

    `repairs`: words said twice in a row. `articulation_spread`: standard deviation over mean of the syllables
    a second of spoken time in runs of six words. `register`: signs of writing less signs of talk, per word.
    """
    if not words:
        return None
    text = " ".join(word.text.strip() for word in words)
    units, seconds = count_words(text), words[-1].end - words[0].start
    rates = _rates(words)
    if units < MIN_UNITS[language] or seconds < MIN_SECONDS or len(rates) < MIN_RUNS:
        return None
    plain = [re.sub(r"\W", "", word.text).lower() for word in words]
    return {
        "words": float(units),
        "seconds": round(seconds, 1),
        "fillers": float(count_fillers(words)),
        "repairs": float(sum(a == b != "" for a, b in pairwise(plain)) if language == "en" else 0),
        "articulation_spread": round(pstdev(rates) / fmean(rates), 3),
        "register": round(register(text, language), 3),
    }


def looks_read(figures: dict[str, float]) -> bool:
    """All signs together, of figures as `reading_figures` gives them."""
    return (
        figures["fillers"] + figures["repairs"] == 0
        and figures["articulation_spread"] <= EVEN
        and figures["register"] >= WRITTEN
    )


def register(text: str, language: Language) -> float:
    """Signs of writing less signs of talk, per word (Mandarin: per character)."""
    talk, writing = _REGISTER[language]
    return (len(writing.findall(text)) - len(talk.findall(text))) / max(count_words(text), 1)


def _rates(words: Sequence[Word]) -> list[float]:
    runs = [words[start : start + RUN] for start in range(0, len(words) - RUN + 1, RUN)]
    spoken = [(sum(syllables(w.text) for w in run), sum(w.end - w.start for w in run)) for run in runs]
    return [count / time for count, time in spoken if time > 0 and count > 0]


def _evidence(one: Sentence) -> Evidence:
    return Evidence(quote=one.text, start=one.start, end=one.end)
