"""One candidate's connection: an offer in, media items out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from media.aiortc_adapter import Peer, Sinks
from media.analysers import Analysers
from media.answer import finish_answer
from media.clock import MediaClock
from media.encoded import EncodedFrame, FrameHub, FrameListener
from media.errors import OfferError
from media.forward.outlet import Outlet
from media.forward.packed import Packed
from media.hearing import Heard, Hearing
from media.items import ConnectionChanged, ConnectionRerouted, Kind, LinkSample, MediaItem
from media.link import Freezes, LinkMeter, LinkTotals
from media.lipsync import LipSync
from media.picture import Seeing, Seen
from media.sdp import Offer, read_offer
from media.settings import MediaSettings
from media.states import PictureState, SoundState
from media.trickle import read_fragment, read_restart, write_restart

log = logging.getLogger("viva.media")
T = TypeVar("T")
TICK_S = 0.5
_CLOSING: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly
LossReason = Literal["left", "ice-failed", "no-media"]


class Ingest:
    """Receives one candidate until the connection is lost or closed.

    `emit` is called on the event loop with the items of `media.items`. A candidate who reconnects gets a new
    `Ingest` with the same clock, `first_utterance=old.next_utterance` and the same `frames`. Lives on one
    event loop.
    """

    def __init__(
        self,
        settings: MediaSettings,
        clock: MediaClock,
        analysers: Analysers,
        emit: Callable[[MediaItem], None],
        *,
        first_utterance: int = 1,
        frames: FrameHub | None = None,
    ) -> None:
        self._frames = FrameHub() if frames is None else frames
        self._lips = LipSync(settings.clock_jump_s)
        self._settings = settings
        self._clock = clock
        self._emit_item = emit
        self._loop = asyncio.get_running_loop()
        self._peer = Peer(
            settings,
            {
                "audio": Sinks(self._on_sound, lambda: self._on_end("audio"), self._lips.report),
                "video": Sinks(self._on_picture, lambda: self._on_end("video"), self._lips.report),
            },
            self._on_state,
            sends=("audio",),
            on_rerouted=self._on_rerouted,
            consent_failures=settings.consent_failures + settings.restart_failures,
        )
        self._voice = Outlet(self._peer.writers, clock.now)
        self._hearing = Hearing(
            settings,
            analysers.voice_activity,
            analysers.sound,
            self._from_thread(self._heard),
            first_utterance,
            analysers.pitch,
        )
        self._seeing = Seeing(
            settings,
            analysers.faces,
            analysers.pictures,
            self._from_thread(self._seen),
            self._peer.request_key_frame,
        )
        self._sound_state = SoundState(settings)
        self._picture_state = PictureState(settings)
        self._link = LinkMeter()
        self._freezes = Freezes()
        self._offer: Offer | None = None
        self._last: dict[Kind, float] = {}  # loop time of the last frame
        self._ended: set[Kind] = set()
        self._gap_s: float | None = None  # the longest time without a frame since a restart began
        self._rerouted = False  # the way has changed, and no frame has come since
        self._connected = False
        self._over = False  # the peer is gone for good
        self._ticker: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._flushed = False

    @property
    def connected(self) -> bool:
        """Whether media flows."""
        return self._connected

    @property
    def next_utterance(self) -> int:
        """The id that the next utterance would get."""
        return self._hearing.next_utterance

    @property
    def sound_lost_ms(self) -> float:
        return self._hearing.lost_ms

    @property
    def frames_dropped(self) -> int:
        return self._seeing.dropped

    @property
    def waiting(self) -> dict[Kind, int]:
        """What has come and is not decoded yet, in packets and frames. Both are bounded."""
        return {"audio": self._hearing.waiting, "video": self._seeing.waiting}

    async def answer(self, offer_sdp: str) -> str:
        """The SDP answer to a client's offer, all own candidates included.

        Raises `OfferError`; the ingest is closed then, and nothing is left behind.
        """
        if self._offer is not None or self._closing is not None:
            raise OfferError("offer.unsupported", "the connection cannot be renegotiated")
        try:
            self._offer = read_offer(offer_sdp, self._settings)
            local = await self._peer.answer(self._offer)
            if self._closing is not None:
                raise OfferError("ingest.closed", "the session was closed meanwhile")
        except BaseException:
            await self.close()
            raise
        self._ticker = asyncio.create_task(self._watch())
        return finish_answer(local, self._offer, self._settings)

    async def add_candidates(self, fragment: str) -> None:
        """Takes the candidates of an SDP fragment (RFC 8840). Raises `OfferError`.

        The end of candidates is not passed on: a client behind mDNS names shows itself by its checks.
        """
        if self._offer is None or self._closing is not None:
            raise OfferError("ingest.closed", "there is no connection to add candidates to")
        for mid, value in read_fragment(fragment, self._offer).candidates:
            await self._peer.add_candidate(mid, value)

    async def restart(self, fragment: str) -> str:
        """ICE restart (RFC 9725 section 4.3.2): the client's SDP fragment in, the server's out.

        Streams, keys and timeline stay. The old way is used until the new one is connected; where that
        fails, as long as it lasts. A newer restart takes the place of one under way. Raises `OfferError`.
        """
        if self._offer is None or self._over or self._closing is not None:
            raise OfferError("ingest.closed", "there is no connection whose way could change")
        asked = read_restart(fragment, self._offer)
        way = await self._peer.restart(asked.ufrag, asked.password)
        self._offer = replace(self._offer, ufrag=asked.ufrag)
        self._gap_s, self._rerouted = 0.0, False
        for mid, value in asked.candidates:
            await self._peer.add_candidate(mid, value)
        return write_restart(self._offer, way.ufrag, way.password, way.candidates)

    def subscribe(self, listener: FrameListener) -> Callable[[], None]:
        """`listener` gets every encoded frame until the returned function is called."""
        return self._frames.subscribe(listener)

    def request_key_frame(self) -> None:
        """Asks the candidate for a picture that a decoder can start with (RFC 4585 section 6.3.1)."""
        self._peer.request_key_frame()

    @property
    def can_hear(self) -> bool:
        """Whether the candidate's client offered to receive sound."""
        return "audio" in self._peer.writers

    def speak(self, frame: EncodedFrame, media_time: float) -> None:
        """Sends a packet of an interviewer's voice to the candidate; without effect where nobody can hear."""
        if self.can_hear and self._closing is None:
            self._voice.push(Packed(frame, media_time))

    def watch_eyes(self, seconds: float) -> None:
        """Looks at the eyes `eyes_fps` times a second for so long: `FaceGlance` between the samples, and
        `Blinked`. For a liveness challenge; a second of it costs what two seconds without it do."""
        self._seeing.watch_eyes(self._clock.now() + seconds)

    def watch_colours(self, seconds: float) -> None:
        """Tells `FaceColours` `eyes_fps` times a second for so long, for a colour flash."""
        self._seeing.watch_colours(self._clock.now() + seconds)

    def want_identity(self) -> None:
        """The next `FaceSample` that allows it carries an identity crop, whenever the last one was made."""
        self._seeing.want_identity()

    async def close(self) -> None:
        """Ends the connection. The items that end the open utterance are emitted before this returns."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        await self._voice.close()
        # Not broken off where it takes longer: aiortc never ends such a close, nor lets go of its sockets.
        closing = asyncio.create_task(self._peer.close(), name="close-peer")
        _CLOSING.add(closing)
        closing.add_done_callback(_closed)
        await asyncio.wait({closing}, timeout=self._settings.close_s)
        self._seeing.close()
        flushed = asyncio.Event()
        self._hearing.finish(lambda: self._call_soon(flushed.set))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.close_s):
                await flushed.wait()
        self._flushed = True

    # --- frames and states, on the event loop ---

    def _on_sound(self, frame: EncodedFrame) -> None:
        self._arrived("audio")
        self._publish(frame)
        self._hearing.push(frame, self._clock.now())

    def _on_picture(self, frame: EncodedFrame) -> None:
        self._arrived("video")
        self._freezes.picture(self._loop.time())
        self._publish(frame)
        self._seeing.push(frame, self._clock.now())

    def _publish(self, frame: EncodedFrame) -> None:
        """Placed even when nobody listens: a timeline needs its stream from the beginning."""
        at = self._lips.place(frame.kind, frame.timestamp, frame.ssrc, frame.clock_rate, self._clock.now())
        self._frames.publish(frame, at)

    def _arrived(self, kind: Kind) -> None:
        self._clock.start()
        now = self._loop.time()
        if self._gap_s is not None and self._last:
            self._gap_s = max(self._gap_s, now - max(self._last.values()))
        self._last[kind] = now
        if not self._connected and not self._over and self._closing is None:
            self._connected = True
            self._emit([ConnectionChanged(self._clock.now(), "connected")])
            self._tell_what_is_not_offered()
        if self._rerouted and self._gap_s is not None:
            self._emit([ConnectionRerouted(self._clock.now(), self._gap_s)])
            self._gap_s, self._rerouted = None, False

    def _tell_what_is_not_offered(self) -> None:
        kinds = self._offer.kinds if self._offer else frozenset()
        now = self._clock.now()
        if "audio" not in kinds:
            self._emit(self._sound_state.without_packets(now, math.inf))
        if "video" not in kinds:
            self._emit(self._picture_state.without_frames(now, math.inf))

    def _on_end(self, kind: Kind) -> None:
        self._ended.add(kind)
        if self._offer is not None and self._ended >= self._offer.kinds - {"application"}:
            self._lose("left")

    def _on_state(self, state: str) -> None:
        if state == "failed":
            self._lose("ice-failed")
        elif state == "closed":
            self._lose("left")

    def _on_rerouted(self, changed: bool) -> None:
        self._rerouted = changed
        if not changed:
            self._gap_s = None

    def _lose(self, reason: LossReason) -> None:
        if self._over or self._closing is not None:
            return
        self._over = reason != "no-media"
        self._connected = False
        self._emit([ConnectionChanged(self._clock.now(), "lost", reason)])

    async def _watch(self) -> None:
        """The media watchdog, and what else goes by the clock: a page that stops its tracks says nothing."""
        began = self._loop.time()
        link_due = began
        while not self._over:
            await asyncio.sleep(TICK_S)
            now = self._loop.time()
            if not self._connected:
                if not self._last and now - began > self._settings.connect_s:
                    self._lose("ice-failed")
                continue
            if now - max(self._last.values()) > self._settings.watchdog_s:
                self._lose("no-media")
                continue
            first = min(self._last.values())
            kinds = self._offer.kinds if self._offer else frozenset()
            media_now = self._clock.now()
            if "audio" in kinds:
                quiet = now - self._last.get("audio", first)
                self._emit(self._sound_state.without_packets(media_now, quiet))
            if "video" in kinds:
                quiet = now - self._last.get("video", first)
                self._emit(self._picture_state.without_frames(media_now, quiet))
            if now >= link_due:
                link_due = now + self._settings.link_interval_s - TICK_S / 2
                self._emit([self._sample_link(media_now)])

    def _sample_link(self, media_now: float) -> LinkSample:
        sound, picture = self._peer.totals("audio"), self._peer.totals("video")
        totals = LinkTotals(
            sound.received + picture.received,
            sound.expected + picture.expected,
            self._peer.bytes_received,
            self._seeing.decoded,
        )
        return self._link.sample(
            media_now,
            totals,
            jitter_s=max(sound.jitter_s, picture.jitter_s),
            rtt_s=self._peer.rtt_s,
            sound_lost_ms=self.sound_lost_ms,
            sound_heard_ms=self._hearing.heard_ms,
            frames_dropped=self.frames_dropped,
            freezes=self._freezes,
        )

    # --- results of the threads ---

    def _from_thread(self, receive: Callable[[T], None]) -> Callable[[T], None]:
        """`receive`, called on the event loop when the result is called on another thread."""
        return lambda value: self._call_soon(lambda: receive(value))

    def _call_soon(self, callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(callback)

    def _heard(self, heard: Heard) -> None:
        for time, dbfs in heard.loudness:
            self._emit(self._sound_state.heard(time, dbfs))
        self._emit(heard.items)

    def _seen(self, seen: Seen) -> None:
        self._emit(self._picture_state.seen(seen.time, seen.luma))
        self._emit(seen.items)

    def _emit(self, items: Sequence[MediaItem]) -> None:
        if not self._flushed:
            for item in items:
                self._emit_item(item)


def _closed(closing: asyncio.Task[None]) -> None:
    _CLOSING.discard(closing)
    if not closing.cancelled() and (error := closing.exception()):
        log.error("a connection was not closed: %r", error)
