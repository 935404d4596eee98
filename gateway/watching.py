"""Who watches a session, as events and figures; and whose microphone is open to the candidate."""

from __future__ import annotations

import hmac
import itertools
from collections.abc import Callable

from gateway.metrics import Metrics
from gateway.problems import Problem
from gateway.publisher import Publisher, offer_problem
from gateway.settings import Settings
from interviews.events import Payload
from interviews.live_events import TalkbackChanged, ViewerJoined, ViewerLeft
from media.clock import MediaClock
from media.errors import OfferError
from media.forward.forwarder import Forwarder, ForwardTotals
from media.forward.viewer import Viewer, ViewerState


class Watching:
    """The viewers of one session. `note` takes its events with their media time."""

    def __init__(
        self,
        settings: Settings,
        publisher: Publisher,
        clock: MediaClock,
        note: Callable[[float, Payload], None],
        metrics: Metrics,
    ) -> None:
        self._most = settings.max_viewers
        self._retry_after_s = settings.retry_after_s
        self._publisher = publisher
        self._clock = clock
        self._note = note
        self._metrics = metrics
        self._forwarder = Forwarder(
            settings.media,
            publisher.frames,
            clock.now,
            ask_key_frame=publisher.request_key_frame,
            speak=publisher.speak,
            changed=self._changed,
        )
        self._numbers = itertools.count(1)
        self._watch: dict[str, int] = {}  # resource → number, of those whose connection is up
        self._etags: dict[str, str] = {}
        self._by: dict[str, str] = {}  # resource → who watches
        self._counted = ForwardTotals()
        self._open = False
        self._closed = False

    async def view(self, offer: str, etag: str, layers: int, by: str) -> tuple[str, str]:
        """(resource, answer) for the offer of `by`; `layers` as of `media.forward.viewer.Viewer`.

        Raises Problem: session.ended, whep.full, offer.*.
        """
        if self._closed:
            raise Problem("session.ended")
        if len(self._forwarder.viewers) >= self._most:
            raise Problem("whep.full", headers={"Retry-After": str(self._retry_after_s)})
        try:
            viewer, answer = await self._forwarder.view(offer, layers)
        except OfferError as error:
            raise offer_problem(error) from error
        if self._closed:  # the session ended while the offer was being answered
            await viewer.close()
            raise Problem("session.ended")
        self._etags[viewer.id], self._by[viewer.id] = etag, by
        return viewer.id, answer

    async def trickle(self, resource: str, etag: str | None, fragment: str) -> None:
        """Raises Problem: whep.resource-unknown, whip.etag-required, whip.etag-mismatch, ice.*."""
        viewer = self._named(resource)
        if etag is None:
            raise Problem("whip.etag-required")
        if etag.strip() == "*":
            raise Problem("ice.restart-unsupported")
        if self._etags.get(viewer.id, "") not in [tag.strip() for tag in etag.split(",")]:
            raise Problem("whip.etag-mismatch")
        try:
            await viewer.add_candidates(fragment)
        except OfferError as error:
            raise offer_problem(error) from error

    async def leave(self, resource: str) -> None:
        """Nothing for one who has left: a page's closed connection may be seen before its DELETE comes."""
        viewer = self._find(resource)
        if viewer is not None:
            await viewer.close()

    def talk(self, resource: str, wants: bool) -> bool:
        """Open or close the viewer's microphone to the candidate; whether it is open now.

        Raises Problem: whep.resource-unknown, talkback.taken, talkback.not-offered, talkback.unheard.
        """
        viewer = self._named(resource)
        if not wants:
            self._forwarder.close_voice(viewer)
        elif not viewer.can_speak:
            raise Problem("talkback.not-offered")
        elif not self._publisher.can_hear:
            raise Problem("talkback.unheard")
        elif not self._forwarder.open_voice(viewer):
            raise Problem("talkback.taken")
        self._note_voice()
        return self._forwarder.speaker is viewer

    def count(self) -> None:
        """Once a second: what was forwarded since goes into the metrics."""
        now, before = self._forwarder.totals, self._counted
        self._counted = now
        self._metrics.forwarded.inc(now.sent - before.sent)
        self._metrics.forward_dropped.labels("queue").inc(now.dropped - before.dropped)
        self._metrics.forward_dropped.labels("bandwidth").inc(now.withheld - before.withheld)
        self._metrics.key_frames_asked.inc(now.key_frames_asked - before.key_frames_asked)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self._forwarder.close()
            self.count()

    def _changed(self, viewer: Viewer, state: ViewerState) -> None:
        if state == "watching":
            number = self._watch[viewer.id] = next(self._numbers)
            self._metrics.viewers.inc()
            joined = ViewerJoined(viewer=number, watching=len(self._watch), by=self._by.get(viewer.id))
            self._note(self._clock.now(), joined)
            return
        self._etags.pop(viewer.id, None)
        by = self._by.pop(viewer.id, None)
        self._note_voice()
        number_gone = self._watch.pop(viewer.id, None)
        if number_gone is not None:
            self._metrics.viewers.dec()
            left = ViewerLeft(viewer=number_gone, watching=len(self._watch), by=by)
            self._note(self._clock.now(), left)

    def _note_voice(self) -> None:
        is_open = self._forwarder.speaker is not None
        if is_open != self._open:
            self._open = is_open
            self._note(self._clock.now(), TalkbackChanged(open=is_open))

    def _named(self, resource: str) -> Viewer:
        viewer = self._find(resource)
        if viewer is None:
            raise Problem("whep.resource-unknown")
        return viewer

    def _find(self, resource: str) -> Viewer | None:
        for id_, viewer in self._forwarder.viewers.items():
            if hmac.compare_digest(id_.encode(), resource.encode()):
                return viewer
        return None
