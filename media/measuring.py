"""What one look measures of the main face."""

from __future__ import annotations

from functools import cached_property

from media.facetrack import Box
from media.finding import Face, Rgb, shares
from media.framing import FaceLight, outside
from media.items import FaceGlance, FaceSample, FaceUnclear, Usable
from media.settings import UsabilitySettings
from media.usability import FaceLook, usability
from models.faces import crops, eyes, geometry, light
from models.faces.geometry import Pose
from models.faces.mesh import Mesh
from models.identity.alignment import aligned_crop, enrolment_points


class Measured:
    """One face in one uint8 RGB picture, height × width × 3; each thing is measured when it is asked for, so
    that a look which is not sampled pays for little."""

    def __init__(self, rgb: Rgb, face: Face, mesh: Mesh | None, limits: UsabilitySettings) -> None:
        """`mesh`: None when none fits, or none was asked for."""
        self._rgb, self._face, self._mesh, self._limits = rgb, face, mesh, limits

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 in pixels."""
        return crops.face_box(self._mesh or self._face.detection)

    @cached_property
    def brightness(self) -> float:
        return light.brightness(self._rgb, self.box)

    @cached_property
    def affect_crop(self) -> Rgb:
        return crops.affect_crop(self._rgb, self.box)

    @cached_property
    def sharpness(self) -> float:
        return geometry.sharpness(self.affect_crop)

    @cached_property
    def pose(self) -> Pose | None:
        return geometry.pose(self._mesh) if self._mesh else None

    @cached_property
    def covered(self) -> float:
        return light.covered(self._rgb, self._mesh) if self._mesh else 0.0

    @cached_property
    def eyes(self) -> eyes.Eyes:
        return eyes.look(self._rgb, self._mesh) if self._mesh else eyes.Eyes(None, False)

    @cached_property
    def usable(self) -> Usable:
        return usability(
            FaceLook(
                height=self.box[3] - self.box[1],
                brightness=self.brightness,
                focus=light.focus(self.sharpness, self.brightness),
                turn=self._turn,
                outside=outside(self._shares),
                covered=self.covered,
                eyes_hidden=self.eyes.hidden,
            ),
            self._limits,
        )

    @property
    def _turn(self) -> float:
        return max(abs(self.pose.yaw), abs(self.pose.pitch)) if self.pose else 90.0

    @cached_property
    def _shares(self) -> Box:
        return shares(self.box, self._rgb)

    def light(self, *, sampled: bool) -> FaceLight:
        """For the framing. What needs a mesh is told only of a sampled look."""
        turned = self._turn > self._limits.liveness_turn
        return FaceLight(
            brightness=self.brightness,
            backlight=light.backlight(self._rgb, self.box, self.brightness),
            focus=light.focus(self.sharpness, self.brightness),
            turned_away=turned if sampled else None,
            covered=self.covered if sampled and self.brightness >= self._limits.dark else None,
        )

    def sample(self, track: int, time: float, *, identity: bool) -> FaceSample | FaceUnclear:
        """`identity`: cut it out for face verification too, if that can tell."""
        if self._mesh is None or self.pose is None:
            return FaceUnclear(time, track, self._shares, self.usable.affect or "turned-away")
        points = enrolment_points(self._mesh)
        wanted = identity and self.usable.identity is None
        return FaceSample(
            media_time=time,
            track=track,
            box=self._shares,
            yaw=self.pose.yaw,
            pitch=self.pose.pitch,
            roll=self.pose.roll,
            eyes_open=geometry.eyes_open(self._mesh),
            brightness=self.brightness,
            sharpness=self.sharpness,
            affect_crop=self.affect_crop,
            liveness_crop=crops.liveness_crop(self._rgb, self.box),
            usable=self.usable,
            gaze=self.eyes.gaze,
            points=points,
            identity_crop=aligned_crop(self._rgb, points) if wanted else None,
        )

    def glance(self, track: int, time: float) -> FaceGlance | None:
        if self._mesh is None or self.pose is None:
            return None
        return FaceGlance(time, track, *self.pose, geometry.eyes_open(self._mesh), self.eyes.gaze)
