"""All who watch one session, and the one of them who may speak to the candidate."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from media.clock import RtpTimeline
from media.encoded import EncodedFrame, FrameHub
from media.errors import OfferError
from media.forward.bandwidth import Rates
from media.forward.gate import HIGHEST
from media.forward.group import PictureGroup
from media.forward.keys import KeyFrames
from media.forward.packed import Packed
from media.forward.viewer import Needs, Viewer, ViewerState
from media.settings import MediaSettings

Voice = Callable[[EncodedFrame, float], None]


@dataclass(frozen=True, slots=True)
class ForwardTotals:
    """Since the session began: frames to all viewers, and key frames asked of the candidate."""

    sent: int = 0
    dropped: int = 0
    withheld: int = 0
    key_frames_asked: int = 0


class Forwarder:
    """Viewers of the session whose frames come by `frames`. While nobody watches it only
    keeps the last pictures.

    `ask_key_frame` asks the candidate, `speak(frame, media time)` carries HR's voice to them, and
    `changed(viewer, state)` is told of everyone who comes and goes. Lives on one event loop.
    """

    def __init__(
        self,
        settings: MediaSettings,
        frames: FrameHub,
        now: Callable[[], float],
        *,
        ask_key_frame: Callable[[], None],
        speak: Voice,
        changed: Callable[[Viewer, ViewerState], None],
    ) -> None:
        self._settings = settings
        self._now = now
        self._speak = speak
        self._changed = changed
        self._keys = KeyFrames(ask_key_frame)
        self._group = PictureGroup()
        self._rates = Rates()
        self._unsubscribe = frames.subscribe(self)
        self._closing: set[asyncio.Task[None]] = set()
        self._past: Counter[str] = Counter()  # counts of viewers that have gone
        self._line: RtpTimeline | None = None  # of the voice
        self.viewers: dict[str, Viewer] = {}
        self.speaker: Viewer | None = None

    @property
    def totals(self) -> ForwardTotals:
        counts = Counter(self._past)
        for viewer in self.viewers.values():
            counts.update(_counts(viewer))
        return ForwardTotals(counts["sent"], counts["dropped"], counts["withheld"], self._keys.requests)

    async def view(self, offer_sdp: str, layers: int = HIGHEST + 1) -> tuple[Viewer, str]:
        """A viewer and the answer to its offer; `layers` as of `Viewer`. Raises `OfferError`,
        `offer.unsupported` or as media says."""
        needs = Needs(self._want_key_frame, self._on_state, self._on_voice, self._now)
        viewer = Viewer(self._settings, needs, layers)
        self.viewers[viewer.id] = viewer
        self._want_key_frame()  # it comes while the connection is made
        answer = await viewer.answer(offer_sdp)
        if viewer.state == "gone":
            raise OfferError("ingest.closed", "the session was closed meanwhile")
        return viewer, answer

    async def leave(self, viewer: Viewer) -> None:
        await viewer.close()

    def open_voice(self, viewer: Viewer) -> bool:
        """Gives `viewer` the floor. False when another has it."""
        if self.speaker not in (None, viewer):
            return False
        if self.speaker is None:
            self._line = None
        self.speaker = viewer
        return True

    def close_voice(self, viewer: Viewer) -> bool:
        """Takes the floor from `viewer`; False when it did not have it."""
        if self.speaker is not viewer:
            return False
        self.speaker = None
        return True

    async def close(self) -> None:
        self._unsubscribe()
        self._keys.close()
        for viewer in list(self.viewers.values()):
            await viewer.close()
        if self._closing:
            await asyncio.wait(self._closing, timeout=2 * self._settings.close_s)

    def on_frame(self, frame: EncodedFrame, media_time: float) -> None:
        packed = Packed(frame, media_time)
        if frame.kind == "audio":
            for viewer in self.viewers.values():
                viewer.hear(packed)
            return
        self._rates.add(frame.temporal or 0, packed.size, media_time)
        self._group.add(packed)
        if packed.key:
            self._keys.arrived()
        for viewer in self.viewers.values():
            viewer.see(packed, self._rates, self._group)

    def _want_key_frame(self) -> None:
        """What is kept since the last one serves as well while it is short."""
        if not self._group.fresh:
            self._keys.wanted()

    def _on_voice(self, viewer: Viewer, frame: EncodedFrame) -> None:
        if viewer is not self.speaker or frame.codec.lower() != "opus":
            return
        if self._line is None:
            self._line = RtpTimeline(frame.clock_rate, self._settings.clock_jump_s)
        self._speak(frame, self._line.place(frame.timestamp, frame.ssrc, self._now()))

    def _on_state(self, viewer: Viewer, state: ViewerState) -> None:
        if state == "gone":
            if self.viewers.pop(viewer.id, None) is None:
                return
            self._past.update(_counts(viewer))
            self.close_voice(viewer)
            task = asyncio.create_task(viewer.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            if not self.viewers:
                self._keys.close()
        else:
            viewer.join(self._rates, self._group)
        self._changed(viewer, state)


def _counts(viewer: Viewer) -> Counter[str]:
    totals = viewer.totals
    return Counter(
        sent=sum(totals.sent.values()), dropped=sum(totals.dropped.values()), withheld=totals.withheld
    )
