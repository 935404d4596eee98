"""Whole utterances through a recognizer of clips: cut where they are too long, decoded as one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.streaming import SAMPLE_RATE, FinalText, Language, Pcm, Said, TimedWord

Clip = NDArray[np.float32]

# Whisper hears 30 s at once. Endpointing ends utterances at half of that; what is longer all the same is cut.
LONGEST_S = 28.0
_CUT_WITHIN_S = 3.0
_SHORTEST = SAMPLE_RATE // 10
_STILL = 6  # of 65,536 steps, peak to peak: rounding, whatever the level that it rides on


@dataclass(frozen=True, slots=True)
class Before:
    """Sound that goes directly before a clip, and the text that it is known to say."""

    clip: Clip
    text: str


class Word(Protocol):
    """One word of a transcript; seconds from the clip's first sample."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def probability(self) -> float: ...


class Transcript(Protocol):
    """The text of one clip, empty when nobody spoke in it."""

    @property
    def text(self) -> str: ...
    @property
    def words(self) -> Sequence[Word]: ...


class ClipRecognizer(Protocol):
    """`models.whisper.Whisper`; clips are float32 mono at 16 kHz, one batch per call."""

    @property
    def name(self) -> str: ...
    @property
    def languages(self) -> tuple[Language, ...]: ...
    def transcribe(
        self,
        clips: Sequence[Clip],
        languages: Sequence[Language],
        *,
        word_times: bool,
        beams: int = 1,
        before: Sequence[Before | None] | None = None,
    ) -> Sequence[Transcript]: ...
    def detect_language(self, clips: Sequence[Clip]) -> Sequence[Language]: ...


def as_float(pcm: Pcm) -> Clip:
    """int16 to float32 in -1 … 1, the recognizer's input."""
    return pcm.astype(np.float32) / 32768.0


def pieces(pcm: Pcm) -> list[Pcm]:
    """The utterance in clips of at most `LONGEST_S`, cut at quiet tenths of a second."""
    limit, within, window = int(LONGEST_S * SAMPLE_RATE), int(_CUT_WITHIN_S * SAMPLE_RATE), SAMPLE_RATE // 10
    found: list[Pcm] = []
    while pcm.size > limit:
        tail = pcm[limit - within : limit].astype(np.float64).reshape(-1, window)
        quietest = int(np.argmin((tail**2).mean(axis=1)))
        cut = limit - within + quietest * window + window // 2
        found.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*found, pcm]


def transcribe(
    recogniser: ClipRecognizer,
    sounds: Sequence[Pcm],
    languages: Sequence[Language | None],
    *,
    word_times: bool,
    beams: int = 1,
    before: Sequence[Sequence[Said]] = (),
) -> list[FinalText]:
    """The texts of some utterances, decoded as one batch. None: detect the language.

    `before`: of each, what was said directly before it. Where it is of another language it is left out.
    Next to no sound, and sound that does not move, has an empty text. Raises whatever the recognizer raises.
    """
    clips = [[as_float(piece) for piece in pieces(pcm)] if _moves(pcm) else [] for pcm in sounds]
    unknown = [i for i, language in enumerate(languages) if language is None and clips[i]]
    detected = recogniser.detect_language([clips[i][0] for i in unknown]) if unknown else []
    found = dict(zip(unknown, detected, strict=True))
    spoken = [language or found.get(i, "en") for i, language in enumerate(languages)]
    flat = [(i, clip) for i, of_one in enumerate(clips) for clip in of_one]
    transcripts: Sequence[Transcript] = ()
    if flat:
        firsts = {i: _before(said, spoken[i]) for i, said in enumerate(before) if clips[i]}
        transcripts = recogniser.transcribe(
            [clip for _, clip in flat],
            [spoken[i] for i, _ in flat],
            word_times=word_times,
            beams=beams,
            before=[firsts.pop(i, None) for i, _ in flat],  # a later piece goes without
        )
    parts: list[list[tuple[Clip, Transcript]]] = [[] for _ in sounds]
    for (i, clip), transcript in zip(flat, transcripts, strict=True):
        parts[i].append((clip, transcript))
    return [_joined(of_one, language) for of_one, language in zip(parts, spoken, strict=True)]


def _before(said: Sequence[Said], language: Language) -> Before | None:
    """The last of them that are in this language, as one."""
    known: list[Said] = []
    for each in reversed(said):
        if each.language != language:
            break
        known.insert(0, each)
    if not known:
        return None
    text = ("" if language == "zh" else " ").join(each.text for each in known)
    return Before(np.concatenate([as_float(each.pcm) for each in known]), text)


def _moves(pcm: Pcm) -> bool:
    return pcm.size >= _SHORTEST and int(pcm.max()) - int(pcm.min()) > _STILL


def _joined(parts: Sequence[tuple[Clip, Transcript]], language: Language) -> FinalText:
    """The pieces of one utterance put together, word times counted from its first sample."""
    texts: list[str] = []
    words: list[TimedWord] = []
    start = 0.0
    for clip, transcript in parts:
        text = transcript.text.strip()
        if text:
            texts.append(text)
            words += (
                TimedWord(w.text, round(start + w.start, 3), round(start + w.end, 3), float(w.probability))
                for w in transcript.words
            )
        start += clip.size / SAMPLE_RATE
    return FinalText(("" if language == "zh" else " ").join(texts), language, tuple(words))
