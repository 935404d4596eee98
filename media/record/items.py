"""The nouns of recording: a segment of a few seconds, what is missing in it, and where it is kept."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from media.items import Kind

Container = Literal["webm", "mp4"]
State = Literal["recording", "stopped"]
Reason = Literal["started", "resumed", "disk-full", "storage-failed", "finished"]
CONTENT_TYPES: dict[Container, str] = {"webm": "video/webm", "mp4": "video/mp4"}


class Gap(BaseModel):
    """A stretch in which a stream that had been there did not come; seconds on the media clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    start: float
    end: float


class Segment(BaseModel):
    """One line of a recording's index. Times are seconds on the session's media clock; the file's own times
    count from `start`. `sha256` is of the file as muxed, before any encryption."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int = Field(ge=1)
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    container: Container
    video: Literal["VP8", "H264"] | None
    audio: Literal["opus"] | None
    width: int = 0
    height: int = 0
    frames: int = Field(ge=1, description="of both kinds")
    keys: tuple[float, ...] = Field(description="where a decoder of the picture can start")
    size: int = Field(ge=1, description="bytes as muxed")
    sha256: str
    gaps: tuple[Gap, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.number:06}.{self.container}"


class SegmentSink(Protocol):
    """Where finished segments of one session go. Called on the recording thread."""

    def next_number(self) -> int:
        """One more than the highest number kept so far. Raises OSError."""
        ...

    def put(self, segment: Segment, data: bytes) -> None:
        """Keeps the segment whole or not at all, and lists it. Raises OSError, ENOSPC for a full disk."""
        ...
