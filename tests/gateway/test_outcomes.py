"""What each kind of answer comes to, from its words through AnswerQuality to the report."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.metrics import Metrics
from gateway.rating import rate_session
from inference.deployments import AnswerQuality
from inference.settings import AnswerSettings
from interviews.events import (
    Event,
    Language,
    Payload,
    QuestionStarted,
    SessionConnected,
    SessionEnded,
    SoundState,
    TranscriptFinal,
)
from interviews.report import Report
from interviews.scoring import AnswerScore
from interviews.starter_bank import starter_bank
from interviews.state import SessionState
from tests.interviews.conftest import BEGIN, created, final
from tests.interviews.reading_material import TALKED, WRITTEN
from tests.models.answer_material import FOREIGN, OFF_TOPIC, ON_TOPIC

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def answer_quality() -> AnswerQuality:
    return AnswerQuality(AnswerSettings(nice=0))


async def _report(
    answer_quality: AnswerQuality,
    language: Language,
    utterances: Sequence[TranscriptFinal],
    before: Sequence[Payload] = (),
    anchors: tuple[str, ...] = (),
) -> Report:
    events: list[Event] = []

    now = 0.0

    async def record(payload: Payload) -> Event:
        nonlocal now
        now = payload.end if isinstance(payload, TranscriptFinal) else now
        events.append(Event(session="s1", seq=len(events) + 1, media_time=now, at=BEGIN, data=payload))
        return events[-1]

    begun = created(language)
    asked = QuestionStarted(question="problem")
    questions = tuple(one.model_copy(update={"anchors": anchors}) for one in begun.questions)
    begun = begun.model_copy(update={"questions": questions})
    for payload in (
        begun,
        SessionConnected(),
        asked,
        *before,
        *utterances,
        SessionEnded(reason="hr"),
    ):
        await record(payload)

    async def client() -> AnswerQuality:
        return answer_quality

    await rate_session("s1", SessionState.of(events), client, record, Metrics(), 5.0)  # type: ignore[arg-type]
    return Report.of(events)


def _answer(report: Report) -> AnswerScore:
    return next(one for one in report.scores.answers if one.question == "problem")


def _reason(report: Report) -> str | None:
    answer = _answer(report)
    assert answer.score is None
    assert report.overall is None
    return answer.insufficient.code if answer.insufficient else None


def _said(texts: Sequence[str], language: Language) -> list[TranscriptFinal]:
    said: list[TranscriptFinal] = []
    for number, text in enumerate(texts, start=1):
        said.append(final(number, said[-1].end if said else 2.0, text, language=language))
    return said


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_empty_answer_has_no_score(answer_quality: AnswerQuality, language: Language) -> None:
    assert _reason(await _report(answer_quality, language, [])) == "no-answer"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_silent_answer_has_no_score_and_the_silence_is_a_fact(
    answer_quality: AnswerQuality, language: Language
) -> None:
    silence = final(1, 3.0, "", language=language)
    report = await _report(answer_quality, language, [silence], [SoundState(state="silent")])
    assert _reason(report) == "no-answer"
    assert "sound-silent" in {fact.what.code for fact in report.integrity}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_three_word_answer_is_too_short(answer_quality: AnswerQuality, language: Language) -> None:
    text = {"en": "I solved it.", "zh": "解决了。"}[language]
    assert _reason(await _report(answer_quality, language, _said([text], language))) == "too-short"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_foreign_language_answer_is_not_scored(
    answer_quality: AnswerQuality, language: Language
) -> None:
    report = await _report(answer_quality, language, _said(FOREIGN[language], language))
    assert _reason(report) == "other-language"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_off_topic_answer_scores_low_and_is_flagged(
    answer_quality: AnswerQuality, language: Language
) -> None:
    answer = _answer(await _report(answer_quality, language, _said(OFF_TOPIC[language], language)))
    assert answer.score is not None
    assert answer.score <= 25
    assert "off-topic" in {flag.flag.code for flag in answer.flags}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_read_aloud_answer_is_flagged_and_keeps_its_score(
    answer_quality: AnswerQuality, language: Language
) -> None:
    answer = _answer(
        await _report(answer_quality, language, [final(1, 2.0, WRITTEN[language], language=language)])
    )
    flag = next(one for one in answer.flags if one.flag.code == "read-aloud")
    assert flag.evidence
    assert flag.detail["words"] >= 80
    assert answer.score is not None
    assert sum(measure.weight for measure in answer.measures) == pytest.approx(1.0, abs=1e-3)
    talked = _answer(
        await _report(answer_quality, language, [final(1, 2.0, TALKED[language], language=language)])
    )
    assert "read-aloud" not in {one.flag.code for one in talked.flags}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_good_answer_shows_where_its_parts_are(
    answer_quality: AnswerQuality, language: Language
) -> None:
    said = _said(ON_TOPIC[language], language)
    answer = _answer(await _report(answer_quality, language, said))
    assert (answer.score or 0) >= 70
    measures = {measure.name: measure for measure in answer.measures}
    times = {utterance.text: utterance.start for utterance in said}
    for name in ("structure", "specificity"):
        assert measures[name].evidence
        for quote in measures[name].evidence:
            assert quote.start == pytest.approx(times[quote.quote], abs=0.5)
            assert quote.note.zh != quote.note.code, "every note has its wording"
    assert {quote.note.code for quote in measures["structure"].evidence} >= {"situation", "action", "result"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_recited_rubric_has_no_score_and_is_flagged(
    answer_quality: AnswerQuality, language: Language
) -> None:
    anchors = starter_bank()["hard-problem"].anchors[language]
    report = await _report(answer_quality, language, _said(anchors, language), anchors=tuple(anchors))
    assert _reason(report) == "only-repetition"
    assert {flag.flag.code for flag in _answer(report).flags} == {"recites-rubric"}
