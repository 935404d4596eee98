"""One session's picture, from encoded frames to items; the work is done on the picture thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np

from media.clock import RtpTimeline
from media.decoders import PictureDecoder
from media.encoded import EncodedFrame
from media.faces import FaceFinder, FaceWatch
from media.items import MediaItem
from media.settings import MediaSettings
from media.worker import Worker


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sampled frame added. `luma`: its mean brightness, 0–1."""

    time: float
    luma: float
    items: list[MediaItem]


class Seeing:
    """`push` frames on the event loop; `deliver` is called on the picture thread for every frame analysed.

    All frames are decoded, since each builds on the one before, but only `face_fps` of them are converted to
    RGB and analysed. One sampled frame waits at most: a newer one takes its place. When decoding falls
    behind by `QUEUE` frames the whole queue is dropped and a key frame asked for. `dropped` counts both.
    """

    QUEUE = 60

    def __init__(
        self,
        settings: MediaSettings,
        finder: FaceFinder,
        worker: Worker,
        deliver: Callable[[Seen], None],
        request_key_frame: Callable[[], None],
    ) -> None:
        self.dropped = 0
        self.decoded = 0
        self._usual_fps = settings.face_fps
        self._interval = 1 / settings.face_fps
        self._jump_s = settings.clock_jump_s
        self._finder = finder
        self._worker = worker
        self._deliver = deliver
        self._request_key_frame = request_key_frame
        self._watch = FaceWatch(settings)
        self._lock = threading.Lock()
        self._queue: deque[tuple[EncodedFrame, float]] = deque()
        self._scheduled = False
        self._codec = ""
        self._needs_key = True
        self._due = 0.0
        self._slot: tuple[av.VideoFrame, float] | None = None
        self._closed = False

    def push(self, frame: EncodedFrame, arrival: float) -> None:
        with self._lock:
            if len(self._queue) >= self.QUEUE:
                self.dropped += len(self._queue)
                self._queue.clear()
                self._needs_key = True
            self._queue.append((frame, arrival))
            if self._scheduled:
                return
            self._scheduled = True
        self._worker.submit(self._decode)

    def sample_at(self, fps: float | None) -> None:
        """From the next frame on, `fps` frames a second are analysed; None: as many as the settings say.

        For as long as a challenge runs: a blink is over between two frames at the usual rate. Any thread.
        Raises `ValueError` unless 0 < fps <= 30.
        """
        if fps is not None and not 0 < fps <= 30:
            raise ValueError(f"cannot sample {fps} frames a second")
        self._interval = 1 / (fps or self._usual_fps)

    def close(self) -> None:
        """Nothing is delivered after this but what is being analysed now."""
        with self._lock:
            self._closed = True
            self._queue.clear()
            self._slot = None

    def _decode(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._scheduled = False
                    return
                frame, arrival = self._queue.popleft()
            self._decode_frame(frame, arrival)

    def _decode_frame(self, frame: EncodedFrame, arrival: float) -> None:
        if frame.codec != self._codec:
            self._codec = frame.codec
            self._decoder = PictureDecoder(frame.codec)
            self._timeline = RtpTimeline(frame.clock_rate, self._jump_s)
            self._needs_key = True
        if self._needs_key and not frame.key:
            self.dropped += 1
            self._request_key_frame()
            return
        self._needs_key = False
        time = self._timeline.place(frame.timestamp, frame.ssrc, arrival)
        try:
            pictures = self._decoder.decode(frame.data)
        except av.FFmpegError:  # damaged: the pictures after it are too, until a key frame comes
            self._request_key_frame()
            return
        self.decoded += len(pictures)
        interval = self._interval
        if pictures and (time >= self._due or time < self._due - 2 * interval):
            self._due = max(self._due + interval, time + interval / 2)
            self._offer(pictures[-1], time)

    def _offer(self, picture: av.VideoFrame, time: float) -> None:
        with self._lock:
            if self._closed:
                return
            waiting, self._slot = self._slot, (picture, time)
        if waiting is None:
            self._worker.submit(self._analyse, patient=True)
        else:
            self.dropped += 1

    def _analyse(self) -> None:
        with self._lock:
            slot, self._slot = self._slot, None
        if slot is None:
            return
        picture, time = slot
        rgb = picture.to_ndarray(format="rgb24")
        luma = float(rgb[::8, ::8].mean()) / 255
        self._deliver(Seen(time, luma, self._watch.look(self._finder, np.asarray(rgb, np.uint8), time)))
