"""One candidate's way in: the WebRTC connection of a session, and the ones that replace it.

A WHIP resource is one connection (RFC 9725). Only one may be up, or coming up, at a time; when it is lost
another one may take over, on the same media clock and with utterance numbers that go on.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import structlog

from gateway.problems import KINDS, Problem
from media.analysers import Analysers
from media.clock import MediaClock
from media.encoded import EncodedFrame, FrameHub
from media.errors import OfferError
from media.ingest import Ingest
from media.items import ConnectionChanged, Kind, LinkSample, MediaItem
from media.settings import MediaSettings

CLOSE_S = 10.0
log = structlog.get_logger("viva.publisher")


class Totals(NamedTuple):
    """What a `LinkSample` counts from the start of its connection."""

    sound_lost_ms: float = 0.0
    sound_heard_ms: float = 0.0
    frames_dropped: int = 0
    freezes: int = 0
    frozen_ms: float = 0.0

    def plus(self, other: Totals) -> Totals:
        return Totals._make(one + two for one, two in zip(self, other, strict=True))


@dataclass(frozen=True, slots=True)
class Publication:
    """`resource` is the last part of the resource's address; `etag` (quoted) names its ICE session."""

    resource: str
    etag: str
    answer: str


class Publisher:
    """`take` gets every media item of the newest connection, and the last words of one that was replaced."""

    def __init__(
        self,
        session: str,
        settings: MediaSettings,
        clock: MediaClock,
        first_utterance: int,
        take: Callable[[MediaItem], None],
    ) -> None:
        self._session = session
        self._settings = settings
        self._clock = clock
        self._next_utterance = first_utterance
        self._take = take
        self.frames = FrameHub()  # the candidate's encoded frames, across reconnections
        self._lock = asyncio.Lock()
        self._ingest: Ingest | None = None
        self._generation = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._before = Totals()  # of earlier connections
        self._now = Totals()
        self.alive = False
        self.publication: Publication | None = None

    async def publish(self, offer: str, analysers: Analysers) -> Publication:
        """Answer an offer. Raises Problem: session.publishing, or what media says of the offer."""
        async with self._lock:
            if self.alive:
                raise Problem("session.publishing", headers={"Retry-After": "2"})
            await self._close_ingest()
            self._generation += 1
            ingest = Ingest(
                self._settings,
                self._clock,
                analysers,
                functools.partial(self._taken, self._generation),
                first_utterance=self._next_utterance,
                frames=self.frames,
            )
            self.alive = True
            try:
                answer = await ingest.answer(offer)
            except BaseException as error:
                self.alive = False
                await ingest.close()
                if isinstance(error, OfferError):
                    raise offer_problem(error) from error
                raise
            self._ingest = ingest
            self.publication = Publication(secrets.token_urlsafe(12), _etag(), answer)
            return self.publication

    async def trickle(self, etag: str | None, fragment: str) -> None:
        """Add candidates (RFC 8840). Raises Problem: whip.etag-required, whip.etag-mismatch, ice.*."""
        publication, ingest = self.publication, self._ingest
        if publication is None or ingest is None:
            raise Problem("whip.resource-unknown")
        if etag is None:
            raise Problem("whip.etag-required")
        if publication.etag not in (tag.strip() for tag in etag.split(",")):
            raise Problem("whip.etag-mismatch")
        try:
            await ingest.add_candidates(fragment)
        except OfferError as error:
            raise offer_problem(error) from error

    async def restart(self, resource: str, fragment: str) -> tuple[str, str]:
        """ICE restart: the new ETag and the server's SDP fragment. The media goes on meanwhile.

        Raises Problem: whip.resource-unknown, ice.*, ingest.closed; the ICE session stays as it is then.
        """
        async with self._lock:
            publication, ingest = self.publication, self._ingest
            if publication is None or ingest is None or publication.resource != resource:
                raise Problem("whip.resource-unknown")
            try:
                answer = await ingest.restart(fragment)
            except OfferError as error:
                raise offer_problem(error) from error
            self.publication = replace(publication, etag=_etag())
            return self.publication.etag, answer

    def want_identity(self) -> None:
        """The next look that allows it carries an identity crop; nothing where no connection is up."""
        if self._ingest is not None:
            self._ingest.want_identity()

    def watch_eyes(self, seconds: float) -> None:
        """See `Ingest.watch_eyes`; nothing happens without a connection."""
        if self._ingest:
            self._ingest.watch_eyes(seconds)

    def watch_colours(self, seconds: float) -> None:
        """See `Ingest.watch_colours`."""
        if self._ingest:
            self._ingest.watch_colours(seconds)

    def request_key_frame(self) -> None:
        """Asks the candidate for a picture that a decoder can start with; from any thread."""
        ingest = self._ingest
        if ingest is not None:
            ingest.request_key_frame()

    @property
    def can_hear(self) -> bool:
        """Whether the candidate's client takes an interviewer's voice."""
        return self._ingest is not None and self._ingest.can_hear

    @property
    def waiting(self) -> dict[Kind, int]:
        """See `Ingest.waiting`; nothing without a connection."""
        return self._ingest.waiting if self._ingest is not None else {}

    def speak(self, frame: EncodedFrame, media_time: float) -> None:
        """A packet of an interviewer's voice to the candidate."""
        if self._ingest is not None:
            self._ingest.speak(frame, media_time)

    async def close(self) -> None:
        """Close the connection; the last utterance is handed on before this returns."""
        async with self._lock:
            self.alive = False
            await self._close_ingest()
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_S)

    async def _close_ingest(self) -> None:
        ingest, self._ingest = self._ingest, None
        if ingest is not None:
            try:
                async with asyncio.timeout(CLOSE_S):
                    await ingest.close()
            except TimeoutError:
                log.warning("connection did not close in time", session=self._session)
            self._next_utterance = ingest.next_utterance
            self._before, self._now = self._before.plus(self._now), Totals()

    def _taken(self, generation: int, item: MediaItem) -> None:
        match item:
            case ConnectionChanged():
                if generation != self._generation:
                    return
                self.alive = item.state == "connected"
                if item.reason in ("left", "ice-failed"):
                    # It cannot come back by itself; one that merely fell silent can, until it is replaced.
                    self._spawn_close(generation)
            case LinkSample():
                item = self._since_start(item)
        self._take(item)

    def _spawn_close(self, generation: int) -> None:
        async def close() -> None:
            async with self._lock:
                if generation == self._generation:
                    await self._close_ingest()

        task = asyncio.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _since_start(self, link: LinkSample) -> LinkSample:
        """Losses count from the start of the session, not of the connection."""
        self._now = Totals._make(getattr(link, name) for name in Totals._fields)
        return replace(link, **self._before.plus(self._now)._asdict())


def offer_problem(error: OfferError) -> Problem:
    code = error.code if error.code in KINDS else "offer.unsupported"
    return Problem(code, where=error.detail)


def _etag() -> str:
    return f'"{secrets.token_hex(8)}"'
