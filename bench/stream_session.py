"""One recording on its way through endpointing, and all that came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inference.messages import SAMPLE_RATE, Caption, UtteranceChunk
from media.endpointing import Endpointer, VoiceActivityModel
from media.items import MediaItem, UtteranceEnded, UtteranceSound, UtteranceStarted
from media.settings import EndpointingSettings
from media.sound import SoundBlock

BLOCK = SAMPLE_RATE // 50  # 20 ms, as an Opus packet
_MOST = SAMPLE_RATE  # taken at once by a session that is behind: the others have their turn

Pcm = NDArray[np.int16]
Spoken = Literal["auto", "en", "zh"]


@dataclass(frozen=True, slots=True)
class Recording:
    """int16 mono at 16 kHz. `language`: what the recogniser is told."""

    name: str
    pcm: Pcm
    language: Spoken


@dataclass(slots=True)
class Utterance:
    """Seconds from the recording's first sample.

    `ended_at` and the captions' times say when it happened, on a clock that runs with the recording: what is
    shown at 3.2 came 3.2 s after the first sample was spoken (at speed 1).
    """

    start: float
    onset: float  # where speech begins: the pre-roll is over
    end: float = 0.0
    speech_end: float = 0.0  # where speech ends: the post-roll begins, or the cut
    ended_at: float = 0.0  # when endpointing said so
    captions: list[tuple[float, Caption]] = field(default_factory=list)

    @property
    def final(self) -> Caption | None:
        return next((caption for _, caption in self.captions if caption.final), None)


@dataclass(slots=True)
class Streamed:
    """What came of one recording; utterances by number, in the order they were spoken."""

    recording: Recording
    utterances: dict[int, Utterance] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The finals put together, without spaces when all are Mandarin."""
        finals = [u.final for u in self.utterances.values()]
        said = [(final.text.strip(), final.language) for final in finals if final and final.text.strip()]
        mandarin = bool(said) and all(language == "zh" for _, language in said)
        return ("" if mandarin else " ").join(text for text, _ in said)


class Session:
    """Speaks one recording. `now`: seconds of the recording that have passed on the clock."""

    def __init__(
        self,
        recording: Recording,
        endpointing: EndpointingSettings,
        activity: VoiceActivityModel,
        now: Callable[[], float],
    ) -> None:
        self.streamed = Streamed(recording)
        self.now = now
        self._settings = endpointing
        self._endpointer = Endpointer(endpointing, activity)
        # Speech that lasts to the end needs the silence after which an utterance counts as ended.
        tail = round((endpointing.end_silence_s + endpointing.post_roll_s + 0.5) / 0.02) * BLOCK
        pad = -recording.pcm.size % BLOCK
        self._pcm = np.concatenate([recording.pcm, np.zeros(pad + tail, np.int16)])
        self._position = 0

    @property
    def name(self) -> str:
        return self.streamed.recording.name

    @property
    def due(self) -> float | None:
        """When the next block has been spoken, on the session's clock; None after the last."""
        return None if self._position == self._pcm.size else (self._position + BLOCK) / SAMPLE_RATE

    @property
    def answered(self) -> bool:
        return all(u.final is not None for u in self.streamed.utterances.values())

    def speak(self) -> Iterator[UtteranceChunk]:
        """What endpointing hands on of the blocks that have been spoken by now."""
        reach = min(self.now() * SAMPLE_RATE, self._position + _MOST, self._pcm.size)
        while self._position + BLOCK <= reach:
            block = self._pcm[self._position : self._position + BLOCK]
            items = self._endpointer.hear(
                SoundBlock(self._position / SAMPLE_RATE, block, restarted=self._position == 0)
            )
            self._position += BLOCK
            if self._position == self._pcm.size:
                items += self._endpointer.finish()
            for item in items:
                yield from self._chunk(item)

    def _chunk(self, item: MediaItem) -> Iterator[UtteranceChunk]:
        language = self.streamed.recording.language
        match item:
            case UtteranceStarted():
                onset = item.media_time + (self._settings.pre_roll_s if item.media_time > 0 else 0)
                self.streamed.utterances[item.utterance] = Utterance(item.media_time, onset)
            case UtteranceSound():
                yield UtteranceChunk(self.name, item.utterance, language, item.offset, item.pcm, final=False)
            case UtteranceEnded():
                utterance = self.streamed.utterances[item.utterance]
                utterance.end, utterance.ended_at = item.end, self.now()
                paused = item.media_time - item.end > self._settings.end_silence_s / 4
                utterance.speech_end = item.end - (self._settings.post_roll_s if paused else 0.0)
                length = round((item.end - item.start) * SAMPLE_RATE)
                nothing = np.zeros(0, np.int16)
                yield UtteranceChunk(self.name, item.utterance, language, length, nothing, final=True)
