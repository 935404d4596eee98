"""One session's faces, look by look: tracks, count, framing, and what is measured of the main one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from media.blinks import Blinks
from media.facetrack import FaceTracks, Track
from media.finding import Face, FaceFinder, Rgb
from media.framing import FaceCount, Framing
from media.items import FaceColours, FaceSample, MediaItem
from media.measuring import Measured
from media.presentation.skin import background_colour, skin_colour
from media.presentation.watch import CueWatch
from media.settings import MediaSettings
from models.faces import geometry
from models.faces.mesh import Mesh

EVERYBODY_S = 1.0  # how often somebody small in the background is looked for
HARD_S = 0.25  # how often a picture without a known face is looked at more closely
FLAT = 5.0  # standard deviation of a picture's brightness, of 255, under which it has no scene to speak of


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found: every face's track, and the items it adds."""

    tracks: list[Track]
    items: list[MediaItem]


class FaceWatch:
    """Made for one session. One thread at a time, but `watch_eyes` and `want_identity` may come from any."""

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self._tracks = FaceTracks(settings.framing)
        self._count = FaceCount(settings.framing)
        self._framing = Framing(settings.framing, settings.usability.covered)
        self._blinks = Blinks()
        self._cues = CueWatch()
        self._everybody_at = -EVERYBODY_S  # at once
        self._hard_at = 0.0
        self._restless = False  # something was seen that needs a second look
        self._restless_until = 0.0  # after a cut whoever is there now is looked for at every look
        self._sampled = float("-inf")
        self._thumb = np.zeros(0)
        self._eyes_until: float | None = None
        self._colours_until: float | None = None
        self._identity_at: dict[int, float] = {}
        self._identity_wanted = False

    @property
    def interval(self) -> float:
        """Seconds to the next look: fewer while eyes are watched, or something seen needs a second look."""
        watching = self._eyes_until is not None or self._colours_until is not None
        return 1 / (self._settings.eyes_fps if self._restless or watching else self._settings.look_fps)

    def watch_eyes(self, until: float) -> None:
        """Look at the eyes `eyes_fps` times a second up to this time on the media clock."""
        self._eyes_until = until

    def watch_colours(self, until: float) -> None:
        """Tell the colours of skin and background `eyes_fps` times a second up to this media time."""
        self._colours_until = until

    def want_identity(self) -> None:
        """The next sample that allows it carries an identity crop."""
        self._identity_wanted = True

    def look(self, finder: FaceFinder, rgb: Rgb, time: float) -> Looked:
        """One look at a uint8 RGB picture. `face_fps` of them a second are sampled: measured and cut out."""
        if self._eyes_until is not None and time > self._eyes_until:
            self._eyes_until = None
        if self._colours_until is not None and time > self._colours_until:
            self._colours_until = None
        if self._cut(rgb):
            self._tracks.cut()
            self._restless_until = time + EVERYBODY_S
        faces, everybody = self._find(finder, rgb, time)
        tracks = self._tracks.update(time, [face.box for face in faces], [face.sure for face in faces])
        items: list[MediaItem] = []
        if everybody or len(faces) != 1 or not self._count.told:
            # Otherwise one face says nothing: nobody looked for others behind it.
            items += self._count.update(time, [face.detection.score for face in faces])
        main = self._tracks.main(tracks)
        if main is None:
            items += self._framing.update(time, None, None)
        else:
            items += self._measure(finder, rgb, faces[tracks.index(main)], main, time)
        self._restless = self._framing.pending or self._count.pending
        return Looked(tracks, items)

    def _measure(self, finder: FaceFinder, rgb: Rgb, face: Face, main: Track, time: float) -> list[MediaItem]:
        sampled, watching = self._sample_due(time), self._eyes_until is not None
        mesh = face.mesh
        colours = self._colours_until is not None
        if mesh is None and (sampled or watching or colours):
            mesh = finder.mesh(rgb, face.detection)
        identity = sampled and self._identity_due(main.id, time)
        if identity and mesh is not None:  # fitted again it is exact enough to tell people apart
            mesh = finder.mesh_again(rgb, mesh) or mesh
        measured = Measured(rgb, face, mesh, self._settings.usability)
        items: list[MediaItem] = [*self._framing.update(time, main, measured.light(sampled=sampled))]
        if sampled:
            sample = measured.sample(main.id, time, identity=identity)
            if isinstance(sample, FaceSample) and sample.identity_crop is not None:
                self._identity_at = {main.id: time + self._settings.identity_every_s}
                self._identity_wanted = False
            if isinstance(sample, FaceSample) and mesh is not None and sample.liveness_usable:
                border, within = self._cues.look(rgb, measured.box, mesh, main.id, time)
                sample = replace(sample, border=border, motion_within=within)
            items.append(sample)
        elif watching and (glance := measured.glance(main.id, time)):
            items.append(glance)
        if watching and mesh is not None:
            items += self._blinks.update(time, main.id, geometry.eyes_open(mesh))
        if colours and mesh is not None:
            items += _colours(rgb, mesh, main.id, time)
        return items

    def _sample_due(self, time: float) -> bool:
        due = self._sampled + 0.9 / self._settings.face_fps  # a tenth early is in time
        if self._sampled <= time < due:
            return False
        self._sampled = time
        return True

    def _identity_due(self, track: int, time: float) -> bool:
        return self._identity_wanted or time >= self._identity_at.get(track, time)

    def _find(self, finder: FaceFinder, rgb: Rgb, time: float) -> tuple[list[Face], bool]:
        # Rather between samples, so that neither look costs much; where all are sampled, a little later.
        wait = 0.0 if time < self._sampled + 0.9 / self._settings.face_fps else EVERYBODY_S / 2
        everybody = self._count.pending or time >= self._everybody_at + wait
        if everybody:
            self._everybody_at = time + EVERYBODY_S
        known = self._tracks.known(time)
        hard = bool(known) or time >= self._hard_at or time < self._restless_until
        if hard and not known:
            self._hard_at = time + HARD_S
        faces = finder.find(rgb, everybody=everybody, known=known, hard=hard)
        return faces, everybody

    def _cut(self, rgb: Rgb) -> bool:
        """Whether this look shows another scene than the last: 16 × 12 samples that hardly correlate. They do
        when the exposure alone changes."""
        coarse = cv2.resize(rgb, (80, 60), interpolation=cv2.INTER_NEAREST)
        small = cv2.resize(coarse, (16, 12), interpolation=cv2.INTER_AREA)
        thumb = small.sum(2, dtype=np.float32) / 3
        thumb -= thumb.sum() / thumb.size
        before, self._thumb = self._thumb, thumb
        if not before.size:
            return False
        norm = float(np.linalg.norm(before) * np.linalg.norm(thumb))
        # A picture without contrast (a covered lens) correlates with nothing and cuts nothing.
        if norm < thumb.size * FLAT**2:
            return False
        return float((before * thumb).sum()) / norm < self._settings.framing.cut_likeness


def _colours(rgb: Rgb, mesh: Mesh, track: int, time: float) -> list[MediaItem]:
    skin, behind = skin_colour(rgb, mesh.points), background_colour(rgb, mesh.points)
    if skin is None or behind is None:
        return []
    red, green, blue = (float(value) for value in skin)
    return [
        FaceColours(time, track, (red, green, blue), (float(behind[0]), float(behind[1]), float(behind[2])))
    ]
