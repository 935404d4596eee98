"""After the end: each answer is rated by AnswerQuality, and the result follows mechanically from that."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    RetryError,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential,
)

from gateway.metrics import Metrics
from gateway.ports import Inference
from inference.calls import InferenceFailed, InferenceUnavailable
from inference.messages import AnswerRequest, AnswerResult, DimensionAsked, MeasureResult, Sentence
from interviews.answers import AnswerRating, Evidence, Flag, Measure
from interviews.events import Alarm, AnswerScored, Event, Language, Payload, ResultReady
from interviews.reading import read_aloud
from interviews.rubric import RubricDimension
from interviews.scoring import scores
from interviews.sentences import sentences
from interviews.state import Answer, SessionState

Text = TypeVar("Text", str, tuple[str, ...])

log = structlog.get_logger("viva.rating")


async def rate_session(
    session: str,
    state: SessionState,
    inference: Callable[[], Awaitable[Inference]],
    record: Callable[[Payload], Awaitable[Event]],
    metrics: Metrics,
    patience_s: float,
) -> None:
    """Rate what was asked and is not rated yet, or not with its last words, then record `result.ready`.

    While AnswerQuality is away an alarm says so, once, and the call is tried again for `patience_s`; what
    could not be rated by then carries no score and a second alarm says that. Where the candidate does not
    agree to scoring nothing is rated: the answers are there for people to read.
    """
    alarmed = False

    async def tell(attempt: RetryCallState) -> None:
        nonlocal alarmed
        log.warning(
            "rating failed", session=session, error=repr(attempt.outcome and attempt.outcome.exception())
        )
        if not alarmed:
            alarmed = True
            await record(Alarm(code="inference.rating-unavailable", detail=""))

    for answer in state.answers:
        if answer.started is None or answer.rated_whole or not state.journey.allows("scoring"):
            continue
        rubric = state.created.dimensions if state.created else ()
        request = request_of(session, answer, language_of(state, answer), rubric)
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type((InferenceUnavailable, TimeoutError)),
                stop=stop_after_delay(patience_s),
                wait=wait_exponential(0.5, max=15),
                before_sleep=tell,
            ):
                with attempt:
                    result = await rate(inference, request, metrics)
        except (RetryError, InferenceFailed) as error:
            log.error("answer not rated", session=session, question=answer.question.id, error=repr(error))
            await record(Alarm(code="inference.rating-abandoned", detail=answer.question.id))
            continue
        await record(scored(answer, request, result))
    await record(ResultReady(overall=scores(state, session).overall))


def scored(answer: Answer, request: AnswerRequest, result: AnswerResult) -> AnswerScored:
    """The event of a rating, with the utterances that it is of."""
    rated = tuple(final.utterance for final in answer.utterances)
    rating = with_delivery(rating_of(request, result), answer, request.language)
    return AnswerScored(question=answer.question.id, rating=rating, utterances=rated)


async def rate(
    inference: Callable[[], Awaitable[Inference]], request: AnswerRequest, metrics: Metrics
) -> AnswerResult:
    client = await asyncio.wait_for(inference(), 60)
    asked = time.perf_counter()
    result = await client.rate(request)
    metrics.inference.labels("AnswerQuality").observe(time.perf_counter() - asked)
    return result


def language_of(state: SessionState, answer: Answer) -> Language:
    """The language to rate in: the one agreed on, or the one that most of the answer was recognised as."""
    if state.created is None or state.created.spoken == "auto":
        heard = Counter[Language]()
        for utterance in answer.utterances:
            heard[utterance.language] += len(utterance.words)
        if heard:
            return heard.most_common(1)[0][0]
        return state.created.language if state.created else "zh"
    return state.created.spoken


def request_of(
    session: str, answer: Answer, language: Language, rubric: tuple[RubricDimension, ...] = ()
) -> AnswerRequest:
    """`rubric`: the session's dimensions, of which those go along that the question asks for."""
    texts = answer.question.text
    return AnswerRequest(
        session=session,
        question=answer.question.id,
        language=language,
        question_text=texts.get(language) or next(iter(texts.values())),
        key_points=answer.question.key_points,
        sentences=tuple(Sentence(s.text, s.start, s.end) for s in sentences(answer.utterances)),
        behaviours=answer.question.anchors,
        dimensions=tuple(
            DimensionAsked(one.id, _in(one.name, language), _anchors(answer, one, language))
            for one in rubric
            if one.id in answer.question.dimensions
        ),
    )


def with_delivery(rating: AnswerRating, answer: Answer, language: Language) -> AnswerRating:
    """The rating with the hint that the answer was read aloud, where its delivery gives one. Scores stay."""
    flag = read_aloud(answer.utterances, language)
    return rating.model_copy(update={"flags": (*rating.flags, flag)}) if flag else rating


def _anchors(answer: Answer, one: RubricDimension, language: Language) -> tuple[str, ...]:
    """The question's own behaviours belong to the first dimension that it asks for."""
    own = answer.question.anchors
    if own and one.id == answer.question.dimensions[0]:
        return own
    return _in(one.anchors, language) if one.anchors else ()


def _in(texts: Mapping[Language, Text], language: Language) -> Text:
    return texts.get(language) or next(iter(texts.values()))


def _quotes(request: AnswerRequest, measure: MeasureResult) -> tuple[str, ...]:
    return measure.quotes or tuple(request.sentences[index].text for index, _ in measure.evidence)


def rating_of(request: AnswerRequest, result: AnswerResult) -> AnswerRating:
    """The rating with its evidence quoted: sentences by index become words with their media times."""
    return AnswerRating(
        measures=tuple(
            Measure(
                name=m.name,
                value=m.value,
                insufficient=m.insufficient,
                evidence=tuple(
                    Evidence(quote=quote, start=s.start, end=s.end, note=note)
                    for (index, note), quote in zip(m.evidence, _quotes(request, m), strict=True)
                    for s in (request.sentences[index],)
                ),
                detail=m.detail,
                missing=m.missing,
            )
            for m in result.measures
        ),
        flags=tuple(
            Flag(
                name=flag.name,
                evidence=tuple(
                    Evidence(quote=s.text, start=s.start, end=s.end)
                    for index in flag.sentences
                    for s in (request.sentences[index],)
                ),
            )
            for flag in result.flags
        ),
        tokens=result.tokens,
        model=result.model,
        rubric=result.rubric,
    )
