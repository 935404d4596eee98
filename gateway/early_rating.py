"""Rating answers while the interview goes on: each once the next question is asked and its last words came.

At the end only the last answer is then left to rate. What fails here, or gets more words after all, is rated
at the end (`gateway.rating`): the log says which utterances a rating is of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.metrics import Metrics
from gateway.ports import Inference
from gateway.rating import language_of, rate, request_of, scored
from interviews.events import Event, Payload, QuestionStarted, TranscriptFinal
from interviews.state import Answer, SessionState

log = structlog.get_logger("viva.rating")


class EarlyRating:
    """`state` is the session's fold; `record` writes to its log. Lives on one event loop."""

    def __init__(
        self,
        session: str,
        state: Callable[[], SessionState],
        inference: Callable[[], Awaitable[Inference]],
        record: Callable[[Payload], Awaitable[Event]],
        metrics: Metrics,
    ) -> None:
        self._session, self._state, self._inference = session, state, inference
        self._record, self._metrics = record, metrics
        self._late: frozenset[int] = frozenset()  # utterances that were open when the question changed
        self._tried: set[tuple[str, tuple[int, ...]]] = set()
        self._task: asyncio.Task[None] | None = None

    def seen(self, event: Event) -> None:
        """Called with every event once the state holds it, until the interview is over."""
        if isinstance(event.data, QuestionStarted):
            self._late = self._state().open_utterances
        elif not isinstance(event.data, TranscriptFinal):
            return
        if self._task is None or self._task.done():
            answer = self._next()
            if answer is not None:
                self._task = asyncio.create_task(self._rate(answer), name=f"rate-{self._session}")

    async def stop(self, patience_s: float) -> None:
        """Waits so long for what has begun, then lets it be."""
        if self._task is None:
            return
        _, late = await asyncio.wait({self._task}, timeout=patience_s)
        if late:
            self._task.cancel()
            await asyncio.wait(late)

    def _next(self) -> Answer | None:
        """An answer that is over, has all its words, and is not rated with them."""
        state = self._state()
        current = state.current_question
        if current is None or self._late & state.open_utterances or not state.journey.allows("scoring"):
            return None
        return next(
            (
                answer
                for answer in state.answers
                if answer.started is not None
                and answer.question.id != current.id
                and not answer.rated_whole
                and _key(answer) not in self._tried
            ),
            None,
        )

    async def _rate(self, answer: Answer | None) -> None:
        while answer is not None:
            self._tried.add(_key(answer))
            state = self._state()
            rubric = state.created.dimensions if state.created else ()
            request = request_of(self._session, answer, language_of(state, answer), rubric)
            try:
                result = await rate(self._inference, request, self._metrics)
                if self._state().journey.allows("scoring"):
                    await self._record(scored(answer, request, result))
            except Exception as error:  # whatever it is, the end tries again and tells people
                log.warning("not rated early", session=self._session, error=repr(error))
            answer = self._next()


def _key(answer: Answer) -> tuple[str, tuple[int, ...]]:
    return answer.question.id, tuple(final.utterance for final in answer.utterances)
