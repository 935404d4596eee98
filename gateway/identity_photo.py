"""From the bytes of an uploaded picture to one face that can be compared, or to codes that say why not.

Stills are read on a thread of their own: one may take a second, and the live pictures' thread has no second.
The picture lives in memory for as long as it is read and is kept nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gateway.problems import Messages, Reason
from inference.messages import Crop
from inference.model_thread import lower_priority
from models.faces.detector import Rgb
from models.identity.alignment import AlignedFace, FaceAligner
from models.identity.card import WIDTH, CardCheck, CardReader
from models.identity.codes import SENTENCES, Code
from models.identity.photo import PhotoGate, PhotoLimits, judged, measure
from models.identity.upload import PhotoError, decode

Source = Literal["photo", "camera"]
# Of the card's width: the eyes of a portrait of 26 mm lie 7 to 10 mm apart, and a card is 85.6 mm wide.
LARGEST = 0.15
GHOST = 0.75  # of the portrait's size: the second, faint portrait that many cards carry is smaller
WAITING = 8  # pictures that may wait for the thread
# What passes the gate but falls short of these is noted: a weak photo explains a weak similarity.
GOOD = PhotoLimits(min_eye_distance=45, max_turn=15, min_sharpness=50, min_luma=0.16, max_burnt=0.15)


class PhotoRefused(Exception):
    """`codes`, the gravest first; never empty."""

    def __init__(self, codes: tuple[Code, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class Busy(Exception):
    """Too many pictures wait already."""


@dataclass(frozen=True, slots=True)
class PhotoFace:
    """`crop`: uint8 RGB 112 × 112 × 3, aligned. `card`: found on an ID card. `notes`: weak, but will do."""

    crop: Crop
    card: bool
    notes: tuple[Code, ...]


class PhotoReader:
    """One per process. The models are loaded with the first picture (a third of a second)."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "identity-photos", lower_priority, (5,))
        self._aligner: FaceAligner | None = None
        self._waiting = 0

    async def read(self, data: bytes, source: Source) -> PhotoFace:
        """JPEG, PNG or WebP. A picture from the camera must show an ID card: the face before the camera is
        the one to be checked and cannot vouch for itself. Raises PhotoRefused, Busy."""
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, data, source)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, data: bytes, source: Source) -> PhotoFace:
        if self._aligner is None:
            self._aligner = FaceAligner.load()
        try:
            rgb = decode(data)
        except PhotoError as error:
            raise PhotoRefused((error.code,)) from error
        card = CardReader(self._aligner).read(rgb)
        if card.card is not None and card.face is not None and _is_card(card.face):
            return _on_card(card, self._aligner)
        if source == "camera":
            raise PhotoRefused(("no_card",))
        return _portrait(rgb, self._aligner)


def explained(codes: Iterable[str]) -> list[Reason]:
    """Codes of `models.identity.codes` with their sentences."""
    sentences = {str(code): texts for code, texts in SENTENCES.items()}
    return [
        Reason(code=code, messages=Messages(zh=sentences[code]["zh"], en=sentences[code]["en"]))
        for code in codes
    ]


def _portrait(rgb: Rgb, aligner: FaceAligner) -> PhotoFace:
    check = PhotoGate(aligner).check(rgb)
    if check.codes or check.face is None or check.quality is None:
        raise PhotoRefused(check.codes or ("no_face",))
    return PhotoFace(check.face.crop, False, judged(check.quality, GOOD))


def _is_card(face: AlignedFace) -> bool:
    """Any rectangle may pass for a card, a window behind the person too; on a card the face is small."""
    return face.eye_distance <= LARGEST * WIDTH


def _on_card(card: CardCheck, aligner: FaceAligner) -> PhotoFace:
    """Judged on the flattened card; its size is what it had in the picture that was sent."""
    if card.face is None or card.card is None or card.corners is None:
        raise PhotoRefused(("no_face",))
    faces = aligner.faces(card.card)
    if sum(face.eye_distance >= GHOST * faces[0].eye_distance for face in faces) > 1:
        raise PhotoRefused(("several_faces",))
    top, bottom = card.corners[1] - card.corners[0], card.corners[2] - card.corners[3]
    enlarged = WIDTH / max(1.0, float(np.hypot(*(top + bottom)) / 2))
    quality = measure(card.card, card.face)
    quality = replace(quality, eye_distance=quality.eye_distance / enlarged)
    codes = judged(quality, PhotoLimits())
    if codes:
        raise PhotoRefused(codes)
    return PhotoFace(card.face.crop, True, judged(quality, GOOD))
