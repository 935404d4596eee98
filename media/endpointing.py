"""Where utterances begin and end: voice activity with hysteresis, pre-roll, and cuts that split no word."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from media.items import MediaItem, Pcm, TurnEnded, UtteranceEnded, UtteranceSound, UtteranceStarted
from media.settings import EndpointingSettings
from media.sound import SAMPLE_RATE, SoundBlock
from media.voice import VoiceMeter

CHUNK = 512  # samples: what the voice activity model hears at a time, 32 ms
CHUNK_S = CHUNK / SAMPLE_RATE
FLOOR_DBFS = -100.0


class VoiceActivityModel(Protocol):
    """`models.vad.VoiceActivity`: float32[512] at 16 kHz, and a state, to (probability, next state)."""

    def new_state(self) -> Any: ...
    def __call__(self, chunk: NDArray[np.float32], state: Any, /) -> tuple[float, Any]: ...


def dbfs(power: float) -> float:
    """Mean square of int16 samples as dB relative to full scale; a full-scale square wave is 0."""
    return max(FLOOR_DBFS, 10 * math.log10(power / 32768.0**2 + 1e-12))


@dataclass(slots=True)
class _Chunk:
    pcm: Pcm
    probability: float
    power: float
    silent: bool = False  # in the open utterance, by the hysteresis


class Endpointer:
    """Turns one session's sound into utterances.

    Speech of `min_speech_s` opens an utterance, which begins `pre_roll_s` earlier; `end_silence_s` of
    silence ends it, of which `post_roll_s` are handed on. Sound is handed on once, without gaps within an
    utterance, and two utterances never share a sample. None is longer than `max_s`: from `easy_cut_after_s`
    on, speech that resumes after a pause of `easy_cut_pause_s` goes to a new utterance; failing that, the
    last `search_s` are held back and cut in their longest pause, or where they are quietest.

    Hysteresis: speech is what reaches `on`; from there doubt (down to `off`) counts as speech, and after a
    chunk of silence as silence. Speech is lost only where it is shorter than `min_speech_s` and stands alone.
    An utterance's end is a pause; `turn_silence_s` of silence is the end of a turn (`TurnEnded`).
    """

    MAX_GAP = 3  # chunks of doubt that the first min_speech_s of an utterance may contain

    def __init__(
        self,
        settings: EndpointingSettings,
        voice_activity: VoiceActivityModel,
        first_utterance: int = 1,
        meter: VoiceMeter | None = None,
    ) -> None:
        def chunks(seconds: float, rounded: Callable[[float], int] = round) -> int:
            return rounded(seconds / CHUNK_S)

        self._settings = settings
        self._voice_activity = voice_activity
        self._meter = meter or VoiceMeter()
        self._state: Any = None
        self._origin = 0.0  # media time of the stretch's first sample
        self._heard = 0  # samples of this stretch that were cut into chunks
        self._rest: Pcm = np.zeros(0, np.int16)
        self._recent: deque[_Chunk] = (
            deque()
        )  # while no utterance is open: pre-roll and what may become speech
        self._voiced = self._doubt = self._since_onset = 0
        self._open = False
        self._silence = 0
        self._held: list[_Chunk] = []  # of the open utterance, not handed on yet
        self._turn_of: int | None = None  # the utterance after which it is silent
        self._turn_told = False
        self._quiet = 0  # chunks since its last speech
        self._turn_ends = [chunks(s, math.ceil) for s in (settings.turn_silence_s, settings.turn_sure_s)]
        self._pre_roll = chunks(settings.pre_roll_s)
        self._post_roll = chunks(settings.post_roll_s)
        self._min_speech = max(1, chunks(settings.min_speech_s, math.ceil))
        self._end_silence = max(1, chunks(settings.end_silence_s))
        self._max = chunks(settings.max_s, math.floor)
        self._search_from = self._max - chunks(settings.search_s)
        self._easy_after = chunks(settings.easy_cut_after_s)
        self._easy_pause = max(1, chunks(settings.easy_cut_pause_s))
        self._piece = max(1, chunks(settings.piece_s))
        self.next_utterance = first_utterance
        self._restart(0.0)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open and its last chunk was not silence."""
        return self._open and self._silence == 0

    def hear(self, block: SoundBlock) -> list[MediaItem]:
        items: list[MediaItem] = []
        if block.restarted:
            items += self.finish()
            self._restart(block.time)
        pcm = np.concatenate([self._rest, block.pcm]) if self._rest.size else block.pcm
        whole = pcm.size - pcm.size % CHUNK
        self._rest = pcm[whole:]
        for start in range(0, whole, CHUNK):
            items += self._hear_chunk(pcm[start : start + CHUNK])
        return items

    def finish(self) -> list[MediaItem]:
        """Ends the open utterance, if any, with every sample heard that belongs to it."""
        if not self._open:
            return []
        if self._silence == 0 and self._rest.size:
            self._held.append(_Chunk(self._rest, 0.0, 0.0))
            self._heard += self._rest.size
            self._rest = self._rest[:0]
        return self._end()

    def _restart(self, time: float) -> None:
        self._state = self._voice_activity.new_state()
        self._origin, self._heard = time, 0
        self._rest = self._rest[:0]
        self._recent.clear()
        self._voiced = self._doubt = self._since_onset = 0
        self._quiet = 0  # what was not heard is no silence

    def _hear_chunk(self, pcm: Pcm) -> list[MediaItem]:
        wave = pcm.astype(np.float32)
        power = float(np.mean(wave * wave))
        wave *= np.float32(1 / 32768)
        probability, self._state = self._voice_activity(wave, self._state)
        self._heard += CHUNK
        if probability < self._settings.off:
            self._meter.pause(wave, power)
        chunk = _Chunk(pcm, probability, power)
        return self._go_on(chunk) if self._open else self._wait(chunk)

    def _wait(self, chunk: _Chunk) -> list[MediaItem]:
        self._recent.append(chunk)
        if self._voiced or chunk.probability >= self._settings.on:
            self._since_onset += 1
            if chunk.probability >= self._settings.off:
                self._voiced, self._doubt = self._voiced + 1, 0
            else:
                self._doubt += 1
            if self._doubt > self.MAX_GAP:
                self._voiced = self._doubt = self._since_onset = 0
            elif self._voiced >= self._min_speech:
                return self._start()
        while len(self._recent) > self._pre_roll + self._since_onset:
            self._recent.popleft()
        return self._be_quiet()

    def _be_quiet(self) -> list[MediaItem]:
        """One more chunk after an utterance; what may become speech holds the end of the turn back."""
        self._quiet += 1
        soft, sure = self._turn_ends
        if self._turn_of is None or self._voiced or self._quiet < (sure if self._turn_told else soft):
            return []
        now = self._origin + self._heard / SAMPLE_RATE
        ended = TurnEnded(now, self._turn_of, self._quiet * CHUNK_S, self._quiet >= sure)
        self._turn_told = True
        if ended.sure:
            self._turn_of = None
        return [ended]

    def _start(self) -> list[MediaItem]:
        held = list(self._recent)[-(self._pre_roll + self._since_onset) :]
        self._recent.clear()
        self._voiced = self._doubt = self._since_onset = 0
        self._turn_of = None
        return self._open_with(held, self._heard - CHUNK * len(held))

    def _open_with(self, held: list[_Chunk], first_sample: int) -> list[MediaItem]:
        """Opens the next utterance with these chunks, the first of which starts at `first_sample`."""
        self._open = True
        self._utterance, self.next_utterance = self.next_utterance, self.next_utterance + 1
        self._began = self._origin + first_sample / SAMPLE_RATE
        self._sent = 0  # samples of it that were handed on
        self._length = len(held)
        self._held = held
        self._silence = 0
        for chunk in held:
            self._count_silence(chunk)
        self._power_sum, self._power_count = 0.0, 0
        self._meter.begin()
        started: list[MediaItem] = [UtteranceStarted(self._began, self._utterance)]
        return started + self._hand_on(self._ready())

    def _go_on(self, chunk: _Chunk) -> list[MediaItem]:
        resumed = self._silence if chunk.probability >= self._settings.on else 0
        if resumed >= self._easy_pause and self._length >= self._easy_after:
            items = self._hand_on(len(self._held) - resumed + min(self._post_roll, resumed // 2))
            left, self._held = self._held, []
            items += self._close()
            return items + self._open_with([*left, chunk], self._heard - CHUNK * (len(left) + 1))
        self._held.append(chunk)
        self._length += 1
        self._count_silence(chunk)
        if self._silence >= self._end_silence:
            return self._end()
        if self._length >= self._max:
            return self._cut()
        ready = self._ready()
        return self._hand_on(ready) if ready >= self._piece else []

    def _count_silence(self, chunk: _Chunk) -> None:
        if chunk.probability >= self._settings.on:
            self._silence = 0
        elif self._silence or chunk.probability < self._settings.off:
            self._silence += 1
        chunk.silent = self._silence > 0

    def _ready(self) -> int:
        """How many held chunks belong to the utterance whatever comes next."""
        ours = self._post_roll
        if self._length + self._end_silence >= self._easy_after:  # this pause may be shared with the next one
            ours = min(ours, self._easy_pause // 2)
        ready = len(self._held) - max(0, self._silence - ours)
        beyond = max(0, self._length - self._search_from)
        return max(0, min(ready, len(self._held) - beyond))

    def _hand_on(self, count: int) -> list[MediaItem]:
        items: list[MediaItem] = []
        while count > 0:
            piece = self._held[: min(count, self._piece)]
            del self._held[: len(piece)]
            count -= len(piece)
            for chunk in piece:
                speech = chunk.probability >= self._settings.off
                self._meter.add(chunk.pcm, chunk.power, speech=speech)
                if speech:
                    self._power_sum += chunk.power
                    self._power_count += 1
            pcm = np.concatenate([chunk.pcm for chunk in piece])
            time = self._began + self._sent / SAMPLE_RATE
            items.append(UtteranceSound(time, self._utterance, self._sent, pcm))
            self._sent += pcm.size
        return items

    def _end(self) -> list[MediaItem]:
        """The utterance is over; silence beyond the post-roll may become the next one's pre-roll."""
        keep = len(self._held) - max(0, self._silence - self._post_roll)
        items = self._hand_on(keep)
        self._recent = deque(self._held[-self._pre_roll :] if self._pre_roll else ())
        self._held = []
        self._turn_of, self._turn_told, self._quiet = self._utterance, False, self._silence
        return items + self._close()

    def _close(self) -> list[MediaItem]:
        self._open = False
        self._silence = 0
        power = self._power_sum / self._power_count if self._power_count else 0.0
        end = self._began + self._sent / SAMPLE_RATE
        now = self._origin + self._heard / SAMPLE_RATE
        signal = self._meter.end()
        return [UtteranceEnded(max(now, end), self._utterance, self._began, end, dbfs(power), signal)]

    def _cut(self) -> list[MediaItem]:
        """The utterance is as long as it may be: cut where it hurts least, go on in a new one."""
        cut = self._best_cut()
        if cut is None:
            return self._end()
        left = self._held[cut:]
        del self._held[cut:]
        items = self._hand_on(cut) + self._close()
        return items + self._open_with(left, self._heard - CHUNK * len(left))

    def _best_cut(self) -> int | None:
        """Index into the held chunks: the middle of the longest (then quietest) pause, or the quietest place.

        A pause that still lasts does not count: what follows a cut has to hold speech. None: there is next to
        nothing but such a pause, and the utterance may as well end in it.
        """
        best, cut, start = (0, -math.inf), -1, 0
        for index, chunk in enumerate(self._held):
            if chunk.silent:
                continue
            if index > start:
                power = sum(silent.power for silent in self._held[start:index]) / (index - start)
                best, cut = max((best, cut), ((index - start, -power), (start + index + 1) // 2))
            start = index + 1
        if cut >= 0:
            return cut
        if start < 3:
            return None if self._silence else len(self._held) - 1
        powers = np.convolve([chunk.power for chunk in self._held[:start]], np.ones(3) / 3, "valid")
        return int(np.argmin(powers)) + 1
