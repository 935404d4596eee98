"""An answer as sentences with media times: what is sent to be rated, and what evidence points at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interviews.events import TranscriptFinal

# A Latin full stop ends a sentence only before a space: 3.5 and example.com stay whole.
_SENTENCE = re.compile(r".+?(?:[。！？!?…]+[”’」』\"')]*|\.+(?=\s|$)[\"')]*|$)", re.DOTALL)
_WORDLESS = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`start` and `end` in seconds on the media clock."""

    text: str
    start: float
    end: float


def sentences(utterances: Iterable[TranscriptFinal]) -> tuple[Sentence, ...]:
    """Split at the punctuation of the transcript; an utterance never shares a sentence with the next.

    A pause long enough to end an utterance mostly ends a sentence too, and where the recogniser wrote no
    punctuation it is the only sign there is.
    """
    return tuple(sentence for utterance in utterances for sentence in _split(utterance))


def _split(utterance: TranscriptFinal) -> Iterable[Sentence]:
    text = utterance.text
    times = _character_times(utterance)
    for match in _SENTENCE.finditer(text):
        if _WORDLESS.fullmatch(match.group()):
            continue
        inside = [span for at, span in times if match.start() <= at < match.end()]
        start = inside[0][0] if inside else utterance.start
        end = inside[-1][1] if inside else utterance.end
        yield Sentence(match.group().strip(), start, max(start, end))


def _character_times(utterance: TranscriptFinal) -> list[tuple[int, tuple[float, float]]]:
    """Where in the text each word begins, with its times; words that the text does not show are left out."""
    placed = []
    cursor = 0
    for word in utterance.words:
        shown = word.text.strip()
        at = utterance.text.find(shown, cursor) if shown else -1
        if at >= 0:
            placed.append((at, (word.start, word.end)))
            cursor = at + len(shown)
    return placed
