"""What waits to leave for one peer: a bounded queue that a task of its own empties."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable, Mapping

from aiortc import clock

from media.forward.packed import Packed
from media.items import Kind
from media.rtp_writer import RtpWriter

MAX_PICTURES, MAX_BYTES, MAX_SOUNDS = 120, 1_000_000, 50
PACE = 2.5  # times the bandwidth: a key frame leaves in a fraction of a second, yet not as one burst
NTP_BITS = 32


class Stamps:
    """RTP timestamps of one outgoing stream, from media times: continuous whatever happens to the source."""

    def __init__(self, kind: Kind) -> None:
        self._origin = random.getrandbits(32)
        self._least = 960 if kind == "audio" else 1
        self._last: int | None = None

    def of(self, media_time: float, rate: int) -> int:
        stamp = round(media_time * rate)
        if self._last is not None and stamp <= self._last:
            stamp = self._last + self._least  # the source was placed anew, earlier: time never runs back here
        self._last = stamp
        return (self._origin + stamp) & 0xFFFFFFFF


class Outlet:
    """Frames to the writers of one peer. `push` never waits; what does not fit is dropped and counted.

    `now` is the session's clock (s); `bandwidth` what the peer can take (bit/s) or None.
    """

    def __init__(
        self,
        writers: Mapping[Kind, RtpWriter],
        now: Callable[[], float],
        bandwidth: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._writers = writers
        self._bandwidth = bandwidth
        self._zero_ntp = clock.current_ntp_time() - int(now() * (1 << NTP_BITS))
        self._stamps: dict[Kind, Stamps] = {"audio": Stamps("audio"), "video": Stamps("video")}
        self._queue: deque[Packed] = deque()
        self._counts: dict[Kind, int] = {"audio": 0, "video": 0}
        self._bytes = 0
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.sent: dict[Kind, int] = {"audio": 0, "video": 0}
        self.dropped: dict[Kind, int] = {"audio": 0, "video": 0}
        self.octets = 0

    def push(self, packed: Packed) -> bool:
        """False when the queue is full: the pictures that waited are dropped, or this packet of sound is."""
        kind = packed.frame.kind
        writer = self._writers.get(kind)
        if writer is None or not writer.takes(packed.frame.codec):
            self.dropped[kind] += 1
            return kind == "audio"
        if kind == "audio" and self._counts["audio"] >= MAX_SOUNDS:
            self.dropped["audio"] += 1
            return False
        if kind == "video" and (self._counts["video"] >= MAX_PICTURES or self._bytes > MAX_BYTES):
            self._drop_pictures()
            self.dropped["video"] += 1
            return False
        self._queue.append(packed)
        self._counts[kind] += 1
        self._bytes += packed.size
        self._some.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return True

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _drop_pictures(self) -> None:
        kept = [one for one in self._queue if one.frame.kind == "audio"]
        self.dropped["video"] += len(self._queue) - len(kept)
        self._queue = deque(kept)
        self._counts["video"] = 0
        self._bytes = sum(one.size for one in kept)

    async def _run(self) -> None:
        with contextlib.suppress(ConnectionError):  # the peer is gone; its owner is told by its state
            while True:
                await self._some.wait()
                self._some.clear()
                while self._queue:
                    packed = self._queue.popleft()
                    self._counts[packed.frame.kind] -= 1
                    self._bytes -= packed.size
                    await self._write(packed)

    async def _write(self, packed: Packed) -> None:
        frame = packed.frame
        stamp = self._stamps[frame.kind].of(packed.media_time, frame.clock_rate)
        ntp = self._zero_ntp + int(packed.media_time * (1 << NTP_BITS))
        await self._writers[frame.kind].write(frame.codec, packed.payloads, stamp, ntp)
        self.sent[frame.kind] += 1
        self.octets += packed.size
        limit = self._bandwidth()
        if limit and self._queue:
            await asyncio.sleep(8 * packed.size / (PACE * limit))
