"""When the candidate seems to have finished: the silence that media hears, weighed with the words so far."""

from __future__ import annotations

from collections.abc import Callable

from interviews import events
from interviews.events import Payload, TranscriptFinal
from interviews.turns import breaks_off
from media.items import TurnEnded


class Turns:
    """Notes `turn.ended` once for each turn that holds words.

    The shorter silence is enough when the last final does not break off; else, and where the words do not
    come, the longer one decides. Speech or a question in between takes back what was not told yet.
    """

    def __init__(self, now: Callable[[], float], note: Callable[[float, Payload], None]) -> None:
        self._now = now
        self._note = note
        self._silence: TurnEnded | None = None
        self._begun = 0  # the newest utterance that began
        self._before = 0  # the newest that belongs to a turn that is over
        self._finals = 0  # the newest whose words have come
        self._said: tuple[int, str] | None = None  # the last words of this turn, and their utterance

    def speaks(self, utterance: int) -> None:
        self._begun = max(self._begun, utterance)
        self._silence = None

    def asked(self) -> None:
        """A new question: the silence after it is the candidate's thinking."""
        self._before, self._silence, self._said = self._begun, None, None

    def says(self, final: TranscriptFinal) -> None:
        self._finals = max(self._finals, final.utterance)
        if final.text.strip() and final.utterance > max(self._before, self._said[0] if self._said else 0):
            self._said = final.utterance, final.text
        if self._silence is not None:
            self._decide(self._silence, self._now())

    def silent(self, silence: TurnEnded) -> None:
        if silence.utterance > self._before:
            self._silence = silence
            self._decide(silence, silence.media_time)

    def _decide(self, silence: TurnEnded, at: float) -> None:
        known = self._finals >= silence.utterance
        if not known and not silence.sure:
            return
        if known and self._said is None:  # a cough, a door
            self._silence = None
            return
        broken = self._said is not None and breaks_off(self._said[1])
        if broken and not silence.sure:
            return
        self._before, self._silence, self._said = silence.utterance, None, None
        self._note(
            at,
            events.TurnEnded(
                utterance=silence.utterance, silence_s=round(silence.silence_s, 2), broken_off=broken
            ),
        )
