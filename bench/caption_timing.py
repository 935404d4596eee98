"""What people see of captions: how late each word is shown, and how many shown words are taken back.

A word is what white space separates, a Han character by itself; case and punctuation do not count.

- *Word latency*: from the end of the word in the sound (its time in the final) to the first caption that
  shows it, partial or final; captions are aligned with the final by matching blocks (`difflib`). A word that
  no partial showed counts with the final, so none is left out.
- *First partial*: from where voice activity finds the utterance's speech to the first text shown of it.
- *Final latency*: from the last speech of the utterance (or its cut) to its final, the silence that
  endpointing waits for included; *after the endpoint*: from endpointing's decision.
- *Rolled back*: words of a partial that the next caption, partial or final, does not hold any more, among all
  words that partials showed. Each counts once when it appears and at most once when it goes. A word is
  *stable* once a partial said so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from bench.stream_session import Utterance
from inference.messages import Caption

_UNIT = re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


@dataclass(slots=True)
class Timing:
    """Milliseconds, and counts of words."""

    word_ms: list[float] = field(default_factory=list)
    word_ends_s: list[float] = field(default_factory=list)  # of the same words, in the recording
    first_by_final: int = 0  # words that no partial had shown
    first_partial_ms: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    after_endpoint_ms: list[float] = field(default_factory=list)
    shown: int = 0
    rolled_back: int = 0
    stable: int = 0
    stable_rolled_back: int = 0

    def add(self, utterance: Utterance) -> None:
        """Counts one utterance that has its final."""
        first = next((at for at, caption in utterance.captions if caption.text.strip()), None)
        if first is not None:
            self.first_partial_ms.append(1000 * (first - utterance.onset))
        at, final = utterance.captions[-1]
        self.final_ms.append(1000 * (at - utterance.speech_end))
        self.after_endpoint_ms.append(1000 * (at - utterance.ended_at))
        self._words(utterance, final)
        self._rollback(utterance)

    def _words(self, utterance: Utterance, final: Caption) -> None:
        said = [(unit, word.end) for word in final.words for unit in units(word.text)]
        shown_at: dict[int, float] = {}
        for at, caption in utterance.captions:
            if caption.final:
                self.first_by_final += len(said) - len(shown_at)
                found: list[int] = list(range(len(said)))
            else:
                found = [b for _, b in _common(units(caption.text), [unit for unit, _ in said])]
            for place in found:
                shown_at.setdefault(place, at)
        for place, (_, end) in enumerate(said):
            ended = utterance.start + end
            self.word_ends_s.append(ended)
            self.word_ms.append(1000 * (shown_at[place] - ended))

    def _rollback(self, utterance: Utterance) -> None:
        before: list[str] = []
        stable: list[bool] = []
        for _, caption in utterance.captions:
            now = units(caption.text)
            kept = dict(_common(before, now))
            gone = [place for place in range(len(before)) if place not in kept]
            self.rolled_back += len(gone)
            self.stable_rolled_back += sum(stable[place] for place in gone)
            self.shown += 0 if caption.final else len(now) - len(kept)
            were = {after: stable[place] for place, after in kept.items()}
            told = 0 if caption.final else len(units(caption.text[: caption.stable]))
            after = [were.get(place, False) or place < told for place in range(len(now))]
            self.stable += sum(is_stable and not were.get(i, False) for i, is_stable in enumerate(after))
            before, stable = now, after


def units(text: str) -> list[str]:
    """Words as they are compared: no case, no punctuation."""
    keys = (
        "".join(c for c in unit.casefold() if unicodedata.category(c)[0] in "LNM")
        for unit in _UNIT.findall(text)
    )
    return [key for key in keys if key]


def _common(first: list[str], second: list[str]) -> list[tuple[int, int]]:
    """Places in both of what they have in common, in order."""
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return [(block.a + i, block.b + i) for block in blocks for i in range(block.size)]
