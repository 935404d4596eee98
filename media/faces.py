"""The faces of one sampled frame, and what is measured of the main one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media.facetrack import Box, FaceCount, FaceTracks, Framing
from media.items import FaceSample, MediaItem
from media.presentation.border import second_side
from media.presentation.stillness import motion_within
from media.settings import MediaSettings
from models.faces import crops, geometry
from models.faces.detector import Detection, FaceDetector
from models.faces.mesh import FaceMesh, Mesh

Rgb = NDArray[np.uint8]
SURE_SCORE = 0.6  # below it, a detection counts only when a mesh fits it
FOLLOWED_S = 0.6  # points of an older sample are no longer where optical flow looks for them
EVERYBODY_S = 1.0  # how often somebody small in the background is looked for


@dataclass(frozen=True, slots=True)
class Face:
    """One face. `mesh` is there only when it was needed to believe the detection."""

    box: Box  # x, y, width, height as shares of the picture
    detection: Detection
    mesh: Mesh | None


class FaceFinder:
    """Detector and mesh of one process. Not thread-safe: it belongs to the picture thread."""

    def __init__(self, detector: FaceDetector, mesh: FaceMesh) -> None:
        self._detector = detector
        self._mesh = mesh

    @classmethod
    def load(cls) -> FaceFinder:
        """Raises `models.store.WeightsMissing`."""
        cv2.setNumThreads(1)  # its own thread pool would fight with the packets for the cores
        return cls(FaceDetector.load(), FaceMesh.load())

    def find(self, rgb: Rgb, *, everybody: bool) -> list[Face]:
        """Faces in a uint8 RGB picture, height × width × 3, best first."""
        faces = []
        for detection in self._detector.detect(rgb, everybody=everybody):
            doubtful = detection.score < SURE_SCORE
            mesh = self.mesh(rgb, detection) if doubtful else None
            if mesh is not None or not doubtful:
                faces.append(Face(_shares(crops.face_box(detection), rgb), detection, mesh))
        return faces

    def mesh(self, rgb: Rgb, detection: Detection) -> Mesh | None:
        """The face's mesh, None when it cannot be trusted (a face seen from the side)."""
        mesh = self._mesh(rgb, detection)
        return mesh if mesh.present else None


class FaceWatch:
    """One session's faces: tracks, count, framing, and a sample of the main face. One thread at a time."""

    def __init__(self, settings: MediaSettings) -> None:
        self._tracks = FaceTracks(settings.framing)
        self._count = FaceCount(settings.framing)
        self._framing = Framing(settings.framing)
        self._everybody_at = 0.0
        self._before: _Before | None = None

    def look(self, finder: FaceFinder, rgb: Rgb, time: float) -> list[MediaItem]:
        """What a sampled frame adds. A face turned so far that no mesh fits is tracked but not sampled."""
        everybody = time >= self._everybody_at
        if everybody:
            self._everybody_at = time + EVERYBODY_S
        faces = finder.find(rgb, everybody=everybody)
        tracks = self._tracks.update(time, [face.box for face in faces])
        items: list[MediaItem] = []
        if everybody or len(faces) != 1 or not self._count.told:
            # Otherwise one face says nothing: nobody looked for others behind it.
            items += self._count.update(time, len(faces))
        main = self._tracks.main(tracks)
        if main is None:
            return [*items, *self._framing.update(time, None, 1.0)]
        face = faces[tracks.index(main)]
        brightness = _brightness(rgb, main.box)
        items += self._framing.update(time, main, brightness)
        mesh = face.mesh or finder.mesh(rgb, face.detection)
        if mesh is not None:
            grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
            within = self._within(grey, main.id, time)
            items.append(_measure(rgb, grey, mesh, main.id, brightness, time, within))
            self._before = _Before(grey, mesh, main.id, time)
        return items

    def _within(self, grey: NDArray[np.uint8], track: int, time: float) -> float | None:
        before = self._before
        if before is None or before.track != track or not 0 < time - before.time <= FOLLOWED_S:
            return None
        return motion_within(before.grey, grey, before.mesh.points)


@dataclass(frozen=True, slots=True)
class _Before:
    """The sample before, to follow its points."""

    grey: NDArray[np.uint8]
    mesh: Mesh
    track: int
    time: float


def _measure(
    rgb: Rgb,
    grey: NDArray[np.uint8],
    mesh: Mesh,
    track: int,
    brightness: float,
    time: float,
    within: float | None,
) -> FaceSample:
    box = crops.face_box(mesh)
    pose = geometry.pose(mesh)
    affect = crops.affect_crop(rgb, box)
    return FaceSample(
        media_time=time,
        track=track,
        box=_shares(box, rgb),
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
        eyes_open=geometry.eyes_open(mesh),
        brightness=brightness,
        sharpness=geometry.sharpness(affect),
        affect_crop=affect,
        liveness_crop=crops.liveness_crop(rgb, box),
        border=second_side(grey, box),
        motion_within=within,
    )


def _shares(box: tuple[float, float, float, float], rgb: Rgb) -> Box:
    """Corners in pixels to x, y, width, height as shares of the picture."""
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = box
    return x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height


def _brightness(rgb: Rgb, box: Box) -> float:
    """Mean of the face's middle, 0–1, so that hair and background do not count."""
    height, width = rgb.shape[:2]
    x, y, w, h = box
    inner = rgb[
        max(0, int((y + h / 4) * height)) : max(1, int((y + h * 3 / 4) * height)) : 2,
        max(0, int((x + w / 4) * width)) : max(1, int((x + w * 3 / 4) * width)) : 2,
    ]
    return float(inner.mean()) / 255 if inner.size else 0.0
