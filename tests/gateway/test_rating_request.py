"""What goes to the rater with an answer, and what its quotes become."""

from __future__ import annotations

from gateway.rating import rating_of, request_of
from inference.messages import AnswerResult, DimensionAsked, MeasureResult
from interviews.events import TranscriptFinal, Word
from interviews.plan import Question
from interviews.rubric import RubricDimension
from interviews.state import Answer

EN, ZH = ("a", "b", "c", "d", "e"), ("一", "二", "三", "四", "五")
OWN = ("own 1", "own 2", "own 3", "own 4", "own 5")


def answer(**question: object) -> Answer:
    words = [
        Word(text=f" {text}", start=n, end=n + 0.5, probability=0.9)
        for n, text in enumerate(["I", "did", "it."])
    ]
    said = TranscriptFinal(
        utterance=1, start=0.0, end=3.0, text="I did it.", language="en", words=tuple(words), model="m"
    )
    asked = Question.model_validate({"id": "q", "text": {"en": "What did you do?"}, **question})
    return Answer(asked, 0.0, (said,), None)


RUBRIC = (
    RubricDimension(id="care", name={"en": "Care", "zh": "细心"}, anchors={"en": EN, "zh": ZH}, weight=50),
    RubricDimension(id="pace", name={"zh": "速度"}, anchors={"zh": ZH}, weight=30),
    RubricDimension(id="calm", name={"en": "Calm"}, weight=20),
)


def test_the_dimensions_of_the_question_go_along_with_their_anchors() -> None:
    sent = request_of("s", answer(dimensions=("care", "calm", "pace")), "en", RUBRIC)
    assert sent.dimensions == (
        DimensionAsked("care", "Care", EN),
        DimensionAsked("pace", "速度", ZH),
        DimensionAsked("calm", "Calm", ()),
    )
    assert request_of("s", answer(), "en", RUBRIC).dimensions == ()
    assert request_of("s", answer(dimensions=("care",)), "en").dimensions == ()


def test_the_question_s_own_anchors_are_those_of_its_first_dimension() -> None:
    sent = request_of("s", answer(dimensions=("care", "pace"), anchors=OWN), "en", RUBRIC)
    assert [one.anchors for one in sent.dimensions] == [OWN, ZH]


def test_evidence_is_the_quote_or_the_sentence() -> None:
    sent = request_of("s", answer(), "en")
    measures = (
        MeasureResult("relevance", 75.0, None, ((0, "rests-on"),), quotes=("did it",)),
        MeasureResult("coherence", 75.0, None, ((0, "best-link"),)),
    )
    rated = rating_of(sent, AnswerResult(measures, 3, "m@h", "bars-1"))
    assert [one.evidence[0].quote for one in rated.measures] == ["did it", sent.sentences[0].text]
    assert rated.measures[0].evidence[0].start == sent.sentences[0].start
