"""Code in the domain: what a task may be, how outputs are compared, how the log is folded and scored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from interviews.answers import AnswerRating
from interviews.coding import CodingTask, TestCase, normalised, same_output, shown_to_candidate
from interviews.coding_events import (
    CaseResult,
    CodeChecked,
    CodeRan,
    CodeSaved,
    CodeSubmitted,
    RunOutcome,
    Verdict,
)
from interviews.events import (
    CANDIDATE_TYPES,
    AnswerScored,
    Payload,
    QuestionStarted,
    SessionConnected,
    SessionCreated,
)
from interviews.plan import Question
from interviews.report import Report
from interviews.scoring import Scores
from interviews.state import SessionState
from tests.interviews.conftest import final, log, rating

CASES = (
    TestCase(stdin="1", expected="1", visible=True),
    TestCase(stdin="2", expected="4", weight=2),
    TestCase(stdin="3", expected="9"),
)
TASK = CodingTask(languages=("python", "java"), cases=CASES)


def question(task: CodingTask | None = TASK) -> Question:
    return Question(id="square", text={"en": "Square it."}, kind="coding", task=task)


def told(*entries: tuple[float, Payload], task: CodingTask | None = TASK) -> list[tuple[float, Payload]]:
    created = SessionCreated(candidate="Li Lei", language="en", policy="CN", questions=(question(task),))
    return [(0, created), (1, SessionConnected()), (2, QuestionStarted(question="square")), *entries]


def submitted(source: str = "print(1)", **more: bool) -> CodeSubmitted:
    return CodeSubmitted(question="square", language="python", source=source, **more)


def checked(seq: int, *verdicts: Verdict, outcome: RunOutcome = "ran") -> CodeChecked:
    results = tuple(CaseResult(case=n, verdict=one) for n, one in enumerate(verdicts))
    return CodeChecked(question="square", submitted=seq, outcome=outcome, results=results, runner="Python 3")


def test_only_a_coding_question_has_a_task_and_a_task_is_whole() -> None:
    with pytest.raises(ValidationError, match="only a coding question"):
        Question(id="a", text={"en": "Why?"}, task=TASK)
    with pytest.raises(ValidationError, match="offered twice"):
        CodingTask(languages=("python", "python"))
    with pytest.raises(ValidationError, match="not offered"):
        CodingTask(languages=("python",), starter={"java": "class Main {}"})
    for wrong in ({"time_s": 0}, {"memory_mb": 4096}, {"cases": CASES * 11}):
        with pytest.raises(ValidationError):
            CodingTask.model_validate(wrong)
    with pytest.raises(ValidationError):
        TestCase(expected="1", weight=0)
    assert "task" not in Question(id="a", text={"en": "Why?"}).model_dump()


def test_the_candidate_is_told_nothing_of_hidden_cases_but_their_number() -> None:
    shown = shown_to_candidate(TASK)
    assert shown is not None
    assert [case.stdin for case in shown.cases] == ["1"]
    assert shown.hidden_cases == 2
    assert shown.starter.keys() == {"python", "java"}
    assert shown_to_candidate(None) is None
    assert "code.checked" not in CANDIDATE_TYPES


LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8))


@given(LINES, st.lists(st.sampled_from([" ", "\t", ""]), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_blanks_at_the_ends_and_kinds_of_line_breaks_make_no_difference(
    lines: list[str], blanks: list[str], newline: str
) -> None:
    plain = "\n".join(lines)
    padded = newline.join(line + (blanks[n] if n < len(blanks) else "") for n, line in enumerate(lines))
    assert same_output(padded + newline, plain)
    assert normalised(normalised(padded)) == normalised(padded)


def test_what_differs_is_told_apart() -> None:
    assert not same_output("1 2", "12")
    assert not same_output(" 1", "1")
    assert not same_output("1\n\n2", "1\n2")
    assert same_output("", "\n\n")


def test_the_code_is_folded_from_the_log() -> None:
    ran = CodeRan(question="square", language="java", outcome="ran")
    state = SessionState.of(
        log(
            *told(
                (3, CodeSaved(question="square", language="python", source="a")),
                (4, CodeSaved(question="square", language="java", source="b")),
                (5, ran),
                (6, CodeSaved(question="elsewhere", language="python", source="x")),
            )
        )
    )
    work = state.code.of("square")
    assert (work.language, work.sources, work.saved_at) == ("java", {"python": "a", "java": "b"}, 4)
    assert (work.runs, work.last_run, work.ran_at) == (1, ran, 5)
    assert state.code.unsubmitted == ("square",)
    assert state.code.of("elsewhere").language is None


def test_the_last_submission_counts_and_no_check_of_another() -> None:
    entries = told((3, submitted("a")), (4, checked(4, "passed", "passed", "passed")), (5, submitted("b")))
    state = SessionState.of(log(*entries))
    assert state.code.unchecked == ("square",)
    assert state.code.unsubmitted == ()
    late = SessionState.of(log(*entries, (6, checked(4, "passed", "passed", "passed"))))
    assert late.code.of("square").checked is None
    done = SessionState.of(log(*entries, (6, checked(6, "wrong", "wrong", "wrong"))))
    assert done.code.unchecked == ()


@given(st.lists(st.sampled_from(["saved", "ran", "submitted", "checked", "odd"]), max_size=12))
def test_no_order_of_events_breaks_the_fold(kinds: list[str]) -> None:
    made: dict[str, Payload] = {
        "saved": CodeSaved(question="square", language="python", source="a"),
        "ran": CodeRan(question="square", language="python", outcome="failed"),
        "submitted": submitted(),
        "checked": checked(4, "passed", "wrong", "crashed"),
        "odd": CodeChecked(
            question="square", submitted=4, outcome="ran", results=(CaseResult(case=29, verdict="passed"),)
        ),
    }
    entries = told(*((3 + n, made[kind]) for n, kind in enumerate(kinds)))
    scores = Scores.of(log(*entries))
    assert scores.answers[0].score in (None, 25.0)
    Report.of(log(*entries))


def test_correctness_is_the_weighted_share_of_cases_and_the_whole_score() -> None:
    said: AnswerRating = rating(relevance=10.0, coverage=10.0)
    scores = Scores.of(
        log(
            *told(
                (3, final(1, 3.0, "I just square it and print the number, that is all there is to do here.")),
                (4, submitted()),
                (5, checked(5, "passed", "passed", "wrong")),
                (6, AnswerScored(question="square", rating=said)),
            )
        )
    )
    [answer] = scores.answers
    assert (answer.score, scores.overall, answer.insufficient) == (75.0, 75.0, None)
    first, *beside = answer.measures
    assert (first.name, first.value, first.weight, first.model) == ("code_correctness", 75.0, 1.0, "Python 3")
    assert [(one.quote, one.start) for one in first.evidence] == [("2/3", 4.0)]
    assert first.detail["weight_passed"] == 3.0
    assert [one.weight for one in beside] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "no-code"),
        ([(3, submitted())], "code-not-checked"),
        ([(3, submitted()), (4, checked(4, outcome="no-sandbox"))], "code-not-run"),
        ([(3, submitted()), (4, checked(4, "passed", "not-run", "passed"))], "code-not-run"),
        ([(3, submitted()), (4, checked(4, "passed"))], "code-not-run"),
    ],
)
def test_what_was_not_run_has_no_score_rather_than_none_passed(
    entries: list[tuple[float, Payload]], reason: str
) -> None:
    [answer] = Scores.of(log(*told(*entries))).answers
    assert answer.score is None
    assert answer.insufficient is not None
    assert answer.insufficient.code == reason
    assert answer.insufficient.zh != reason != answer.insufficient.en


def test_without_cases_people_read_it_and_without_a_task_words_count() -> None:
    [answer] = Scores.of(log(*told((3, submitted()), task=CodingTask()))).answers
    assert answer.insufficient is not None
    assert answer.insufficient.code == "code-for-people"
    spoken = (
        (3.0, final(1, 3.0, "I square it.")),
        (4.0, AnswerScored(question="square", rating=rating(relevance=60.0))),
    )
    assert Scores.of(log(*told(*spoken, task=None))).answers[0].score == 60.0


def test_the_report_holds_the_code_and_every_case() -> None:
    entries = told((3, submitted(automatic=True)), (4, checked(4, "passed", "time-limit", "wrong")))
    [program] = Report.of(log(*entries)).programs
    assert (program.language, program.source, program.submitted, program.automatic) == (
        "python",
        "print(1)",
        3.0,
        True,
    )
    assert [(one.case, one.visible, one.weight, one.passed) for one in program.cases] == [
        (1, True, 1.0, True),
        (2, False, 2.0, False),
        (3, False, 1.0, False),
    ]
    assert program.cases[1].verdict.en == "out of time"
    assert Report.of(log(*told())).programs == ()
