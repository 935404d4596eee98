"""Whether a plan can be held as designed, and the questions that it comes to.

`problems` tells everything that is wrong at once; `questions_of` makes what a session asks, of valid plans.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from interviews.bank import BankQuestion
from interviews.design import Plan, Step
from interviews.design_problem import DesignProblem, in_language
from interviews.design_texts import anchors_of, text_problems
from interviews.design_times import Asked, StepTime, asked, asks_itself, duration_s, fits
from interviews.dimensions import ByLanguage, Dimension
from interviews.events import Language
from interviews.plan import Question
from interviews.questions import default_questions

__all__ = ["DesignProblem", "InvalidPlan", "StepTime", "duration_s", "fits", "problems", "questions_of"]

MAX_TOTAL_S = 7200.0
MAX_ANSWER_S = 3600.0  # as in `Question`
MAX_QUESTIONS = 50  # as a session's

_INTERVIEWER = {
    "zh": "接下来由面试官直接向你提问，请听完问题后作答。",
    "en": "An interviewer will now ask you in person. Please listen to the question and answer it.",
}
_FREE = {
    "zh": "接下来是自由交流：面试官可能会追问，你也可以提出自己想了解的问题。",
    "en": "Now there is time to talk freely: the interviewer may ask more, "
    "and you may ask what you would like to know.",
}


class InvalidPlan(ValueError):
    """A plan that cannot be held; `problems` says why."""

    def __init__(self, problems: tuple[DesignProblem, ...]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.text('en')}" for one in problems))
        self.problems = problems


def problems(
    plan: Plan,
    bank: Mapping[str, BankQuestion],
    dimensions: Mapping[str, Dimension],
    language: Language | None = None,
) -> tuple[DesignProblem, ...]:
    """What keeps the plan from being held, in the order of its parts; empty: it is valid.

    With `language`, that of an interview, every text must be there in it; without, in some language.
    Never raises.
    """
    return (
        *_of_steps(plan, bank, dimensions),
        *_of_times(plan, bank),
        *_of_weights(plan, bank, dimensions),
        *text_problems(plan, bank, dimensions, language),
    )


def questions_of(
    plan: Plan, bank: Mapping[str, BankQuestion], dimensions: Mapping[str, Dimension], language: Language
) -> tuple[Question, ...]:
    """What a session in `language` asks, in order: every text there is, key points and anchors in `language`.

    A question without anchors of its own gets those of its first dimension. A live or free step without
    questions gives one of kind live under the step's id; an introduction gives the self-introduction.

    Raises `InvalidPlan`, a `ValueError`, when the plan has problems in that language.
    """
    found = problems(plan, bank, dimensions, language)
    if found:
        raise InvalidPlan(found)
    return tuple(
        _question(step, one, dimensions, language) for step in plan.steps for one in asked(step, bank)
    )


def _question(step: Step, one: Asked, dimensions: Mapping[str, Dimension], language: Language) -> Question:
    place: dict[str, Any] = {
        "step": step.id,
        "think_s": one.think_s,
        "answer_s": one.answer_s,
        "retries": one.retries,
    }
    if one.bank is not None:
        return Question(
            id=one.bank.id,
            text={**one.bank.text},
            kind=one.bank.kind,
            key_points=one.bank.key_points.get(language, ()),
            anchors=anchors_of(one.bank, dimensions).get(language, ()),
            dimensions=one.bank.dimensions,
            task=one.bank.task,
            **place,
        )
    if step.kind == "introduction":
        return Question(**{**default_questions(language)[0].model_dump(), **place})
    free = step.kind == "free"
    text, itself = (_FREE if free else _INTERVIEWER), ("free" if free else "live")
    return Question(id=step.id, text=text, kind="live", itself=itself, **place)


def _of_steps(
    plan: Plan, bank: Mapping[str, BankQuestion], dimensions: Mapping[str, Dimension]
) -> Iterator[DesignProblem]:
    if not plan.steps:
        yield DesignProblem(code="no-steps", path="steps")
    steps: set[str] = set()
    questions: set[str] = set()
    count = 0
    for at, step in enumerate(plan.steps):
        if step.id in steps:
            yield DesignProblem(code="duplicate-step", path=f"steps.{at}.id", values={"id": step.id})
        steps.add(step.id)
        if not step.questions and not asks_itself(step):
            yield DesignProblem(
                code="no-questions", path=f"steps.{at}.questions", values={"step": _title(step)}
            )
        for path, id_ in _ids(at, step):
            if id_ in questions:
                yield DesignProblem(code="question-twice", path=path, values={"question": id_})
            questions.add(id_)
            count += 1
            if path.endswith("questions"):  # the step's own
                continue
            if id_ not in bank:
                yield DesignProblem(code="unknown-question", path=path, values={"question": id_})
                continue
            for dimension in bank[id_].dimensions:
                if dimension not in dimensions:
                    yield DesignProblem(code="unknown-dimension", path=path, values={"dimension": dimension})
    if count > MAX_QUESTIONS:
        yield DesignProblem(
            code="too-many-questions",
            path="steps",
            values={"count": float(count), "most": float(MAX_QUESTIONS)},
        )


def _ids(at: int, step: Step) -> Iterator[tuple[str, str]]:
    """The ids that a step's questions will have in the session, and where each comes from."""
    if asks_itself(step):
        yield f"steps.{at}.questions", "introduction" if step.kind == "introduction" else step.id
    for number, id_ in enumerate(step.questions):
        yield f"steps.{at}.questions.{number}", id_


def _of_times(plan: Plan, bank: Mapping[str, BankQuestion]) -> Iterator[DesignProblem]:
    for at, (step, time) in enumerate(zip(plan.steps, fits(plan, bank), strict=True)):
        path = f"steps.{at}.limit_s"
        if not time.fits:
            values = {"step": _title(step), "needed": time.needed_s, "limit": time.limit_s}
            yield DesignProblem(code="does-not-fit", path=path, values=values)
        longest = max((one.answer_s for one in asked(step, bank)), default=0.0)
        if longest > MAX_ANSWER_S:
            values = {"step": _title(step), "answer": longest, "most": MAX_ANSWER_S}
            yield DesignProblem(code="answer-too-long", path=path, values=values)
    total = duration_s(plan, bank)
    if total > MAX_TOTAL_S:
        yield DesignProblem(code="too-long", path="steps", values={"needed": total, "limit": MAX_TOTAL_S})


def _of_weights(
    plan: Plan, bank: Mapping[str, BankQuestion], dimensions: Mapping[str, Dimension]
) -> Iterator[DesignProblem]:
    total = sum(plan.weights.values())
    if not math.isclose(total, 100.0, abs_tol=1e-6):  # what adding decimal fractions leaves
        yield DesignProblem(code="weights-sum", path="weights", values={"sum": round(total, 7)})
    measured = {d for step in plan.steps for q in step.questions if q in bank for d in bank[q].dimensions}
    for id_, weight in plan.weights.items():
        path = f"weights.{id_}"
        if id_ not in dimensions:
            yield DesignProblem(code="unknown-dimension", path=path, values={"dimension": id_})
            continue
        name = dimensions[id_].name
        if not 0 <= weight <= 100:  # NaN neither
            yield DesignProblem(code="weight-range", path=path, values={"dimension": name, "weight": weight})
        elif weight > 0 and id_ not in measured:
            yield DesignProblem(code="not-measured", path=path, values={"dimension": name})


def _title(step: Step) -> str | ByLanguage:
    """A step is named by its title, or by its id while it has none."""
    return step.title if in_language(step.title, "zh", "") else step.id
