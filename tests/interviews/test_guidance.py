"""What is told before the first question."""

from __future__ import annotations

from interviews.guidance import KINDS, OWN, WORDS, guidance, spoken_guidance
from interviews.plan import Question, QuestionKind


def question(id_: str, kind: QuestionKind = "structured", **more: float | str) -> Question:
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


def test_what_a_step_asks_by_itself_is_told_as_what_it_is() -> None:
    introduction = question("hello", answer_s=120, itself="introduction")
    live, free = (question(id_, "live", answer_s=300, itself=id_) for id_ in ("live", "free"))
    lines = guidance([introduction, question("one"), free, live], "en")
    assert lines[0] == "1 self-introduction, 2 minutes."
    assert lines[1].startswith("1 structured question, ")
    assert lines[2:4] == ("Free questions, 5 minutes.", "An interviewer's own questions, 5 minutes.")
    assert guidance([introduction, free], "en")[1] == "Free questions at the end, 5 minutes."
    assert guidance([introduction, free], "zh")[:2] == ("1 次自我介绍，2 分钟。", "最后是自由提问，5 分钟。")
    thinks = question("live", "live", think_s=60, answer_s=300, itself="live")
    assert guidance([thinks], "en")[0] == "An interviewer's own questions, 1 minute to think, then 5 minutes."


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
    assert OWN["zh"].keys() == OWN["en"].keys()
