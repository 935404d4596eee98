"""Where a recording is cut: at key frames, so that every file can be played from its beginning."""

from __future__ import annotations

from dataclasses import dataclass, field

from media.encoded import EncodedFrame
from media.items import Kind
from media.record.items import Gap
from media.record.mux import SOUND_S, Timed

SOUND_GAP_S = 0.1
PICTURE_GAP_S = 1.0
PICTURE_S = 1 / 15  # the last picture is taken to stand so long


@dataclass(slots=True)
class Cut:
    """The frames of one segment, in the order in which they came."""

    frames: list[Timed]
    start: float
    end: float
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class Cutter:
    """`push` frames; whenever a segment is complete it comes back. Not for threads.

    Cuts at the first key frame after `target_s`, at the latest after `longest_s`; at any packet where there
    is no picture. `wants_key` is True from `target_s` on until the key frame has come.
    """

    target_s: float = 6.0
    longest_s: float = 9.5
    wants_key: bool = False
    _open: list[Timed] = field(default_factory=list)
    _codec: str | None = None
    _latest: dict[Kind, float] = field(default_factory=dict)
    _gaps: list[Gap] = field(default_factory=list)

    def push(self, frame: EncodedFrame, time: float) -> Cut | None:
        done = self.finish() if self._must_cut(frame, time) else None
        if frame.kind == "video":
            self._codec = frame.codec
            self.wants_key = False if frame.key else self.wants_key
        self._note_gap(frame.kind, time)
        self._open.append(Timed(time, frame))
        return done

    def finish(self) -> Cut | None:
        """What is open, complete or not; None where nothing is."""
        frames, self._open = self._open, []
        gaps, self._gaps = tuple(self._gaps), []
        self.wants_key = False
        has_picture = any(one.frame.kind == "video" for one in frames)
        self._codec = self._codec if has_picture else None
        if not frames:
            return None
        end = max(one.time + (SOUND_S if one.frame.kind == "audio" else PICTURE_S) for one in frames)
        # Whole milliseconds, as files count: a file's zero is then exactly what the index says.
        start = max(0.0, round(min(one.time for one in frames), 3))
        return Cut(frames, start, end, gaps)

    def _must_cut(self, frame: EncodedFrame, time: float) -> bool:
        if not self._open:
            return False
        if frame.kind == "video" and self._codec not in (None, frame.codec):
            return True
        age = time - self._open[0].time
        if age < 0:  # placed anew further back: such frames cannot share a file's time line
            return age < -1.0
        if age < self.target_s:
            return False
        if age >= self.longest_s:
            return True
        pictures = self._codec is not None
        if not pictures:
            return True
        self.wants_key = True
        return frame.kind == "video" and frame.key

    def _note_gap(self, kind: Kind, time: float) -> None:
        before, allowed = self._latest.get(kind), SOUND_GAP_S if kind == "audio" else PICTURE_GAP_S
        if before is not None and time - before > allowed:
            self._gaps.append(Gap(kind=kind, start=round(before, 3), end=round(time, 3)))
        self._latest[kind] = max(time, before or 0.0)
