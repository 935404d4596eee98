"""What is told before the first question."""

from __future__ import annotations

from interviews.guidance import KINDS, WORDS, guidance, spoken_guidance
from interviews.plan import Question, QuestionKind


def question(id_: str, kind: QuestionKind = "structured", **more: float) -> Question:
    return Question.model_validate({"id": id_, "text": {"en": "Why?"}, "kind": kind, **more})


def test_each_kind_is_told_with_its_times() -> None:
    questions = [
        question("one", think_s=60, answer_s=120),
        question("two", "scenario", think_s=90, answer_s=60),
        question("three", think_s=120, answer_s=120),
        question("four", "live", answer_s=300),
        question("five", "skill", think_s=1, answer_s=45),
    ]
    assert guidance(questions, "en")[:-2] == (
        "2 structured questions, up to 2 minutes to think about each, 2 minutes to answer each.",
        "1 scenario, 90 seconds to think about each, 1 minute to answer each.",
        "1 question that an interviewer asks live, which you answer right away, 5 minutes to answer each.",
        "1 skill question, 1 second to think about each, 45 seconds to answer each.",
    )
    assert guidance(questions, "zh")[0] == "2 道结构化问题，每题最多思考 2 分钟，每题作答 2 分钟。"


def test_another_try_is_told_where_there_is_one() -> None:
    assert not [line for line in guidance([question("one")], "en") if "Begin anew" in line]
    told = guidance([question("one"), question("two", retries=1)], "en")
    assert [line for line in told if "Begin anew" in line] == [told[-3]]


def test_extra_time_is_told_in_round_numbers() -> None:
    [first, *_] = guidance([question("one", answer_s=90 * 1.1)], "en")
    assert first.endswith("99 seconds to answer each.")


def test_it_is_one_text_to_be_read() -> None:
    assert spoken_guidance([question("one")], "zh") == "".join(guidance([question("one")], "zh"))
    assert "answer each. Answers" in spoken_guidance([question("one")], "en")


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    assert KINDS["zh"].keys() == KINDS["en"].keys()
