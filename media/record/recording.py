"""One session's recording: frames in on the event loop, segments out on the recording thread.

A store that refuses stops the recording and not the interview: the segment at hand is kept and tried again
every `retry_s`; what comes meanwhile is dropped and counted, and shows as a gap in the index.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import av

from media.encoded import EncodedFrame
from media.record.cutter import Cut, Cutter
from media.record.items import Reason, Segment, SegmentSink, State
from media.record.mux import container_of, mux
from media.record.picture_size import size_of
from media.worker import Worker

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
BATCH = 64  # frames that wait before the thread is woken: about a second, for a tenth of the wake-ups
log = logging.getLogger("viva.record")


@dataclass(slots=True)
class Counters:
    """Since the start of the recording. `dropped`: frames that came while it could not record."""

    frames: int = 0
    dropped: int = 0
    segments: int = 0
    bytes: int = 0
    failures: int = 0
    unsupported: int = 0  # frames of codecs that no browser plays from a file (G.711)


class Recording:
    """A `media.encoded.FrameListener`. `on_state` and `on_segment` are called on the recording thread.

    `request_key_frame` must be callable from any thread. At most `queue` frames wait for the thread.
    """

    def __init__(
        self,
        sink: SegmentSink,
        worker: Worker,
        request_key_frame: Callable[[], None],
        on_state: Callable[[State, Reason], None],
        on_segment: Callable[[Segment], None] = lambda segment: None,
        *,
        queue: int = 4000,
        retry_s: float = 2.0,
        cutter: Cutter | None = None,
    ) -> None:
        self.counters = Counters()
        self._sink, self._worker = sink, worker
        self._request_key_frame = request_key_frame
        self._on_state, self._on_segment = on_state, on_segment
        self._limit, self._retry_s = queue, retry_s
        self._lock = threading.Lock()
        self._queue: deque[tuple[EncodedFrame, float]] = deque()
        self._scheduled = self._closed = False
        # From here on: the recording thread's alone.
        self._cutter = cutter or Cutter()
        self._number: int | None = None
        self._size = (0, 0)
        self._state: State | None = None
        self._owed: tuple[Cut, float] | None = None  # a segment that was refused, and when to try again
        self._asked = 0.0

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        with self._lock:
            if self._closed:
                return
            if len(self._queue) >= self._limit:
                self.counters.dropped += 1
                return
            self._queue.append((frame, media_time))
            if self._scheduled or len(self._queue) < BATCH:
                return
            self._scheduled = True
        self._worker.submit(self._drain)

    def flush(self, done: Callable[[], None] = lambda: None) -> None:
        """Closes the open segment, as when the connection is lost; `done` is called on the thread after."""
        self._worker.submit(lambda: self._flush(done))

    def finish(self, done: Callable[[], None] = lambda: None) -> None:
        """The end: nothing is taken after this."""
        with self._lock:
            self._closed = True
        self._worker.submit(lambda: self._finish(done))

    # --- on the recording thread ---------------------------------------------------------------------

    def _drain(self) -> None:
        with self._lock:
            frames, self._queue = self._queue, deque()
            self._scheduled = False
        for frame, at in frames:
            self._take(frame, at)
        if self._cutter.wants_key and time.monotonic() - self._asked > 1.0:
            self._asked = time.monotonic()
            self._request_key_frame()

    def _take(self, frame: EncodedFrame, at: float) -> None:
        if not self._retry():
            self.counters.dropped += 1
            return
        if frame.codec not in ("opus", "VP8", "H264"):
            self.counters.unsupported += 1
            return
        self.counters.frames += 1
        if self._state is None:
            self._tell("recording", "started")
        size = size_of(frame)
        cut = self._cutter.push(frame, at)
        if cut is not None:
            self._store(cut)
        self._size = size or self._size

    def _flush(self, done: Callable[[], None]) -> None:
        self._drain()
        cut = self._cutter.finish()
        if cut is not None:
            self._store(cut)
        done()

    def _finish(self, done: Callable[[], None]) -> None:
        self._flush(lambda: None)
        self._retry(at_once=True)
        if self._state == "recording":
            self._tell("stopped", "finished")
        done()

    def _retry(self, *, at_once: bool = False) -> bool:
        """Stores what was refused before, once its time has come; whether nothing is owed any more."""
        if self._owed is None:
            return True
        cut, due = self._owed
        if time.monotonic() < due and not at_once:
            return False
        self._owed = None
        self._store(cut)
        if self._owed is None:
            self._request_key_frame()  # a recording that goes on begins where a decoder can
        return self._owed is None

    def _store(self, cut: Cut) -> None:
        try:
            data = mux(cut.frames, cut.start, self._size)
        except (av.FFmpegError, ValueError) as error:
            self.counters.failures += 1
            self.counters.dropped += len(cut.frames)
            log.warning("a segment could not be muxed and is left out: %s", error)
            return
        try:
            if self._number is None:
                self._number = self._sink.next_number()
            segment = _segment(self._number, cut, self._size, data)
            self._sink.put(segment, data)
        except Exception as error:  # a remote store raises what its client raises
            self._refused(cut, error)
            return
        self._number += 1
        self.counters.segments += 1
        self.counters.bytes += len(data)
        if self._state != "recording":
            self._tell("recording", "resumed")
        self._on_segment(segment)

    def _refused(self, cut: Cut, error: Exception) -> None:
        self.counters.failures += 1
        if self._owed is not None:  # one is owed already: the later one is lost
            self.counters.dropped += len(cut.frames)
            return
        self._owed = (cut, time.monotonic() + self._retry_s)
        if self._state != "stopped":
            log.error("recording stops: %r", error)
            full = isinstance(error, OSError) and error.errno in FULL
            self._tell("stopped", "disk-full" if full else "storage-failed")

    def _tell(self, state: State, reason: Reason) -> None:
        self._state = state
        self._on_state(state, reason)


def _segment(number: int, cut: Cut, size: tuple[int, int], data: bytes) -> Segment:
    pictures = [one for one in cut.frames if one.frame.kind == "video"]
    codec = pictures[0].frame.codec if pictures else None
    return Segment(
        number=number,
        start=cut.start,
        end=round(cut.end, 3),
        container=container_of(codec),
        video="H264" if codec == "H264" else "VP8" if codec else None,
        audio="opus" if len(pictures) < len(cut.frames) else None,
        width=size[0] if pictures else 0,
        height=size[1] if pictures else 0,
        frames=len(cut.frames),
        keys=tuple(round(one.time, 3) for one in pictures if one.frame.key),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        gaps=cut.gaps,
    )
