"""Encoded frames: what leaves the RTP receiver, before any decoder.

This is the seam for whoever needs the candidate's own packets (forwarding, recording): a `FrameListener` of a
`FrameHub` sees every frame once, in order, on the event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple, Protocol

from media.items import Kind

log = logging.getLogger("viva.media")


class EncodedFrame(NamedTuple):
    """One frame of one stream: an Opus or G.711 packet, or a whole VP8 or H.264 picture (Annex B)."""

    kind: Kind
    codec: str  # "opus", "PCMU", "PCMA", "VP8", "H264"
    clock_rate: int
    data: bytes
    timestamp: int  # RTP timestamp, 32 bit
    ssrc: int
    lost: int  # packets known to be missing right before this frame (sound only)
    temporal: int | None = None  # VP8 temporal layer (RFC 7741 section 4.2, TID); None: not layered
    sync: bool = False  # VP8 layer sync (Y bit): depends on the base layer alone

    @property
    def key(self) -> bool:
        """Whether a decoder can start here. True for sound."""
        if self.kind == "audio":
            return True
        if self.codec == "VP8":  # RFC 7741 section 4.3: P bit of the payload header
            return bool(self.data) and not self.data[0] & 1
        return b"\x00\x00\x01\x67" in self.data or b"\x00\x00\x01\x65" in self.data  # SPS or IDR


class FrameListener(Protocol):
    """Whoever takes the candidate's encoded frames. Must return within a millisecond: packets wait."""

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        """`media_time`: seconds on the session's clock, sound and picture on one line (`media.lipsync`)."""
        ...


class FrameHub:
    """One session's frames to its listeners, across the candidate's reconnections. On one event loop."""

    def __init__(self) -> None:
        self._listeners: tuple[FrameListener, ...] = ()

    def subscribe(self, listener: FrameListener) -> Callable[[], None]:
        """`listener` gets all frames from here on, until the returned function is called."""
        self._listeners = (*self._listeners, listener)
        return lambda: self._remove(listener)

    def publish(self, frame: EncodedFrame, media_time: float) -> None:
        """A listener that raises is logged and dropped: one that fails must not cost the others a frame."""
        for listener in self._listeners:
            try:
                listener.on_frame(frame, media_time)
            except Exception:
                log.exception("a listener of encoded frames failed and is dropped")
                self._remove(listener)

    def _remove(self, listener: FrameListener) -> None:
        self._listeners = tuple(one for one in self._listeners if one is not listener)


FrameSink = Callable[[EncodedFrame], None]
EndSink = Callable[[], None]
