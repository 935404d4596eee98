"""One session's picture, from encoded frames to items; the work is done on the picture thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from media.clock import RtpTimeline
from media.decoders import PictureDecoder
from media.encoded import EncodedFrame
from media.faces import FaceWatch
from media.finding import FaceFinder
from media.items import MediaItem
from media.layers import Layers
from media.presentation.stream import StreamWatch, luma
from media.settings import MediaSettings
from media.worker import Worker

GATHER_S = 0.02  # frames of all sessions wait so long at most to be decoded in one wake-up


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `luma`: the frame's mean brightness, 0–1; `tracks`: the ids of the faces it shows."""

    time: float
    luma: float
    items: list[MediaItem]
    tracks: tuple[int, ...] = ()


class Seeing:
    """`push` frames on the event loop; `deliver` is called on the picture thread for every frame analysed.

    All frames are decoded, since each builds on the one before (temporal layers alone can be left out, see
    `media.layers`), but only `look_fps` of them are converted to RGB and analysed, more while something needs
    a closer look (`FaceWatch.interval`). One frame waits at most for its look: a newer one takes its place.
    When decoding falls behind by `QUEUE` frames the whole queue is dropped and a key frame asked for.
    `dropped` counts both.
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
        self._jump_s = settings.clock_jump_s
        self._finder = finder
        self._worker = worker
        self._deliver = deliver
        self._request_key_frame = request_key_frame
        self._watch = FaceWatch(settings)
        self._layers = Layers()
        self._to_rgb = VideoReformatter()
        self._stream = StreamWatch()
        self._lock = threading.Lock()
        self._queue: deque[tuple[EncodedFrame, float]] = deque()
        self._scheduled = False
        self._codec = ""
        self._needs_key = True
        self._looked = float("-inf")
        self._slot: tuple[av.VideoFrame, float] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Frames that have come and are not decoded yet; at most `QUEUE`."""
        return len(self._queue)

    def push(self, frame: EncodedFrame, arrival: float) -> None:
        if not self._layers.take(frame, arrival, 1 / self._watch.interval):
            return
        with self._lock:
            if len(self._queue) >= self.QUEUE:
                self.dropped += len(self._queue)
                self._queue.clear()
                self._needs_key = True
            self._queue.append((frame, arrival))
            if self._scheduled:
                return
            self._scheduled = True
        self._worker.submit(self._decode, together_s=GATHER_S)

    def watch_eyes(self, until: float) -> None:
        """Looks at the eyes `eyes_fps` times a second up to this time on the media clock; from any thread."""
        self._watch.watch_eyes(until)

    def watch_colours(self, until: float) -> None:
        """Tells the colours of face and background up to this time on the media clock; from any thread."""
        self._watch.watch_colours(until)

    def want_identity(self) -> None:
        """The next sample that allows it carries an identity crop; from any thread."""
        self._watch.want_identity()

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
        self._stream.frame(frame.timestamp, arrival, restarted=self._timeline.restarted)
        try:
            pictures = self._decoder.decode(frame.data)
        except av.FFmpegError:  # damaged: the pictures after it are too, until a key frame comes
            self._request_key_frame()
            return
        self.decoded += len(pictures)
        # A tenth early is in time: a frame that comes just before it is due must not wait for the next.
        due = self._looked + 0.9 * self._watch.interval
        if pictures and (time >= due or time < self._looked):
            self._looked = time
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
        # One thread: waking others of swscale's costs more than they save, for every session anew.
        rgb = self._to_rgb.reformat(picture, format="rgb24", threads=1).to_ndarray()
        some = rgb[::16, ::16]
        bright = int(some.sum()) / (255 * some.size)
        looked = self._watch.look(self._finder, np.asarray(rgb, np.uint8), time)
        items = [*looked.items, *self._stream.look(luma(picture), time)]
        self._deliver(Seen(time, bright, items, tuple(track.id for track in looked.tracks)))
