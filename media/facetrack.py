"""Faces over time: which one is which, how many there are, and what the candidate could do about the picture.

Boxes are x, y, width, height as shares of the picture. Nothing here knows a model or a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from media.items import FacesChanged, HintChanged
from media.settings import FramingSettings

Box = tuple[float, float, float, float]
Hint = Literal["closer", "further", "centre", "brighter", "steady"]


def iou(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / max(a[2] * a[3] + b[2] * b[3] - shared, 1e-9)


@dataclass(slots=True)
class Track:
    """One face through time. `speed`: smoothed movement of its centre, in face widths per second."""

    id: int
    box: Box
    first: float
    last: float
    speed: float = 0.0


class FaceTracks:
    """Gives each face an id that stays while boxes of successive frames overlap by `track_iou`; a face
    unseen for `track_lost_s` is a new one when it comes back. Ids count from 1."""

    SPEED_S = 0.5  # time constant of the smoothing

    def __init__(self, settings: FramingSettings) -> None:
        self._settings = settings
        self._next = 1
        self._tracks: list[Track] = []
        self._main: Track | None = None

    def update(self, time: float, boxes: Sequence[Box]) -> list[Track]:
        """The track of each box, in the order of the boxes."""
        keep = self._settings.track_lost_s
        self._tracks = [track for track in self._tracks if time - track.last <= keep]
        pairs = sorted(
            (
                (iou(track.box, box), t, b)
                for t, track in enumerate(self._tracks)
                for b, box in enumerate(boxes)
            ),
            reverse=True,
        )
        matched: dict[int, Track] = {}
        used: set[int] = set()
        for overlap, t, b in pairs:
            if overlap >= self._settings.track_iou and t not in used and b not in matched:
                matched[b] = self._tracks[t]
                used.add(t)
        for b, box in enumerate(boxes):
            if b not in matched:
                matched[b] = Track(self._next, box, time, time)
                self._next += 1
                self._tracks.append(matched[b])
            else:
                self._move(matched[b], time, box)
        return [matched[b] for b in range(len(boxes))]

    def main(self, seen: Sequence[Track]) -> Track | None:
        """The candidate's face: the largest; the one before stays until another is half as large again."""
        if not seen:
            return None
        largest = max(seen, key=lambda track: track.box[2] * track.box[3])
        before = self._main
        if (
            before is None
            or before not in seen
            or largest.box[2] * largest.box[3] > 1.5 * before.box[2] * before.box[3]
        ):
            self._main = largest
        return self._main

    def _move(self, track: Track, time: float, box: Box) -> None:
        passed = time - track.last
        if passed > 0:
            across = (box[0] + box[2] / 2) - (track.box[0] + track.box[2] / 2)
            down = (box[1] + box[3] / 2) - (track.box[1] + track.box[3] / 2)
            speed = (across**2 + down**2) ** 0.5 / max(track.box[2], 1e-6) / passed
            share = min(1.0, passed / self.SPEED_S)
            track.speed += share * (speed - track.speed)
        track.box, track.last = box, time


class FaceCount:
    """The number of faces, told when it has held for `count_hold_s`."""

    def __init__(self, settings: FramingSettings) -> None:
        self._hold_s = settings.count_hold_s
        self.told: int | None = None
        self._pending = (-1, 0.0)

    def update(self, time: float, faces: int) -> list[FacesChanged]:
        if self._pending[0] != faces:
            self._pending = (faces, time)
        if faces == self.told or time - self._pending[1] < self._hold_s:
            return []
        self.told = faces
        return [FacesChanged(time, faces)]


class Framing:
    """One hint at a time, the most useful first, told when it has held for `hint_hold_s`.

    Without a face there is no hint: `FacesChanged` says so already. Each limit is eased by `release` while
    its hint stands, so that a face at the limit does not make it flicker.
    """

    def __init__(self, settings: FramingSettings) -> None:
        self._settings = settings
        self._told: Hint | None = None
        self._pending: tuple[Hint | None, float] = (None, 0.0)

    def update(self, time: float, track: Track | None, brightness: float) -> list[HintChanged]:
        """`brightness`: mean of the face, 0–1."""
        hint = None if track is None else self._judge(track, brightness)
        if hint != self._pending[0]:
            self._pending = (hint, time)
        if hint == self._told or time - self._pending[1] < self._settings.hint_hold_s:
            return []
        self._told = hint
        return [HintChanged(time, hint)]

    def _judge(self, track: Track, brightness: float) -> Hint | None:
        limits = self._settings
        x, y, width, height = track.box
        if brightness < limits.dark / self._ease("brighter"):
            return "brighter"
        if height < limits.far_height / self._ease("closer"):
            return "closer"
        if height > limits.near_height * self._ease("further"):
            return "further"
        off = max(abs(x + width / 2 - 0.5), abs(y + height / 2 - 0.5))
        if off > limits.off_centre * self._ease("centre"):
            return "centre"
        if track.speed > limits.unsteady * self._ease("steady"):
            return "steady"
        return None

    def _ease(self, hint: Hint) -> float:
        return self._settings.release if self._told == hint else 1.0
