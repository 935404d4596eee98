"""Interviews of a while ago: invited over HTTP, then told straight onto their logs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.screens.stage import Stage
from interviews.answers import AnswerRating, Evidence, Measure
from interviews.events import (
    AnswerScored,
    Payload,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionEnded,
    TranscriptFinal,
    Word,
)
from interviews.journey_events import DecisionMade
from interviews.plan import Question
from interviews.state import SessionState
from storage.database import Database
from storage.event_log import EventLog
from storage.sessions import Sessions

ANSWER_S = 40.0
Told = list[tuple[float, Payload]]


def history(stage: Stage) -> None:
    """Everybody of `words.earlier`, scored; three of four were passed on."""
    invitees = [
        {
            "name": name,
            "external_id": f"B-{2001 + at}",
            "email": f"b{2001 + at}@example.com",
            "language": stage.language,
        }
        for at, name in enumerate(stage.words.earlier)
    ]
    body = {"invitees": invitees, "plan": stage.plan}
    made = stage.call("POST", f"/jobs/{stage.job}/invitations", body)["made"]
    for one in made:
        stage.call("POST", "/invitations/open", {"token": one["link"].rpartition("/i/")[2]}, token="")
    with ThreadPoolExecutor(1) as thread:  # this one has the browser's loop
        thread.submit(asyncio.run, _write(stage, [one["session"] for one in made])).result()


async def _write(stage: Stage, sessions: list[str]) -> None:
    database = await Database.open(f"sqlite:///{stage.data / 'viva.db'}")
    rng = np.random.default_rng(7)
    began = datetime.now(UTC) - timedelta(days=2)
    try:
        for number, session in enumerate(sessions):
            log = EventLog(database)
            asked = [answer.question for answer in SessionState.of(await log.read(session)).answers]
            told = _log(stage, asked, rng, passed=number % 4 != 1)
            await log.append(session, told, at=began + timedelta(minutes=37 * number))
            await Sessions(database).set_state(session, "scored")
    finally:
        await database.close()


def _log(stage: Stage, questions: list[Question], rng: np.random.Generator, *, passed: bool) -> Told:
    told: Told = [(0.0, SessionConnected())]
    scored: Told = []
    level = rng.uniform(45, 85) + (6 if passed else -8)
    end = len(questions) * ANSWER_S
    for number, question in enumerate(questions):
        at = number * ANSWER_S
        final = _said(stage, number, at + 4)
        rating = _rating(final, rng.normal(level, 9, 4).clip(8, 97))
        told += [(at, QuestionStarted(question=question.id)), (final.end + 1, final)]
        if question.kind != "live":
            scored.append((end, AnswerScored(question=question.id, rating=rating)))
    told += [(end, SessionEnded(reason="candidate")), *scored, (end + 1, ResultReady(overall=None))]
    why = stage.words.why if passed else {"zh": "经验不足", "en": "Little experience"}[stage.language]
    decision = DecisionMade(decision="passed" if passed else "failed", reason=why, by=stage.words.chief)
    return [*told, (end + 2, decision)]


def _said(stage: Stage, number: int, start: float) -> TranscriptFinal:
    zh = stage.language == "zh"
    text = stage.words.answer
    pieces = [one for one in text if one.isalnum()] if zh else text.split()
    step = (ANSWER_S - 8) / len(pieces)
    words = tuple(
        Word(text=piece, start=start + step * at, end=start + step * (at + 0.8), probability=0.92)
        for at, piece in enumerate(pieces)
    )
    return TranscriptFinal(
        utterance=number,
        text=text,
        language=stage.language,
        start=start,
        end=words[-1].end,
        words=words,
        model="told@1",
    )


def _rating(final: TranscriptFinal, values: Any) -> AnswerRating:
    quote = final.text.replace("。", ". ").split(". ")[1]
    evidence = (Evidence(quote=quote, start=final.start + 3, end=final.start + 12, note="closest"),)
    names = ("relevance", "coverage", "coherence", "lexical_richness")
    measures = tuple(
        Measure(name=name, value=round(float(value), 1), evidence=evidence if name == "relevance" else ())
        for name, value in zip(names, values, strict=True)
    )
    return AnswerRating(measures=measures, tokens=120, model="told@1", rubric="told-1")
