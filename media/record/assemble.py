"""Segments of a recording as one playable file, by remux; and which segments a range of media time needs."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import av

from media.items import Kind
from media.record.items import Container, Segment
from media.record.mux import SILENCE, container_of, index_space, open_output, opus_head, packet

Read = Callable[[Segment], bytes]
SOUND_MS = 20
# A silence longer than this is not filled in a file of sound alone; it would be an hour of empty packets.
LONGEST_FILL_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Part:
    """Segments that fit into one file: of one picture codec, in order. `start` and `end` in media time."""

    segments: tuple[Segment, ...]

    @property
    def start(self) -> float:
        return self.segments[0].start

    @property
    def end(self) -> float:
        return max(segment.end for segment in self.segments)

    @property
    def video(self) -> str | None:
        return next((segment.video for segment in self.segments if segment.video), None)

    @property
    def container(self) -> Container:
        return container_of(self.video)

    @property
    def has_sound(self) -> bool:
        return any(segment.audio for segment in self.segments)


def parts(segments: Sequence[Segment]) -> list[Part]:
    """The recording as few files as its codecs allow: H.264 of another size needs another file."""
    made: list[Part] = []
    gathered: list[Segment] = []
    head: tuple[object, ...] | None = None
    for segment in segments:
        own = None if segment.video is None else _head(segment)
        if gathered and head is not None and own is not None and own != head:
            made.append(Part(tuple(gathered)))
            gathered, head = [], None
        gathered.append(segment)
        head = head or own
    return [*made, Part(tuple(gathered))] if gathered else made


def _head(segment: Segment) -> tuple[object, ...]:
    return (segment.video, segment.width, segment.height) if segment.video == "H264" else (segment.video,)


def cover(part: Part, start: float, end: float) -> tuple[Part, float]:
    """The segments of `part` that hold `start`–`end`, and where the file begins: the last key frame at or
    before `start`, else the part's beginning. Raises LookupError where nothing of it lies there."""
    if start >= part.end or end <= part.start:
        raise LookupError("nothing was recorded then")
    keys = [key for segment in part.segments for key in segment.keys if key <= start + 0.0005]
    first_key = next((key for segment in part.segments for key in segment.keys), None)
    begin = max(keys) if keys else part.start
    if first_key is None:  # sound alone can begin anywhere
        begin = max(start, part.start)
    chosen = tuple(one for one in part.segments if one.end > begin and one.start < end)
    if not chosen:  # a gap in which nothing came
        raise LookupError("nothing was recorded then")
    return Part(chosen), begin


class _Packet(NamedTuple):
    ms: int
    kind: Kind
    data: bytes
    key: bool


def assemble(part: Part, begin: float, end: float, read: Read, file: Any) -> None:
    """Muxes what lies between `begin` and `end` (media time, seconds) into `file`; its zero is `begin`.

    `file` is written in order but for `front_bytes(part)` at its beginning, so it need not be held in memory.
    Holes in the sound become silence: a player's clock then is the media clock. Raises what `read` raises,
    av.FFmpegError for a segment that is damaged.
    """
    options, _ = index_space(part.container, _samples(part), _keys(part))
    zero = round(1000 * begin)
    with (
        open_output(file, part.container, options) as output,
        av.open(io.BytesIO(opus_head())) as opus,
        av.open(io.BytesIO(_first_with_picture(part, read))) as head,
    ):
        streams: dict[Kind, Any] = {}
        if part.video:
            streams["video"] = output.add_stream_from_template(head.streams.video[0])
        if part.has_sound:
            streams["audio"] = output.add_stream_from_template(opus.streams.audio[0])
        last: dict[Kind, int] = {}
        until = round(1000 * end) - zero
        for one in _filled(_packets(part, read), zero, part.has_sound):
            if one.ms - zero < 0 or one.ms - zero >= until:
                continue
            pts = last[one.kind] = max(one.ms - zero, last.get(one.kind, -1) + 1)
            output.mux_one(packet(one.data, streams[one.kind], pts, key=one.key))


def front_bytes(part: Part) -> int:
    """How much of the file's beginning `assemble` comes back to when it ends."""
    return index_space(part.container, _samples(part), _keys(part))[1]


def _samples(part: Part) -> int:
    silence = int((part.end - part.start) * 1000 / SOUND_MS)  # at the most
    return silence + sum(segment.frames for segment in part.segments)


def _keys(part: Part) -> int:
    return sum(len(segment.keys) for segment in part.segments)


def _first_with_picture(part: Part, read: Read) -> bytes:
    return next((read(one) for one in part.segments if one.video), b"") or opus_head()


def _packets(part: Part, read: Read) -> Iterator[_Packet]:
    """All packets by media time; neighbouring segments overlap by what arrived late at a cut."""
    waiting: list[_Packet] = []
    for segment, following in itertools.zip_longest(part.segments, part.segments[1:]):
        waiting += _demux(segment, read(segment))
        waiting.sort(key=lambda one: one.ms)
        border = round(1000 * following.start) if following else None
        ready = len(waiting) if border is None else sum(one.ms < border for one in waiting)
        yield from waiting[:ready]
        waiting = waiting[ready:]


def _demux(segment: Segment, data: bytes) -> list[_Packet]:
    zero = round(1000 * segment.start)
    found: list[_Packet] = []
    with av.open(io.BytesIO(data), "r") as container:
        for one in container.demux():
            if one.pts is None or not one.size or one.time_base is None:
                continue
            ms = round(one.pts * one.time_base / Fraction(1, 1000)) + zero
            kind: Kind = "audio" if one.stream.type == "audio" else "video"
            found.append(_Packet(ms, kind, bytes(one), one.is_keyframe))
    return found


def _filled(packets: Iterator[_Packet], zero: int, has_sound: bool) -> Iterator[_Packet]:
    """With silence where sound is missing for 20 ms and more, from the file's beginning on."""
    due = zero
    for one in packets:
        if one.kind == "audio":
            yield from _silence(due, one.ms - SOUND_MS)
            due = max(due, one.ms + SOUND_MS)
        elif has_sound and one.ms - due > 1000:  # the picture must not run ahead of the sound's packets
            yield from _silence(due, one.ms - 500)
            due += max(0, (one.ms - 500 - due) // SOUND_MS + 1) * SOUND_MS
        yield one


def _silence(start: int, until: int) -> Iterator[_Packet]:
    for ms in range(start, min(until, start + LONGEST_FILL_MS) + 1, SOUND_MS):
        yield _Packet(ms, "audio", SILENCE, True)
