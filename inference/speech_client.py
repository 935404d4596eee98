"""The gateway's side of streaming speech: sound in, captions out, nothing lost and nothing twice.

One message is on its way at a time and carries what all sessions heard since the last. Every sample of an
utterance is kept until its final has come, so whatever happens to a replica, a reply or a slot, the utterance
is told again from its start and its final comes out the same.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import structlog

from inference.calls import Callee, InferenceFailed, InferenceUnavailable
from inference.messages import SAMPLE_RATE, Caption, Pcm, SpeechBatch, SpeechReply, UtteranceChunk
from inference.settings import SpeechSettings

_REFUSED_S = 0.5  # how long a refused utterance waits before it asks for a slot again
_IDLE_S = 5.0  # an idle gateway says hello so often, which keeps its slots
_LANGUAGE_KNOWN = 2 * SAMPLE_RATE  # a language found in less sound may be wrong

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Utterance:
    pieces: list[Pcm] = field(default_factory=list)
    length: int = 0
    sent: int = 0
    finished: bool = False
    end_sent: bool = False
    refused: bool = False
    not_before: float = 0.0

    def unsent(self) -> Pcm:
        if len(self.pieces) > 1:
            self.pieces = [np.concatenate(self.pieces)]
        return self.pieces[0][self.sent :] if self.pieces else np.empty(0, np.int16)

    def again(self) -> None:
        self.sent, self.end_sent = 0, False


@dataclass(slots=True)
class _Session:
    language: Literal["auto", "en", "zh"]
    on_caption: Callable[[Caption], None]
    utterances: dict[int, _Utterance] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    answered: asyncio.Event = field(default_factory=asyncio.Event)  # set while nothing is owed

    def __post_init__(self) -> None:
        self.answered.set()

    def utterance(self, number: int) -> _Utterance:
        self.answered.clear()
        return self.utterances.setdefault(number, _Utterance())

    def settle(self, number: int) -> _Utterance:
        """Takes the utterance out: its final has come, or never will."""
        self.done.add(number)
        utterance = self.utterances.pop(number)
        if not self.utterances:
            self.answered.set()
        return utterance


class SpeechClient:
    """All sessions of one gateway process. Every method runs on the gateway's event loop."""

    def __init__(self, callee: Callee, settings: SpeechSettings) -> None:
        self._callee = callee
        self._settings = settings
        self._gateway = uuid.uuid4().hex
        self._ticks = itertools.count()
        self._sessions: dict[str, _Session] = {}
        self._over: list[str] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.partial_interval_s = settings.partial_interval_s
        self.errors = 0  # clips that the present replica's recogniser failed on
        self.lost_s = 0.0  # sound given up because a session held more than `held_s` of it

    @property
    def refused(self) -> set[str]:
        """Sessions that speak and wait for a free slot."""
        return {
            session
            for session, of in self._sessions.items()
            if any(u.refused for u in of.utterances.values())
        }

    @property
    def model(self) -> str:
        return self._callee.model

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close_all(self) -> None:
        """Frees every slot, if the deployment answers at once, and stops."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for session in list(self._sessions):
            self.close(session)
        if self._over and self._callee.state == "ready":
            try:
                batch = SpeechBatch(self._gateway, next(self._ticks), (), tuple(self._over))
                await self._callee.call("exchange", batch, deadline_s=1.0)
            except (InferenceUnavailable, InferenceFailed) as error:
                _log.debug("slots are left to their lease", error=str(error))

    # --- sessions ------------------------------------------------------------------------------------

    def open(
        self, session: str, language: Literal["auto", "en", "zh"], on_caption: Callable[[Caption], None]
    ) -> None:
        """`on_caption` is called with every partial and, for each utterance, with exactly one final."""
        self._sessions[session] = _Session(language, on_caption)

    def hear(self, session: str, utterance: int, offset: int, pcm: Pcm) -> None:
        """The next samples (int16 mono, 16 kHz) of an utterance. A hole before `offset` counts as silence."""
        of = self._sessions[session]
        if utterance in of.done:
            return
        known = of.utterance(utterance)
        if offset > known.length:
            pcm, offset = np.concatenate([np.zeros(offset - known.length, np.int16), pcm]), known.length
        new = pcm[known.length - offset :]
        if new.size == 0 or known.finished:
            return
        known.pieces.append(new)
        known.length += new.size
        self._bound(of)
        self._news.set()

    def finish(self, session: str, utterance: int) -> None:
        """The utterance is over: its final is wanted."""
        of = self._sessions[session]
        if utterance not in of.done:
            of.utterance(utterance).finished = True
            self._news.set()

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
            of.answered.set()
            self._over.append(session)
            self._news.set()

    def _bound(self, of: _Session) -> None:
        limit = int(self._settings.held_s * SAMPLE_RATE)
        while len(of.utterances) > 1 and sum(u.length for u in of.utterances.values()) > limit:
            self.lost_s += of.settle(next(iter(of.utterances))).length / SAMPLE_RATE

    # --- the exchange --------------------------------------------------------------------------------

    async def _run(self) -> None:
        backoff = 0.1
        while True:
            if not self._over and not any(of.utterances for of in self._sessions.values()):
                await self._wait_for_news()
            batch = self._compose()
            try:
                self._apply(batch, await self._callee.call("exchange", batch))
                backoff = 0.1
            except (InferenceUnavailable, InferenceFailed) as error:
                _log.debug("speech is told again", error=str(error))
                self._over = [*batch.closed, *self._over]
                for of in self._sessions.values():
                    for utterance in of.utterances.values():
                        utterance.again()
                await asyncio.sleep(backoff)
                backoff = min(2 * backoff, 1.0)

    async def _wait_for_news(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(_IDLE_S):
                await self._news.wait()
        except TimeoutError:
            return

    def _compose(self) -> SpeechBatch:
        """Everything that was not sent yet. What the call loses is marked unsent again."""
        now = time.monotonic()
        chunks: list[UtteranceChunk] = []
        for session, of in self._sessions.items():
            for number, utterance in of.utterances.items():
                pcm = utterance.unsent()
                if now < utterance.not_before or not (pcm.size or utterance.finished > utterance.end_sent):
                    continue
                chunks.append(
                    UtteranceChunk(session, number, of.language, utterance.sent, pcm, utterance.finished)
                )
                utterance.sent, utterance.end_sent = utterance.length, utterance.finished
        over, self._over = self._over, []
        return SpeechBatch(self._gateway, next(self._ticks), tuple(chunks), tuple(over))

    def _apply(self, batch: SpeechBatch, reply: SpeechReply) -> None:
        self.partial_interval_s = reply.partial_interval_s
        self.errors = reply.errors
        for chunk in batch.chunks:
            if utterance := self._utterance(chunk.session, chunk.utterance):
                utterance.refused = False
        for key in (*reply.resend, *reply.refused):
            if utterance := self._utterance(*key):
                utterance.again()
                if key in reply.refused:
                    utterance.refused, utterance.not_before = True, time.monotonic() + _REFUSED_S
        for caption in reply.captions:
            self._deliver(caption)

    def _utterance(self, session: str, number: int) -> _Utterance | None:
        of = self._sessions.get(session)
        return of.utterances.get(number) if of else None

    def _deliver(self, caption: Caption) -> None:
        of = self._sessions.get(caption.session)
        if of is None or caption.utterance not in of.utterances:
            return
        if of.language == "auto" and caption.heard >= _LANGUAGE_KNOWN:
            of.language = caption.language  # a replica that takes over need not guess again
        if caption.final:
            of.settle(caption.utterance)
        try:
            of.on_caption(caption)
        except Exception:
            _log.exception("a caption's receiver failed", session=caption.session)
