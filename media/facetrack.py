"""Faces over time: which one is which, and which is the candidate's.

Boxes are x, y, width, height as shares of the picture. Nothing here knows a model or a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media.settings import FramingSettings

Box = tuple[float, float, float, float]
ALIKE = 1.7  # a face that jumped is taken for the same only when its height changed less than this (times)


def iou(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / max(a[2] * a[3] + b[2] * b[3] - shared, 1e-9)


@dataclass(slots=True)
class Track:
    """One face through time. `speed`: smoothed movement of its centre, in face widths per second. `sure`:
    when it was last seen without being known from before."""

    id: int
    box: Box
    first: float
    last: float
    speed: float = 0.0
    sure: float = 0.0


class FaceTracks:
    """Gives each face an id that stays while boxes of successive looks overlap by `track_iou`, or, for a fast
    movement, while a box of like size lies within `track_reach` widths. A face unseen for `track_lost_s`, or
    on the other side of a cut, is a new one. Ids count from 1."""

    SPEED_S = 0.5  # time constant of the smoothing

    def __init__(self, settings: FramingSettings) -> None:
        self._settings = settings
        self._next = 1
        self._tracks: list[Track] = []
        self._main: Track | None = None

    def update(self, time: float, boxes: Sequence[Box], sure: Sequence[bool] | None = None) -> list[Track]:
        """The track of each box, in their order. `sure`: not merely believed because of `known`."""
        keep = self._settings.track_lost_s
        self._tracks = [track for track in self._tracks if time - track.last <= keep]
        pairs = sorted(
            (
                (likeness, t, b)
                for t, track in enumerate(self._tracks)
                for b, box in enumerate(boxes)
                if (likeness := self._likeness(track.box, box)) > 0
            ),
            reverse=True,
        )
        matched: dict[int, Track] = {}
        used: set[int] = set()
        for _, t, b in pairs:
            if t not in used and b not in matched:
                matched[b] = self._tracks[t]
                used.add(t)
        for b, box in enumerate(boxes):
            if b not in matched:
                matched[b] = Track(self._next, box, time, time, sure=time)
                self._next += 1
                self._tracks.append(matched[b])
            else:
                self._move(matched[b], time, box)
            if sure is None or sure[b]:
                matched[b].sure = time
        return [matched[b] for b in range(len(boxes))]

    def known(self, time: float) -> list[Box]:
        """Where a face was surely seen within `track_lost_s`."""
        keep = self._settings.track_lost_s
        return [track.box for track in self._tracks if time - track.sure <= keep]

    def cut(self) -> None:
        """The scene was cut: who comes now is not who was here before, however alike the boxes."""
        self._tracks.clear()
        self._main = None

    def main(self, seen: Sequence[Track]) -> Track | None:
        """The candidate's face: the largest; the one before stays until another is half as large again, and
        while it is hidden for less than `track_lost_s`."""
        if not seen:
            return None
        largest = max(seen, key=lambda track: track.box[2] * track.box[3])
        before = self._main
        if before is not None and before in self._tracks and _area(largest) <= 1.5 * _area(before):
            return before if before in seen else None
        self._main = largest
        return largest

    def _likeness(self, track: Box, box: Box) -> float:
        """0: not the same face. Any overlap that suffices comes before any jump."""
        overlap = iou(track, box)
        if overlap >= self._settings.track_iou:
            return 1 + overlap
        ratio = max(track[3], box[3]) / max(min(track[3], box[3]), 1e-9)
        width = max(track[2], box[2], 1e-9)
        far: float = (
            ((track[0] + track[2] / 2 - box[0] - box[2] / 2) / width) ** 2
            + ((track[1] + track[3] / 2 - box[1] - box[3] / 2) / max(track[3], box[3], 1e-9)) ** 2
        ) ** 0.5
        if ratio > ALIKE or far > self._settings.track_reach:
            return 0.0
        return 1 - far / (1 + self._settings.track_reach)

    def _move(self, track: Track, time: float, box: Box) -> None:
        passed = time - track.last
        if passed > 0:
            across = (box[0] + box[2] / 2) - (track.box[0] + track.box[2] / 2)
            down = (box[1] + box[3] / 2) - (track.box[1] + track.box[3] / 2)
            speed = (across**2 + down**2) ** 0.5 / max(track.box[2], 1e-6) / passed
            share = min(1.0, passed / self.SPEED_S)
            track.speed += share * (speed - track.speed)
        track.box, track.last = box, time


def _area(track: Track) -> float:
    return track.box[2] * track.box[3]
