"""What is wrong with the picture of the main face, and what the candidate could do about it.

Every fault is measured against its limit as a ratio: from 1 it is there, from `clear` it is clear-cut.
Nothing here knows a model or a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import get_args

from media.facetrack import Track
from media.held import Held
from media.items import FacesChanged, Fault, FaultChanged, Hint, HintChanged
from media.settings import FramingSettings

HINTS: tuple[Hint, ...] = get_args(Hint)
FAULTS: tuple[Fault, ...] = get_args(Fault)
_HINT_OF: dict[Fault, Hint] = {
    "too-dark": "brighter",
    "backlit": "backlight",
    "cut-off": "whole",
    "too-small": "closer",
    "blurred": "focus",
}
_SLOW = 1.1  # a ratio that is never clear-cut: these two are measured in sampled frames only


@dataclass(frozen=True, slots=True)
class FaceLight:
    """The picture around a face, from `models.faces.light`. None: not measured in this look, but in the last
    sampled one."""

    brightness: float
    backlight: float
    focus: float
    turned_away: bool | None = None
    covered: float | None = None


class FaceCount:
    """The number of faces, told when it has held for `count_hold_s`, and how sure the detector was of it."""

    def __init__(self, settings: FramingSettings) -> None:
        self._hold_s = settings.count_hold_s
        self._held: Held[int | None] = Held(None, settings.count_hold_s)
        self._run: tuple[int, list[float]] = (0, [])  # the number seen last, and the scores since it is seen

    @property
    def told(self) -> int | None:
        return self._held.told

    @property
    def pending(self) -> bool:
        """Whether another number than the one told was seen last."""
        return self._held.pending

    def update(self, time: float, scores: Sequence[float]) -> list[FacesChanged]:
        """`scores`: the detector's for each face of this look."""
        faces = len(scores)
        if faces != self._run[0]:
            self._run = (faces, [])
        if not self._held.update(time, faces, self._hold_s):
            # A number that was told needs no more scores.
            if scores and self._held.pending:
                self._run[1].append(min(scores))
            return []
        least = [*self._run[1], min(scores)] if scores else []
        return [FacesChanged(time, faces, fmean(least) if least else None)]


class Framing:
    """Faults as they begin and end, and one hint at a time, the most useful first.

    Without a face there is no hint and no fault: `FacesChanged` says what is wrong. Each limit is eased by
    `release` while its fault stands, so that a face at the limit does not make it flicker.
    """

    def __init__(self, settings: FramingSettings, covered: float) -> None:
        """`covered`: from which a face counts as covered."""
        self._settings = settings
        self._covered = covered
        self._hint: Held[Hint | None] = Held(None, settings.stand_s)
        self._faults = {fault: Held(False, settings.stand_s) for fault in FAULTS}
        self._last: dict[Hint | Fault, float] = {}  # of what not every look measures

    @property
    def pending(self) -> bool:
        """Whether a fault was seen, or ceased, that has not been told yet: look again soon."""
        return self._hint.pending or any(held.pending for held in self._faults.values())

    def update(
        self, time: float, track: Track | None, light: FaceLight | None
    ) -> list[HintChanged | FaultChanged]:
        """Both None when no face was found."""
        if track is None or light is None:
            self._last.clear()
            ratios: dict[Hint | Fault, float] = {}
        else:
            ratios = self._ratios(track, light)
        items: list[HintChanged | FaultChanged] = []
        for fault, held in self._faults.items():
            ratio = ratios.get(_HINT_OF.get(fault, fault), 0.0)
            present = ratio > (self._settings.release if held.told else 1.0)
            if held.update(time, present, self._hold(ratio, present)):
                items.append(FaultChanged(time, fault, present))
        hint = next((one for one in HINTS if ratios.get(one, 0.0) > self._limit(one)), None)
        hold = self._hold(ratios[hint], True) if hint else self._settings.hint_hold_s
        if self._hint.update(time, hint, hold):
            items.append(HintChanged(time, hint))
        return items

    def _limit(self, hint: Hint) -> float:
        return self._settings.release if self._hint.told == hint else 1.0

    def _hold(self, ratio: float, present: bool) -> float:
        clear = present and ratio >= self._settings.clear
        return self._settings.clear_hold_s if clear else self._settings.hint_hold_s

    def _ratios(self, track: Track, light: FaceLight) -> dict[Hint | Fault, float]:
        """Each fault against its limit: above 1 it is there."""
        limits = self._settings
        x, y, width, height = track.box
        off = max(abs(x + width / 2 - 0.5), abs(y + height / 2 - 0.5))
        backlit = light.backlight / limits.backlight if light.brightness < limits.backlit_face else 0.0
        measured: dict[Hint | Fault, float | None] = {
            "turned-away": None if light.turned_away is None else _SLOW * light.turned_away,
            "covered": None if light.covered is None else min(_SLOW, light.covered / self._covered),
        }
        self._last.update({key: ratio for key, ratio in measured.items() if ratio is not None})
        return self._last | {
            # Against the light more light on the face helps less than turning round.
            "brighter": 0.0 if backlit > 1 else limits.dark / max(light.brightness, 1e-6),
            "backlight": backlit,
            "whole": outside(track.box) / limits.cut_off,
            "focus": limits.focus / max(light.focus, 1e-6),
            "closer": limits.far_height / max(height, 1e-6),
            "further": height / limits.near_height,
            "centre": off / limits.off_centre,
            "steady": track.speed / limits.unsteady,
        }


def outside(box: tuple[float, float, float, float]) -> float:
    """Share of a box that lies beyond the picture."""
    x, y, width, height = box
    across = min(x + width, 1.0) - max(x, 0.0)
    down = min(y + height, 1.0) - max(y, 0.0)
    return 1 - max(0.0, across) * max(0.0, down) / max(width * height, 1e-9)
