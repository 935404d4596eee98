"""The transcript of a session: what was said to each question, with times."""

from __future__ import annotations

from collections.abc import Sequence

from interviews.events import Event, Language, TranscriptFinal, Word
from interviews.parts import Part
from interviews.state import Aside, SessionState, State


class UtteranceText(Part):
    """One utterance; times in seconds on the media clock."""

    utterance: int
    text: str
    language: Language
    start: float
    end: float
    words: tuple[Word, ...]
    model: str
    aside: Aside | None = None  # why it answers no question


class QuestionTranscript(Part):
    """`started` is None when the question was never asked."""

    question: str
    text: dict[str, str]
    key_points: tuple[str, ...]
    started: float | None
    utterances: tuple[UtteranceText, ...]


class Transcript(Part):
    """Everything that was said, by question; `outside` answers none.

    It came before the first question, in a pause, or in an answer that was then begun anew.
    """

    session: str
    state: State
    language: Language
    media_time: float
    questions: tuple[QuestionTranscript, ...]
    outside: tuple[UtteranceText, ...]

    @classmethod
    def of(cls, events: Sequence[Event]) -> Transcript:
        return transcript(SessionState.of(events), events[0].session if events else "")


def transcript(state: SessionState, session: str) -> Transcript:
    """Utterances without words (a cough, a door) are left out."""
    return Transcript(
        session=session,
        state=state.state,
        language=state.created.language if state.created else "zh",
        media_time=round(state.media_time, 3),
        questions=tuple(
            QuestionTranscript(
                question=answer.question.id,
                text=answer.question.text,
                key_points=answer.question.key_points,
                started=answer.started,
                utterances=_texts(answer.utterances, state),
            )
            for answer in state.answers
        ),
        outside=_texts(state.outside, state),
    )


def _texts(finals: Sequence[TranscriptFinal], state: SessionState) -> tuple[UtteranceText, ...]:
    return tuple(
        UtteranceText(
            utterance=final.utterance,
            text=final.text.strip(),
            language=final.language,
            start=final.start,
            end=final.end,
            words=final.words,
            model=final.model,
            aside=state.aside(final),
        )
        for final in finals
        if final.text.strip()
    )
