"""The gateway's side of streaming speech: sound in, captions out, nothing lost and nothing twice.

Each replica has a line: one message at a time is on its way, with what the sessions of that replica heard
since the last. Every sample of an utterance is kept until its final has come, so whatever happens to a
replica, a reply or a slot, the utterance is told again from its start, at another replica where there is one,
and its final comes out the same.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable, Sequence

import structlog

from inference.calls import Callee, InferenceFailed, InferenceUnavailable
from inference.messages import SAMPLE_RATE, Caption, Marker, Pcm, Said, SpeechBatch, SpeechReply, Spoken
from inference.pcm import as_pcm
from inference.settings import SpeechSettings
from inference.speech_context import Context
from inference.speech_held import HeldMarker, HeldSession, HeldUtterance

_REFUSED_S = 0.5  # how long a refused utterance waits before it asks for a slot again
_IDLE_S = 5.0  # an idle gateway says hello so often, which keeps its slots
_LANGUAGE_KNOWN = 2 * SAMPLE_RATE  # a language found in less sound may be wrong
_UNEVEN = 2  # so many sessions more than another replica, and the next utterance goes there

_log = structlog.get_logger(__name__)


class _Line:
    """The way to one replica."""

    def __init__(self, number: int, callee: Callee, partial_interval_s: float) -> None:
        self.number = number
        self.callee = callee
        self.over: list[str] = []  # sessions whose slots it may free
        self.news = asyncio.Event()
        self.partial_interval_s = partial_interval_s
        self.errors = 0
        self.engine = ""

    @property
    def ready(self) -> bool:
        return self.callee.state == "ready"


class SpeechClient:
    """All sessions of one gateway process. Every method runs on the gateway's event loop."""

    def __init__(self, replicas: Sequence[Callee], settings: SpeechSettings) -> None:
        self._settings = settings
        self._gateway = uuid.uuid4().hex
        self._ticks = itertools.count()
        self._marks = itertools.count()
        self._sessions: dict[str, HeldSession] = {}
        self._lines = [
            _Line(number, callee, settings.partial_interval_s) for number, callee in enumerate(replicas)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self.lost_s = 0.0  # sound given up because a session held more than `held_s` of it
        self.moved = 0  # sessions that went on at another replica because theirs was lost

    @property
    def refused(self) -> set[str]:
        """Sessions that speak and wait for a free slot."""
        return {
            session
            for session, of in self._sessions.items()
            if any(u.refused for u in of.utterances.values())
        }

    @property
    def partial_interval_s(self) -> float:
        """How often a speaking session gets a partial at present, at the busiest replica."""
        return max(line.partial_interval_s for line in self._lines)

    @property
    def errors(self) -> int:
        """Clips that the present replicas' recognizers failed on."""
        return sum(line.errors for line in self._lines)

    @property
    def model(self) -> str:
        return next((line.callee.model for line in self._lines if line.callee.model), "")

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(line)) for line in self._lines]

    async def close_all(self) -> None:
        """Frees every slot, where the deployment answers at once, and stops."""
        if not self._tasks:
            return
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in list(self._sessions):
            self.close(session)
        await asyncio.gather(*(self._say_goodbye(line) for line in self._lines if line.over and line.ready))

    async def _say_goodbye(self, line: _Line) -> None:
        try:
            batch = SpeechBatch(self._gateway, next(self._ticks), (), tuple(line.over))
            await line.callee.call("exchange", batch, deadline_s=1.0)
        except (InferenceUnavailable, InferenceFailed) as error:
            _log.debug("slots are left to their lease", error=str(error))

    # --- sessions ------------------------------------------------------------------------------------

    def open(self, session: str, language: Spoken, on_caption: Callable[[Caption], None]) -> None:
        """`on_caption` is called with every partial and, for each utterance, with exactly one final."""
        self._sessions[session] = HeldSession(language, on_caption, Context(self._settings.context_s))

    def hear(self, session: str, utterance: int, offset: int, pcm: Pcm) -> None:
        """The next samples (int16 mono, 16 kHz) of an utterance. A hole before `offset` counts as silence.

        Floats are taken as `as_pcm` says. Raises ValueError for what is no sound, KeyError for no session.
        """
        of = self._sessions[session]
        if utterance in of.done:
            return
        pcm = as_pcm(pcm)
        if of.utterance(utterance).hear(offset, pcm):
            self._bound(session, of)
            self._tell(session, of)

    def finish(self, session: str, utterance: int) -> None:
        """The utterance is over: its final is wanted."""
        of = self._sessions[session]
        if utterance not in of.done:
            of.utterance(utterance).finished = True
            self._tell(session, of)

    async def marker(self, session: str) -> float:
        """Waits until the device has worked through all that the session has said before this call.

        Its captions, finals of ended utterances among them, have been delivered by then. Returns the seconds
        that took. Raises KeyError for a session that is not open, or is closed meanwhile.
        """
        of = self._sessions[session]
        began, number = time.monotonic(), next(self._marks)
        waits_for = tuple((n, u.length) for n, u in of.utterances.items() if u.length or u.finished)
        held = HeldMarker(Marker(session, number, waits_for), asyncio.get_running_loop().create_future())
        of.markers[number] = held
        self._tell(session, of)
        try:
            if not await held.done:
                raise KeyError(session)
        finally:
            of.markers.pop(number, None)
        return time.monotonic() - began

    async def drain(self, session: str, timeout_s: float) -> bool:
        """Whether every utterance of the session got its final in that time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._sessions[session].answered.wait()
        except TimeoutError:
            return False
        return True

    def close(self, session: str) -> None:
        """Forgets the session and frees its slot. Captions still on their way are not delivered."""
        of = self._sessions.pop(session, None)
        if of is not None:
            of.close()
            self._leave(session, of)

    def _bound(self, session: str, of: HeldSession) -> None:
        limit = int(self._settings.held_s * SAMPLE_RATE)
        while len(of.utterances) > 1 and sum(u.length for u in of.utterances.values()) > limit:
            given_up = of.settle(next(iter(of.utterances)))
            self.lost_s += given_up.length / SAMPLE_RATE
            if given_up.sent:  # the replica must not wait for its end
                self._leave(session, of)
                of.again()

    # --- leases --------------------------------------------------------------------------------------

    def _tell(self, session: str, of: HeldSession) -> None:
        """There is something to send. Between utterances a session may change to a less busy replica."""
        fresh = not any(u.sent for u in of.utterances.values())
        if of.line is None:
            of.line = self._least_loaded().number
        elif fresh and len(self._lines) > 1:
            best, own = self._least_loaded(), self._lines[of.line]
            if best.ready and (not own.ready or self._load(own) - self._load(best) >= _UNEVEN):
                self._leave(session, of)
                of.line = best.number
                of.again()
        self._lines[of.line].news.set()

    def _load(self, line: _Line) -> int:
        return sum(of.line == line.number for of in self._sessions.values())

    def _least_loaded(self, but: _Line | None = None) -> _Line:
        """Among the replicas that are there, if any is."""
        lines = [line for line in self._lines if line is not but] or self._lines
        return min(lines, key=lambda line: (not line.ready, self._load(line)))

    def _leave(self, session: str, of: HeldSession) -> None:
        if of.line is not None:
            self._lines[of.line].over.append(session)
            self._lines[of.line].news.set()

    def _move(self, line: _Line) -> None:
        """The replica is lost: its sessions go on elsewhere at once, or wait where there is none."""
        for session, of in self._sessions.items():
            if of.line != line.number:
                continue
            of.again()
            other = self._least_loaded(but=line)
            if other.ready and not line.ready:
                self._leave(session, of)  # it may only have been slow
                of.line = other.number
                other.news.set()
                self.moved += 1

    # --- the exchange --------------------------------------------------------------------------------

    async def _run(self, line: _Line) -> None:
        backoff = 0.1
        # A silent replica is given up early where another can take its sessions.
        deadline_s = self._settings.failover_s if len(self._lines) > 1 else None
        while True:
            if not self._has_work(line):
                await self._wait_for_news(line)
            batch = self._compose(line)
            try:
                reply = await line.callee.call("exchange", batch, deadline_s=deadline_s)
                self._apply(line, batch, reply)
                backoff = 0.1
            except (InferenceUnavailable, InferenceFailed) as error:
                _log.debug("speech is told again", error=str(error), line=line.number)
                line.over = [*batch.closed, *line.over]
                self._move(line)
                await asyncio.sleep(backoff)
                backoff = min(2 * backoff, 1.0)

    def _has_work(self, line: _Line) -> bool:
        owed = any(of.line == line.number and (of.utterances or of.markers) for of in self._sessions.values())
        return owed or bool(line.over and (line.ready or len(self._lines) == 1))

    async def _wait_for_news(self, line: _Line) -> None:
        line.news.clear()
        try:
            async with asyncio.timeout(_IDLE_S):
                await line.news.wait()
        except TimeoutError:
            return

    def _compose(self, line: _Line) -> SpeechBatch:
        """Everything that was not sent yet. What the call loses is marked unsent again."""
        here = [(session, of) for session, of in self._sessions.items() if of.line == line.number]
        chunks = [
            chunk
            for session, of in here
            for number, utterance in of.utterances.items()
            if (chunk := utterance.take(session, number, of.language)) is not None
        ]
        telling = {chunk.session for chunk in chunks}
        known = [each for session, of in here if session in telling for each in of.take_known(session)]
        markers = [marker for _, of in here for marker in of.take_markers()]
        over, line.over = line.over, []
        tick = next(self._ticks)
        return SpeechBatch(self._gateway, tick, tuple(chunks), tuple(over), tuple(markers), tuple(known))

    def _apply(self, line: _Line, batch: SpeechBatch, reply: SpeechReply) -> None:
        line.partial_interval_s = reply.partial_interval_s
        line.errors = reply.errors
        if line.engine not in ("", reply.engine):
            for held in self._sessions.values():
                held.context_told &= held.line != line.number
        line.engine = reply.engine
        for chunk in batch.chunks:
            if utterance := self._utterance(line, chunk.session, chunk.utterance):
                utterance.refused = False
        for key in (*reply.resend, *reply.refused):
            if utterance := self._utterance(line, *key):
                utterance.again()
                self._sessions[key[0]].markers_again()
                self._sessions[key[0]].context_told = False
                if key in reply.refused:
                    utterance.refused, utterance.not_before = True, time.monotonic() + _REFUSED_S
        for session in {session for session, _ in reply.refused}:
            self._try_elsewhere(line, session)
        for caption in reply.captions:
            self._deliver(line, caption)
        for session, number in reply.markers:
            of = self._sessions.get(session)
            if of is not None and number in of.markers and not of.markers[number].done.done():
                of.markers[number].done.set_result(True)

    def _try_elsewhere(self, line: _Line, session: str) -> None:
        of, other = self._sessions.get(session), self._least_loaded(but=line)
        if of is not None and of.line == line.number and other is not line and other.ready:
            of.line = other.number
            of.again()
            other.news.set()

    def _utterance(self, line: _Line, session: str, number: int) -> HeldUtterance | None:
        """None when it is settled, or no longer that replica's: a word from there must not end it here."""
        of = self._sessions.get(session)
        return of.utterances.get(number) if of and of.line == line.number else None

    def _deliver(self, line: _Line, caption: Caption) -> None:
        if self._utterance(line, caption.session, caption.utterance) is None:
            return
        of = self._sessions[caption.session]
        if of.language == "auto" and caption.heard >= _LANGUAGE_KNOWN:
            of.language = caption.language  # a replica that takes over need not guess again
        if caption.final:
            pcm = of.settle(caption.utterance).sound
            of.context.add(caption.utterance, Said(pcm, caption.text, caption.language))
        try:
            of.on_caption(caption)
        except Exception:
            _log.exception("a caption's receiver failed", session=caption.session)
