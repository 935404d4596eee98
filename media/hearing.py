"""One session's sound, from encoded packets to items; the work is done on the sound thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media.encoded import EncodedFrame
from media.endpointing import Endpointer, VoiceActivityModel, dbfs
from media.items import MediaItem, SoundLevel
from media.settings import MediaSettings
from media.sound import SAMPLE_RATE, SoundBlock, SoundStream, joined
from media.voice import PitchModel, VoiceMeter
from media.worker import Worker

LEVEL_SAMPLES = SAMPLE_RATE  # one level per second
TELL_S = 0.1  # of loudness are told at once: a silent microphone shows within seconds, not milliseconds
LONG_S = 0.06  # between two packets: three times what is usual


@dataclass(frozen=True, slots=True)
class Heard:
    """What some packets added. `loudness`: (media time at its end, dBFS) of each block."""

    items: list[MediaItem]
    loudness: list[tuple[float, float]]


class Hearing:
    """`push` packets on the event loop; `deliver` is called on the sound thread with what they added.

    Packets of `sound_gather_s` are worked through together, of all sessions at once, which costs far less
    than one by one.

    The queue holds ten seconds. It overflows only when the sound thread hangs; what is dropped then counts as
    lost sound.
    """

    QUEUE = 500

    def __init__(
        self,
        settings: MediaSettings,
        voice_activity: VoiceActivityModel,
        worker: Worker,
        deliver: Callable[[Heard], None],
        first_utterance: int = 1,
        pitch: PitchModel | None = None,
    ) -> None:
        self._gather_s = settings.sound_gather_s
        self._worker = worker
        self._deliver = deliver
        self._lock = threading.Lock()
        self._queue: deque[tuple[EncodedFrame, float]] = deque()
        self._scheduled = False
        self._overflowed = 0
        self._came = 0.0  # arrival of the newest packet
        self._stream = SoundStream(settings)
        self._endpointer = Endpointer(
            settings.endpointing, voice_activity, first_utterance, VoiceMeter(pitch)
        )
        self._power_sum, self._samples = 0.0, 0
        self._untold: list[tuple[float, float]] = []  # loudness

    @property
    def lost_ms(self) -> float:
        """Sound that was lost so far: on the way, or in this queue (20 ms a packet)."""
        return self._stream.lost_ms + 20.0 * self._overflowed

    @property
    def heard_ms(self) -> float:
        """Sound that came and was decoded so far."""
        return self._stream.heard_ms

    @property
    def waiting(self) -> int:
        """Packets that have come and are not decoded yet; at most `QUEUE`."""
        return len(self._queue)

    @property
    def next_utterance(self) -> int:
        return self._endpointer.next_utterance

    def push(self, frame: EncodedFrame, arrival: float) -> None:
        with self._lock:
            if len(self._queue) >= self.QUEUE:
                self._queue.popleft()
                self._overflowed += 1
            self._queue.append((frame, arrival))
            waited, self._came = arrival - self._came, arrival
            if self._scheduled:
                return
            self._scheduled = True
        # Sound that was waited for already, as behind a lost packet, waits for no other session.
        self._worker.submit(self._run, together_s=0.0 if waited > LONG_S else self._gather_s)

    def finish(self, done: Callable[[], None]) -> None:
        """After everything pushed so far: ends the open utterance and calls `done`, on the sound thread."""

        def end() -> None:
            self._run()
            heard = self._hear(self._stream.flush())
            heard.items.extend(self._endpointer.finish())
            self._deliver(Heard(heard.items, self._untold + heard.loudness))
            self._untold = []
            done()

        self._worker.submit(end)

    def _run(self) -> None:
        with self._lock:
            packets, self._queue = self._queue, deque()
            self._scheduled = False
        blocks = joined(
            [block for frame, arrival in packets for block in self._stream.decode(frame, arrival)]
        )
        if not blocks:
            return
        heard = self._hear(blocks)
        self._untold += heard.loudness
        if heard.items or (self._untold and self._untold[-1][0] - self._untold[0][0] >= TELL_S):
            self._deliver(Heard(heard.items, self._untold))
            self._untold = []

    def _hear(self, blocks: list[SoundBlock]) -> Heard:
        heard = Heard([], [])
        for block in blocks:
            heard.items.extend(self._endpointer.hear(block))
            wave = block.pcm.astype(np.float32)
            power = float(np.dot(wave, wave))
            end = block.time + block.pcm.size / SAMPLE_RATE
            heard.loudness.append((end, dbfs(power / block.pcm.size)))
            self._power_sum += power
            self._samples += block.pcm.size
            if self._samples >= LEVEL_SAMPLES:
                level = dbfs(self._power_sum / self._samples)
                heard.items.append(SoundLevel(end, level, self._endpointer.speaking))
                self._power_sum, self._samples = 0.0, 0
        return heard
