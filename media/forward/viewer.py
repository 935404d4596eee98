"""One who watches: a connection that the candidate's frames go out on, and HR's voice comes in by."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aiortc import RTCRtpSender

from media.aiortc_adapter import Peer, Sinks
from media.answer import finish_answer
from media.encoded import EncodedFrame
from media.errors import OfferError
from media.forward.bandwidth import Bandwidth, Rates
from media.forward.gate import HIGHEST, Gate
from media.forward.group import PictureGroup
from media.forward.outlet import Outlet
from media.forward.packed import Packed
from media.items import Kind
from media.rtp_writer import RtpWriter
from media.sdp import Offer, read_offer
from media.settings import MediaSettings
from media.trickle import read_fragment

REPAIR_S = 0.4  # between two repairs of a viewer's picture; its requests come faster than a repair arrives
POOR_S = 4.0  # between two requests for a viewer whose bandwidth is limited
PATIENCE_S = 0.2  # with a candidate that was asked for a key frame
ViewerState = Literal["connecting", "watching", "gone"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a viewer asks of the session it watches; all are called on the event loop."""

    key_frame: Callable[[], None]
    state: Callable[[Viewer, ViewerState], None]
    voice: Callable[[Viewer, EncodedFrame], None]
    now: Callable[[], float]  # the session's clock, s


@dataclass(slots=True)
class ViewerTotals:
    """Frames since the viewer joined, by kind; `withheld`: pictures left out for want of bandwidth."""

    sent: dict[Kind, int] = field(default_factory=dict)
    dropped: dict[Kind, int] = field(default_factory=dict)
    withheld: int = 0
    key_requests: int = 0


class Viewer:
    """`await answer(offer)`; frames pushed in leave once the connection is up. `await close()` ends it.

    `layers`: how many temporal layers it gets at most, the lowest first (RFC 7741 section 4.2); of a stream
    without layers it gets every picture.
    """

    def __init__(self, settings: MediaSettings, needs: Needs, layers: int = HIGHEST + 1) -> None:
        self.id = secrets.token_urlsafe(12)
        self.state: ViewerState = "connecting"
        self._settings = settings
        self._needs = needs
        self._layers = layers
        self._bandwidth = Bandwidth()
        self._gate = Gate()
        self._sent_rates = Rates()
        self._withheld = self._key_requests = 0
        voice = Sinks(lambda frame: needs.voice(self, frame), lambda: None)
        self._peer = Peer(
            settings, {"audio": voice}, self._on_state, sends=("audio", "video"), wire=self._wire
        )
        self._outlet = Outlet(self._peer.writers, needs.now, lambda: self._bandwidth.bps)
        self._offer: Offer | None = None
        self._connected = False
        self._waits_since: float | None = None
        self._repaired_at = -REPAIR_S
        self._may_ask_at = 0.0

    @property
    def can_speak(self) -> bool:
        """Whether its offer has sound that it sends: talk-back."""
        return self._offer is not None and any(
            section.kind == "audio" and section.taken and section.sends for section in self._offer.sections
        )

    @property
    def totals(self) -> ViewerTotals:
        return ViewerTotals(
            dict(self._outlet.sent), dict(self._outlet.dropped), self._withheld, self._key_requests
        )

    async def answer(self, offer_sdp: str) -> str:
        """The SDP answer. Raises `OfferError`; the viewer is closed then."""
        try:
            self._offer = read_offer(offer_sdp, self._settings, viewer=True)
            return finish_answer(
                await self._peer.answer(self._offer), self._offer, self._settings, viewer=True
            )
        except BaseException:
            await self.close()
            raise

    async def add_candidates(self, fragment: str) -> None:
        """As `media.ingest.Ingest.add_candidates`. Raises `OfferError`."""
        if self._offer is None or self.state == "gone":
            raise OfferError("ingest.closed", "there is no connection to add candidates to")
        for mid, value in read_fragment(fragment, self._offer).candidates:
            await self._peer.add_candidate(mid, value)

    def hear(self, packed: Packed) -> None:
        """A packet of sound."""
        if self.state == "watching":
            self._outlet.push(packed)

    def see(self, picture: Packed, rates: Rates, group: PictureGroup) -> None:
        """A picture that just came, `group` being all since the last key frame, this one included."""
        if self.state != "watching":
            return
        if self._gate.waiting and not picture.key:
            self.join(rates, group)
        else:
            self._show(picture, rates)

    def join(self, rates: Rates, group: PictureGroup) -> None:
        """Starts with the pictures since the last key frame, else asks for a new one."""
        now = self._needs.now()
        if self._waits_since is None:
            self._waits_since = now
        if group.fresh or now - self._waits_since > PATIENCE_S:
            for one in group.pictures():
                self._show(one, rates)
        if self._gate.wants_key_frame and now >= self._may_ask_at:
            # One who has little bandwidth must not make the candidate spend everybody's on key frames.
            self._may_ask_at = now + (0.0 if self._bandwidth.bps is None else POOR_S)
            self._needs.key_frame()

    async def close(self) -> None:
        was, self.state = self.state, "gone"
        await self._outlet.close()
        with contextlib.suppress(TimeoutError):
            await self._peer.close()
        if was != "gone":
            self._needs.state(self, "gone")

    def _show(self, picture: Packed, rates: Rates) -> None:
        if (picture.frame.temporal or 0) >= self._layers:
            return
        now = self._needs.now()
        if not self._gate.admits(picture, rates, self._bandwidth.bps, now):
            self._withheld += 1
            return
        self._waits_since = None
        if self._outlet.push(picture):
            self._sent_rates.add(0, picture.size, now)
        else:
            self._gate.starved()

    def _wire(self, kind: Kind, sender: RTCRtpSender) -> RtpWriter:
        if kind == "audio":
            return RtpWriter(sender, on_ready=self._on_ready)
        return RtpWriter(
            sender,
            on_ready=self._on_ready,
            on_key_request=self._lost_the_picture,
            on_loss=lambda share: self._bandwidth.lost(share, self._sent_rates.up_to(0)),
            on_bandwidth=self._bandwidth.receivable,
        )

    def _lost_the_picture(self) -> None:
        self._key_requests += 1
        now = self._needs.now()
        if now - self._repaired_at >= REPAIR_S:  # else what repairs it is on its way
            self._repaired_at = now
            self._gate.starved()

    def _on_ready(self) -> None:
        writers = self._peer.writers.values()
        if self.state == "connecting" and self._connected and all(writer.ready for writer in writers):
            self.state = "watching"
            self._needs.state(self, "watching")

    def _on_state(self, state: str) -> None:
        if state == "connected":
            self._connected = True
            self._on_ready()
        elif state in ("failed", "closed") and self.state != "gone":
            self.state = "gone"
            self._needs.state(self, "gone")
