"""The gate of an ID photo or a live enrolment frame: is this one face, good enough to be compared?

What is asked follows ISO/IEC 29794-5 (face image quality) and 39794-5 (formerly 19794-5). The limits are far
below those of a passport office: they are where comparison begins to suffer. By 25 portraits made worse, the
cosine to the untouched portrait was .99 with the eyes 30 pixels apart (18: .965, 12: .82), .90 with a blur
(Gaussian sigma) of .04 of the eye distance (sharpness 39; .06: 18 and .72), .93 at a face's mean luma of .16
(.09: .86).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.faces import crops, geometry
from models.faces.detector import Rgb
from models.identity.alignment import AlignedFace, FaceAligner
from models.identity.codes import Code

_FACE = (slice(24, 100), slice(24, 88))  # brows to chin of an aligned crop, without hair and background


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """`min_eye_distance` in pixels; turns in degrees; luma and shares 0..1.

    `bystander`: faces with less than this share of the largest one's eye distance do not count.
    `min_luma` is low because dark skin in good light has a luma of .2; a dark face before a bright wall is
    backlit only below `backlit_luma`.
    """

    min_eye_distance: float = 30.0
    max_turn: float = 25.0
    min_sharpness: float = 25.0
    min_luma: float = 0.12
    backlit_luma: float = 0.18
    backlit_difference: float = 0.35
    max_burnt: float = 0.3
    min_eyes_open: float = 0.05
    max_beyond: float = 0.04
    bystander: float = 0.4


@dataclass(frozen=True, slots=True)
class PhotoQuality:
    """What was measured of the largest face.

    `eye_distance` in pixels; `sharpness`: variance of the Laplacian at 112 pixels, as if the mean luma were
    .5; `luma`: mean of the face, 0..1; `burnt`: share of it that is white; `surroundings`: mean luma of the
    rest of the picture; `beyond`: the largest share of the face's height or width beyond an edge.
    """

    eye_distance: float
    yaw: float
    pitch: float
    roll: float
    eyes_open: float
    sharpness: float
    luma: float
    burnt: float
    surroundings: float
    beyond: float


@dataclass(frozen=True, slots=True)
class PhotoCheck:
    """`codes` is empty when the picture will do; `face` is the largest, None where none was found."""

    codes: tuple[Code, ...]
    face: AlignedFace | None = None
    quality: PhotoQuality | None = None

    @property
    def ok(self) -> bool:
        return not self.codes


class PhotoGate:
    """Not thread-safe, as its aligner is not."""

    def __init__(self, aligner: FaceAligner, limits: PhotoLimits | None = None) -> None:
        self._aligner = aligner
        self._limits = limits or PhotoLimits()

    def check(self, rgb: Rgb) -> PhotoCheck:
        """A uint8 RGB picture, height × width × 3, upright (`models.identity.upload.decode`)."""
        faces = self._aligner.faces(rgb)
        if not faces:
            return PhotoCheck(("no_face",))
        main = faces[0]
        quality = measure(rgb, main)
        codes = judged(quality, self._limits)
        least = self._limits.bystander * main.eye_distance
        if sum(face.eye_distance >= least for face in faces) > 1:
            codes = ("several_faces", *codes)
        return PhotoCheck(codes, main, quality)


def measure(rgb: Rgb, face: AlignedFace) -> PhotoQuality:
    """The figures of one face of a uint8 RGB picture."""
    height, width = rgb.shape[:2]
    pose = geometry.pose(face.mesh)
    x1, y1, x2, y2 = face.mesh.box
    wide, high = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
    grey = np.asarray(cv2.cvtColor(face.crop[_FACE], cv2.COLOR_RGB2GRAY), np.float32) / 255
    luma = float(grey.mean())
    crop = crops.affect_crop(rgb, crops.face_box(face.mesh))
    return PhotoQuality(
        eye_distance=face.eye_distance,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        eyes_open=geometry.eyes_open(face.mesh),
        # Half the light halves every difference: without this, a dark picture would count as blurred.
        sharpness=geometry.sharpness(crop) * (0.5 / max(luma, 0.02)) ** 2,
        luma=luma,
        burnt=float((grey > 0.97).mean()),
        surroundings=_surroundings(rgb, face),
        beyond=max(-x1 / wide, (x2 - width) / wide, -y1 / high, (y2 - height) / high, 0.0),
    )


def judged(quality: PhotoQuality, limits: PhotoLimits) -> tuple[Code, ...]:
    """What is wrong with a face, the gravest first."""
    turn = max(abs(quality.yaw), abs(quality.pitch), abs(quality.roll))
    brighter = quality.surroundings - quality.luma
    backlit = quality.luma < limits.backlit_luma and brighter > limits.backlit_difference
    found: dict[Code, bool] = {
        "inter_eye_distance": quality.eye_distance < limits.min_eye_distance,
        "face_cut_off": quality.beyond > limits.max_beyond,
        "head_pose": turn > limits.max_turn,
        "eyes_closed": quality.eyes_open < limits.min_eyes_open,
        "backlight": backlit,
        "under_exposure": quality.luma < limits.min_luma and not backlit,
        "over_exposure": quality.burnt > limits.max_burnt,
        "out_of_focus": quality.sharpness < limits.min_sharpness,
    }
    return tuple(code for code, wrong in found.items() if wrong)


def _surroundings(rgb: Rgb, face: AlignedFace) -> float:
    """Mean luma outside the head, 0..1; .5 where the head fills the picture."""
    small = cv2.resize(rgb, (64, 64), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32) / 255
    x1, y1, x2, y2 = crops.face_box(face.mesh)
    across, down = 64 / rgb.shape[1], 64 / rgb.shape[0]
    outside = np.ones((64, 64), bool)
    # Below the head come the shoulders, whose colour says nothing of the light.
    outside[max(0, int(y1 * down)) :, max(0, int(x1 * across)) : max(0, int(x2 * across) + 1)] = False
    outside[max(0, int(y2 * down)) :] = False
    return float(grey[outside].mean()) if outside.sum() > 100 else 0.5
