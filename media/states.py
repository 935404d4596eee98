"""Whether there is sound and picture at all, told with hysteresis. Event-loop side; times are media time."""

from __future__ import annotations

from media.items import PictureChanged, SoundChanged
from media.settings import MediaSettings


class SoundState:
    """`ok`, `silent` (packets without sound) or `missing` (no packets, or none were offered).

    Until the microphone is first heard, `silent_s` of silence are told; later a person may simply be
    thinking, and `silent_later_s` must pass.
    """

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self._state: str | None = None
        self._silent_since: float | None = None
        self._was_heard = False

    def heard(self, time: float, dbfs: float) -> list[SoundChanged]:
        """A stretch of sound that ends at `time` has this loudness."""
        if dbfs >= self._settings.silent_dbfs:
            self._silent_since, self._was_heard = None, True
            return self._become("ok", time)
        if self._silent_since is None:
            self._silent_since = time
        patience = self._settings.silent_later_s if self._was_heard else self._settings.silent_s
        return self._become("silent", time) if time - self._silent_since >= patience else []

    def without_packets(self, time: float, for_s: float) -> list[SoundChanged]:
        """No packet came for `for_s` seconds up to `time`; infinity: none will ever come."""
        if for_s < self._settings.sound_missing_s:
            return []
        self._silent_since = None
        return self._become("missing", time)

    def _become(self, state: str, time: float) -> list[SoundChanged]:
        if state == self._state:
            return []
        self._state = state
        match state:
            case "ok":
                return [SoundChanged(time, "ok")]
            case "silent":
                return [SoundChanged(time, "silent")]
            case _:
                return [SoundChanged(time, "missing")]


class PictureState:
    """`ok`, `black` (a covered or dead camera) or `missing` (no frames, or none were offered)."""

    def __init__(self, settings: MediaSettings) -> None:
        self._settings = settings
        self._state: str | None = None
        self._black_since: float | None = None

    def seen(self, time: float, luma: float) -> list[PictureChanged]:
        """A sampled frame has this mean brightness, 0–1."""
        if luma > self._settings.black_luma:
            self._black_since = None
            return self._become("ok", time)
        if self._black_since is None:
            self._black_since = time
        return self._become("black", time) if time - self._black_since >= self._settings.black_hold_s else []

    def without_frames(self, time: float, for_s: float) -> list[PictureChanged]:
        """No frame came for `for_s` seconds up to `time`; infinity: none will ever come."""
        if for_s < self._settings.picture_missing_s:
            return []
        self._black_since = None
        return self._become("missing", time)

    def _become(self, state: str, time: float) -> list[PictureChanged]:
        if state == self._state:
            return []
        self._state = state
        match state:
            case "ok":
                return [PictureChanged(time, "ok")]
            case "black":
                return [PictureChanged(time, "black")]
            case _:
                return [PictureChanged(time, "missing")]
