"""The pictures since the last key frame, for whoever joins now."""

from __future__ import annotations

from dataclasses import replace

from media.forward.packed import Packed

FRESH_S = 1.0
MAX_AGE_S = 4.0
MAX_FRAMES = 120
MAX_BYTES = 1_000_000
STEP_S = 0.001


class PictureGroup:
    """Kept while it is short: a browser makes a key frame only when asked, and minutes of pictures would take
    longer to send than a new one takes to come. One that is no longer `fresh` is for candidates whose client
    does not answer requests for key frames (an encoder that reads a file, say)."""

    def __init__(self) -> None:
        self._pictures: list[Packed] = []
        self._bytes = 0

    def add(self, picture: Packed) -> None:
        if picture.key:
            self._pictures, self._bytes = [], 0
        elif not self._pictures:
            return
        self._pictures.append(picture)
        self._bytes += picture.size
        age = picture.media_time - self._pictures[0].media_time
        if age > MAX_AGE_S or len(self._pictures) > MAX_FRAMES or self._bytes > MAX_BYTES:
            self.clear()

    @property
    def fresh(self) -> bool:
        """Whether sending it is better than asking for a new key frame."""
        pictures = self._pictures
        return bool(pictures) and pictures[-1].media_time - pictures[0].media_time <= FRESH_S

    def clear(self) -> None:
        self._pictures, self._bytes = [], 0

    def pictures(self) -> list[Packed]:
        """From the key frame on; empty when there is none of use. All but the last are of the past, so their
        times are drawn together before it: a receiver would otherwise play them at their old pace, and stay
        late."""
        if not self._pictures:
            return []
        last = self._pictures[-1].media_time
        count = len(self._pictures)
        return [
            replace(one, media_time=last - (count - 1 - n) * STEP_S) for n, one in enumerate(self._pictures)
        ]
