"""A session told by hand, from which the tests take what they need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from interviews.answers import AnswerRating, Evidence, Measure
from interviews.events import Event, Language, Payload, Policy, SessionCreated, TranscriptFinal, Word
from interviews.questions import default_questions

BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def log(*entries: tuple[float, Payload]) -> list[Event]:
    return [
        Event(
            session="s1",
            seq=seq,
            media_time=time,
            at=BEGIN + timedelta(seconds=time),
            data=payload,
        )
        for seq, (time, payload) in enumerate(entries, start=1)
    ]


def created(language: Language = "en", policy: Policy = "CN") -> SessionCreated:
    return SessionCreated(
        candidate="Li Lei", language=language, policy=policy, questions=default_questions(language)
    )


def final(
    utterance: int, start: float, text: str, *, language: Language = "en", probability: float = 0.9
) -> TranscriptFinal:
    """0.4 s for each word (English) or character (Mandarin), the first 0.2 s after the utterance's start."""
    pieces: Sequence[str] = text.split() if language == "en" else [c for c in text if c.isalnum()]
    words = tuple(
        Word(text=p, start=start + 0.2 + 0.4 * i, end=start + 0.6 + 0.4 * i, probability=probability)
        for i, p in enumerate(pieces)
    )
    end = words[-1].end + 0.2 if words else start + 1.0
    return TranscriptFinal(
        utterance=utterance, text=text, language=language, start=start, end=end, words=words, model="asr@1"
    )


def rating(**values: float | None) -> AnswerRating:
    """A rating whose missing measures are insufficient."""
    return AnswerRating(
        measures=tuple(
            Measure(
                name=name,
                value=value,
                insufficient=None if value is not None else "few-tokens",
                evidence=(Evidence(quote="I led it.", start=4.0, end=5.0, note="closest"),) if value else (),
                detail={"raw": 0.5},
            )
            for name, value in values.items()
        ),
        tokens=80,
        model="e5-small@1",
        rubric="content-1",
    )
