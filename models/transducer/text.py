"""Labels of one utterance → text that only grows, and words with times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokenizers.decoders import DecodeStream

from models.streaming import TimedWord
from models.whisper.words import spans


class Wording:
    """What an utterance said so far. `frame_s`: seconds of an encoder frame.

    Greedy transducer labels are never taken back, so all text is stable.
    """

    def __init__(self, tokenizer: Any, frame_s: float) -> None:
        self._tokenizer, self._frame_s = tokenizer, frame_s
        self._stream = DecodeStream(skip_special_tokens=True)
        self._pieces: list[tuple[str, int]] = []  # whole characters, and of how many labels
        self._pending = 0  # labels of a character that is not yet whole
        self._frames: list[int] = []
        self._chances: list[float] = []
        self.text = ""

    def add(self, token: int, frame: int, probability: float) -> None:
        """The next label; `frame` counts encoder frames from the utterance's begin."""
        self._frames.append(frame)
        self._chances.append(probability)
        self._pending += 1
        piece = self._stream.step(self._tokenizer, token)
        if piece is not None:
            self._pieces.append((piece, self._pending))
            self._pending = 0
            self.text = (self.text + piece).lstrip()

    def words(self, longest_s: float) -> tuple[TimedWord, ...]:
        """Words from the frames of their labels, none after `longest_s`; probability: mean of their labels'.

        A transducer writes a label when it is sure of it, often some frames after it was said.
        """
        found = []
        for span in spans(_contracted(self._pieces)):
            chances = self._chances[span.first : span.last]
            start = min(self._frames[span.first] * self._frame_s, longest_s)
            end = min((self._frames[span.core - 1] + 1) * self._frame_s, longest_s)
            found.append(TimedWord(span.text, round(start, 2), round(end, 2), sum(chances) / len(chances)))
        return tuple(found)


def _contracted(pieces: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Apostrophes go with the letters before them: alone they would open a quotation."""
    found: list[tuple[str, int]] = []
    for text, count in pieces:
        if text in ("'", "’") and found and found[-1][0][-1:].isalpha():
            before, length = found.pop()
            text, count = before + text, length + count
        found.append((text, count))
    return found
