"""Whether what a plan shows and scores by is there in the language of the interview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.design_problem import DesignProblem, Value, in_language
from interviews.dimensions import ByLanguage, Dimension, ListByLanguage
from interviews.events import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")
MAX_KEY_POINTS = 12  # as in `Question`
LEVELS = 5

_LANGUAGE: dict[Language, ByLanguage] = {
    "zh": {"zh": "中文", "en": "Chinese"},
    "en": {"zh": "英文", "en": "English"},
}
_ANY: ByLanguage = {"zh": "任何语言", "en": "any language"}
_FIELD: dict[str, ByLanguage] = {
    "title": {"zh": "标题", "en": "title"},
    "name": {"zh": "名称", "en": "name"},
    "text": {"zh": "题干", "en": "text"},
    "key_points": {"zh": "要点", "en": "key points"},
    "anchors": {"zh": "行为锚定", "en": "behavioural anchors"},
}


def anchors_of(question: BankQuestion, dimensions: Mapping[str, Dimension]) -> ListByLanguage:
    """The question's own anchors, or in a language without, those of its first dimension."""
    first = dimensions.get(question.dimensions[0])
    general = first.anchors if first else {}
    return {key: own for key in LANGUAGES if (own := question.anchors.get(key) or general.get(key) or ())}


def text_problems(
    plan: Plan,
    bank: Mapping[str, BankQuestion],
    dimensions: Mapping[str, Dimension],
    language: Language | None,
) -> Iterator[DesignProblem]:
    """Texts that are missing in `language` (None: in every language), and lists of the wrong length."""
    yield from _text("title", "title", plan.id, plan.title, language)
    for at, step in enumerate(plan.steps):
        yield from _text(f"steps.{at}.title", "title", step.id, step.title, language)
        for number, id_ in enumerate(step.questions):
            if id_ in bank:
                yield from _question(f"steps.{at}.questions.{number}", bank[id_], dimensions, language)
    for id_ in plan.weights:
        if id_ in dimensions:
            yield from _text(f"weights.{id_}", "name", id_, dimensions[id_].name, language)


def _question(
    path: str, question: BankQuestion, dimensions: Mapping[str, Dimension], language: Language | None
) -> Iterator[DesignProblem]:
    yield from _text(path, "text", question.id, question.text, language)
    anchors = anchors_of(question, dimensions)
    # Neither is a must. But what scores answers in one language would be missing in the other.
    for field, lists in (("key_points", question.key_points), ("anchors", anchors)):
        if language is not None and any(lists.values()) and not lists.get(language):
            yield text_missing(path, field, question.id, language)
    for key in LANGUAGES if language is None else (language,):
        levels, points = len(anchors.get(key, ())), len(question.key_points.get(key, ()))
        if levels not in (0, LEVELS):
            values: dict[str, Value] = {
                "question": question.id,
                "count": float(levels),
            }
            yield DesignProblem(code="not-five-anchors", path=path, values=values)
        if points > MAX_KEY_POINTS:
            values = {"question": question.id, "count": float(points), "most": float(MAX_KEY_POINTS)}
            yield DesignProblem(code="too-many-key-points", path=path, values=values)


def _text(
    path: str, field: str, id_: str, text: ByLanguage, language: Language | None
) -> Iterator[DesignProblem]:
    if not (in_language(text, "zh", "") if language is None else text.get(language, "").strip()):
        yield text_missing(path, field, id_, language)


def text_missing(path: str, field: str, id_: str, language: Language | None) -> DesignProblem:
    """`field`: title, name, text, key_points or anchors. `language` None: it has none in any language."""
    named = _ANY if language is None else _LANGUAGE[language]
    return DesignProblem(
        code="missing-text", path=path, values={"what": id_, "field": _FIELD[field], "language": named}
    )
