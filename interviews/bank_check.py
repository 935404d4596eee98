"""Whether a question may be put into the bank: what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interviews.bank import BankQuestion
from interviews.design_problem import DesignProblem
from interviews.design_texts import LEVELS, MAX_KEY_POINTS, text_missing
from interviews.dimensions import Dimension


def question_problems(
    question: BankQuestion, dimensions: Mapping[str, Dimension]
) -> tuple[DesignProblem, ...]:
    """In the order of its fields; empty: it may be used. `path` leads into the question. Never raises."""
    return tuple(_problems(question, dimensions))


def _problems(question: BankQuestion, dimensions: Mapping[str, Dimension]) -> Iterator[DesignProblem]:
    if not any(text.strip() for text in question.text.values()):
        yield text_missing("text", "text", question.id, None)
    for at, id_ in enumerate(question.dimensions):
        path = f"dimensions.{at}"
        if id_ not in dimensions:
            yield DesignProblem(code="unknown-dimension", path=path, values={"dimension": id_})
        elif id_ in question.dimensions[:at]:
            name = dimensions[id_].name
            yield DesignProblem(code="dimension-twice", path=path, values={"dimension": name})
    for language, points in question.key_points.items():
        if len(points) > MAX_KEY_POINTS:
            values = {"count": float(len(points)), "most": float(MAX_KEY_POINTS)}
            yield DesignProblem(code="question-key-points", path=f"key_points.{language}", values=values)
    for language, anchors in question.anchors.items():
        written = sum(bool(anchor.strip()) for anchor in anchors)
        if anchors and (len(anchors), written) != (LEVELS, LEVELS):
            yield DesignProblem(
                code="question-anchors", path=f"anchors.{language}", values={"count": float(written)}
            )
