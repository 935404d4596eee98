"""Faces in a picture: MediaPipe's BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047).

Two networks: short range (128 × 128, .7 ms) finds faces of a tenth of the picture's longer side and more;
full range (192 × 192, 2 ms) finds them down to a twentieth, which is somebody two to three metres from a
laptop. The second looks only when the first is sure of nobody, or when the caller wants everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models import store
from models.faces.litert import Float32, Network

Rgb = NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels of the picture

SCORE = 0.5  # MediaPipe's own threshold
SURE_SCORE = 0.6  # below it, a detection counts only when something else speaks for it
FAINT_SCORE = 0.35  # enough to go on with a face just seen there
CLOSER_SCORE = 0.58  # from which a closer look is worth its time
# Mean scores in it: textures reach .57 and .49, faces from the side and faces in the dark more.
CONFIRMED_NEAR, CONFIRMED_FAR = 0.64, 0.5
HARD_SIDE = 384  # pixels: what the brightened look needs; the networks see 192 of them
OVERLAP = 0.3  # intersection over union above which two boxes are one face
NESTED = 0.7  # share of the smaller box above which one lies inside the other


@dataclass(frozen=True, slots=True)
class Detection:
    """One face. `box` spans brows to chin and may reach over the picture's edge; `score` is 0..1.

    `keypoints` is float32 (6, 2) in pixels: the person's right eye, left eye, nose tip, mouth centre, right
    ear, left ear. Below `SURE_SCORE` believe it only if its mesh is present, or a face was just there.
    """

    box: Box
    score: float
    keypoints: Float32


class FaceDetector:
    """Not thread-safe. A 640 × 480 picture takes 1 ms on one core, 3 ms more when the far look is needed."""

    def __init__(self, near: Path, far: Path) -> None:
        self._near = _BlazeFace(near, "regressors", "classificators", strides=((8, 2), (16, 6)))
        self._far = _BlazeFace(far, "Identity", "Identity_1", strides=((4, 1),))
        self._contrast = cv2.createCLAHE(3.0, (8, 8))

    @classmethod
    def load(cls) -> FaceDetector:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        return cls(
            store.file("mediapipe/face_detection_short_range.tflite"),
            store.file("mediapipe/face_detection_full_range_sparse.tflite"),
        )

    def detect(self, rgb: Rgb, *, everybody: bool = False, faint: bool = False) -> list[Detection]:
        """Faces in a uint8 RGB picture, height × width × 3, best first.

        `everybody`: look for small faces even when a large one was found, as is needed to notice somebody in
        the background (3 ms more; once a second is enough). `faint`: what reaches `FAINT_SCORE`
        alone, too, last.
        """
        values, scores = self._near(rgb)
        if everybody or not np.any(scores >= SURE_SCORE):
            far_values, far_scores = self._far(rgb)
            values, scores = np.concatenate([values, far_values]), np.concatenate([scores, far_scores])
        good = scores >= SCORE
        faces = merge(values[good], scores[good])  # by themselves: faint boxes would blur them
        if faint:
            rest, rest_scores = values[~good], scores[~good]
            for box, _ in faces:
                apart = overlap(box, rest)[1] < OVERLAP
                rest, rest_scores = rest[apart], rest_scores[apart]
            faces += merge(rest, rest_scores)
        return [
            Detection((float(v[0]), float(v[1]), float(v[2]), float(v[3])), score, v[4:].reshape(6, 2))
            for v, score in faces
        ]

    def confirm(self, rgb: Rgb, found: Detection) -> bool:
        """Whether a detection without a mesh is a face after all, as one seen from the side: seen larger, and
        mirrored, a face stays one, while a texture that resembles a face at one size does not. 2 to 7 ms."""
        close, wide = _enlarged(rgb, found.box, 2), _enlarged(rgb, found.box, 3)
        far = self._centred(self._far, wide, 3)
        if min(far) >= FAINT_SCORE and sum(far) / 2 >= CONFIRMED_FAR:
            return True
        near = self._centred(self._near, wide, 3)
        return sum(near) / 2 >= CONFIRMED_NEAR and sum(self._centred(self._near, close, 2)) / 2 >= SCORE

    def _centred(self, network: _BlazeFace, image: Rgb, times: float) -> tuple[float, float]:
        """Scores of the best face where the one enlarged must lie, and the same in the mirror."""
        side = image.shape[0] / times
        low, high = (image.shape[0] - side) / 2, (image.shape[0] + side) / 2
        place = np.array([low, low, high, high], np.float32)
        first, second = (
            max(
                (
                    float(score)
                    for box, score in zip(*network(one), strict=True)
                    if overlap(place, box[None])[0][0] > OVERLAP
                ),
                default=0.0,
            )
            for one in (image, np.ascontiguousarray(image[:, ::-1]))
        )
        return first, second

    def detect_hard(self, rgb: Rgb) -> list[Detection]:
        """The same in a picture whose contrast is evened out first (CLAHE, Zuiderveld 1994): faces in the
        dark and against the light. About 5 ms; for when `detect` found nothing that can be believed."""
        scale = min(1.0, HARD_SIDE / max(rgb.shape[:2]))
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
        lab[..., 0] = self._contrast.apply(np.ascontiguousarray(lab[..., 0]))
        even = np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
        across, down = rgb.shape[1] / small.shape[1], rgb.shape[0] / small.shape[0]
        return [
            Detection(
                (box[0] * across, box[1] * down, box[2] * across, box[3] * down),
                found.score,
                (found.keypoints * (across, down)).astype(np.float32),
            )
            for found in self.detect(even, everybody=True, faint=True)
            for box in [found.box]
        ]


def _enlarged(rgb: Rgb, box: Box, times: float) -> Rgb:
    """The square of so many times a box's longer side around it, 192 × 192; black beyond the picture."""
    x1, y1, x2, y2 = box
    side = max(x2 - x1, y2 - y1, 2.0) * times
    scale = HARD_SIDE / 2 / side
    matrix = np.array(
        [[scale, 0, (side / 2 - (x1 + x2) / 2) * scale], [0, scale, (side / 2 - (y1 + y2) / 2) * scale]]
    )
    return np.asarray(cv2.warpAffine(rgb, matrix, (HARD_SIDE // 2, HARD_SIDE // 2)), np.uint8)


class _BlazeFace:
    """One network with its grid of anchors; `strides` lists (pixels per cell, anchors per cell)."""

    def __init__(self, path: Path, boxes: str, logits: str, strides: tuple[tuple[int, int], ...]) -> None:
        self._network = Network(path)
        self._boxes, self._logits = boxes, logits
        self._anchors = anchors(self._network.side, strides)

    def __call__(self, rgb: Rgb) -> tuple[Float32, Float32]:
        """Raw faces in picture pixels: float32 (n, 16), box corners and keypoints, and their n scores."""
        side = self._network.side
        scale = side / max(rgb.shape[:2])
        height, width = (max(1, round(length * scale)) for length in rgb.shape[:2])
        left, top = (side - width) // 2, (side - height) // 2
        image = np.zeros((side, side, 3), np.float32)
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        image[top : top + height, left : left + width] = small * np.float32(1 / 127.5) - 1
        out = self._network(image)
        logits = out[self._logits][0, :, 0]
        keep = logits > np.log(FAINT_SCORE / (1 - FAINT_SCORE))
        # Eight pairs each, in input pixels: centre, size, six keypoints; all but the size from the anchor.
        pairs = out[self._boxes][0, keep].reshape(-1, 8, 2)
        centre, half = pairs[:, 0] + self._anchors[keep], pairs[:, 1] / 2
        points = np.concatenate(
            [
                centre[:, None] - half[:, None],
                centre[:, None] + half[:, None],
                pairs[:, 2:] + self._anchors[keep, None],
            ],
            axis=1,
        )
        points = (points - (left, top)) / scale
        return points.reshape(-1, 16).astype(np.float32), 1 / (1 + np.exp(-logits[keep]))


def anchors(side: int, strides: tuple[tuple[int, int], ...]) -> Float32:
    """Centres of all anchors in pixels of the input, row by row; float32 (n, 2)."""
    centres = []
    for stride, per_cell in strides:
        cells = (np.arange(side // stride) + 0.5) * stride
        x, y = np.meshgrid(cells, cells)
        centres.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), per_cell, axis=0))
    return np.concatenate(centres).astype(np.float32)


def overlap(box: Float32, others: Float32) -> tuple[Float32, Float32]:
    """Of one box with n others (x1, y1, x2, y2): intersection over union, and over the smaller of the two."""
    near, far = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:4], others[:, 2:4])
    shared = np.prod(np.clip(far - near, 0, None), axis=1)
    area, areas = np.prod(box[2:4] - box[:2]), np.prod(others[:, 2:4] - others[:, :2], axis=1)
    union, smaller = np.maximum(area + areas - shared, 1e-9), np.maximum(np.minimum(area, areas), 1e-9)
    return (shared / union).astype(np.float32), (shared / smaller).astype(np.float32)


def merge(values: Float32, scores: Float32) -> list[tuple[Float32, float]]:
    """BlazeFace's suppression: boxes of one face are averaged by score, not dropped, which jitters less.

    A doubtful box around a better one is dropped: nobody stands inside somebody else's face.
    """
    faces = []
    order = np.argsort(-scores)
    while len(order):
        best = order[0]
        of_union, of_smaller = overlap(values[best], values[order])
        same = of_union > OVERLAP
        same[0] = True
        group = order[same]
        weight = scores[group, None]
        faces.append(((values[group] * weight).sum(0) / weight.sum(), float(scores[best])))
        order = order[~same & (of_smaller < NESTED)]
    return faces
