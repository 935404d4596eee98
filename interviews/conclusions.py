"""Key conclusions of a report, and what the next round should ask: by rules alone, each with its words.

A dimension is a strength at level 4 or 5, or where its interval lies above the mean of the other dimensions;
weak at level 1 or 2, or where it lies below. It is uncertain where it has no score, or where the interval
spans more than half of the scale. For what is weak or uncertain, and for key points that nobody heard, a
question is proposed: from the starter bank where it has one that was not asked, else from the anchors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from interviews.answer_evidence import KeyPoint, whole
from interviews.dimension_scores import LEVELS, DimensionScore, level_of
from interviews.dimensions import ByLanguage
from interviews.parts import Interval, Part, Quote
from interviews.scoring import AnswerScore, Scores
from interviews.starter_bank import starter_bank
from interviews.state import Answer, SessionState
from interviews.wording import Message

STRONG = 4
WEAK = 2
MIDDLE = 3
WIDE = 50.0  # points of an interval
MOST_QUOTES = 2
_STORY = "What was the situation, what did you do, what came of it?"
Kind = Literal["strength", "weak", "uncertain", "missing-points"]


class Probe(Part):
    """A question for the next round. `source`: where it comes from; `question`: its id in the bank."""

    text: Message
    source: Literal["bank", "key-points", "anchor", "general"]
    question: str | None = None


class Conclusion(Part):
    """`about`: a dimension's or a question's id. `evidence` is empty only where nothing was said on it."""

    kind: Kind
    about: str
    text: Message
    evidence: tuple[Quote, ...]
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class _Rated:
    """What a conclusion is about: a dimension, or an answer where no plan says what counts."""

    id: str
    name: ByLanguage
    score: float | None
    interval: Interval | None
    reason: Message | None
    evidence: tuple[Quote, ...]
    anchors: dict[int, ByLanguage]  # by level

    def named(self, language: Literal["zh", "en"]) -> str:
        return self.name.get(language) or next(iter(self.name.values()), self.id)


def conclusions(scores: Scores, state: SessionState) -> tuple[Conclusion, ...]:
    """Strengths first, the highest first; then what is weak, uncertain, and the key points not heard.

    Empty before the result is there, and where the candidate does not agree to being scored.
    """
    if state.state != "scored" or not state.journey.allows("scoring"):
        return ()
    rated = [_of_dimension(one, state) for one in scores.dimensions] or [*_of_answers(scores.answers, state)]
    asked = set(state.questions)
    offered: set[str] = set()
    strong, weak, uncertain = [], [], []
    for one in rated:
        others = [other.score for other in rated if other is not one and other.score is not None]
        kind = _kind(one, others)
        if kind == "strength":
            strong.append(one)
        elif kind == "weak":
            weak.append(one)
        elif kind == "uncertain":
            uncertain.append(one)
    strong.sort(key=lambda one: -(one.score or 0.0))
    weak.sort(key=lambda one: one.score or 0.0)
    return (
        *(_strength(one) for one in strong),
        *(_weak(one, asked, offered) for one in weak),
        *(_uncertain(one, asked, offered) for one in uncertain),
        *_missing(scores.answers, state),
    )


def _kind(one: _Rated, others: Sequence[float]) -> Kind | None:
    if one.score is None or one.interval is None:
        return "uncertain"
    level, mean = level_of(one.score), fmean(others) if others else None
    if level >= STRONG or (level >= MIDDLE and mean is not None and one.interval.low > mean):
        return "strength"
    if level <= WEAK or (mean is not None and one.interval.high < mean):
        return "weak"
    return "uncertain" if one.interval.high - one.interval.low > WIDE else None


def _strength(one: _Rated) -> Conclusion:
    score = one.score or 0.0
    level = level_of(score)
    shown = one.anchors.get(level, {})
    zh = f"{one.named('zh')}突出：{score:.0f} 分，{level} 级{_anchor(shown, 'zh')}。"
    en = f"{one.named('en')} is a strength: {score:.0f}, level {level}{_anchor(shown, 'en')}."
    return Conclusion(
        kind="strength",
        about=one.id,
        text=Message(code="strength", zh=zh, en=en),
        evidence=one.evidence[:MOST_QUOTES],
        probe=None,
    )


def _weak(one: _Rated, asked: set[str], offered: set[str]) -> Conclusion:
    score = one.score or 0.0
    level = level_of(score)
    shown = one.anchors.get(level, {})
    zh = f"{one.named('zh')}偏低：{score:.0f} 分，{level} 级{_anchor(shown, 'zh')}。建议复试追问。"
    en = (
        f"{one.named('en')} is low: {score:.0f}, level {level}{_anchor(shown, 'en')}."
        " Probe it in the next round."
    )
    return Conclusion(
        kind="weak",
        about=one.id,
        text=Message(code="weak", zh=zh, en=en),
        evidence=one.evidence[:MOST_QUOTES],
        probe=_probe(one, asked, offered),
    )


def _uncertain(one: _Rated, asked: set[str], offered: set[str]) -> Conclusion:
    if one.score is None or one.interval is None:
        why = one.reason or Message(code="insufficient", zh="数据不足。", en="There is too little data.")
        zh = f"{one.named('zh')}无法评分：{why.zh}建议复试考察。"
        en = f"{one.named('en')} has no score: {_lower(why.en)} Ask about it in the next round."
    else:
        low, high = one.interval.low, one.interval.high
        zh = f"{one.named('zh')}不确定：{one.score:.0f} 分，95% 区间 {low:.0f}–{high:.0f}。建议复试再问一题。"
        en = (
            f"{one.named('en')} is uncertain: {one.score:.0f}, 95 % {low:.0f}–{high:.0f}."
            " One more question on it would tell more."
        )
    return Conclusion(
        kind="uncertain",
        about=one.id,
        text=Message(code="uncertain", zh=zh, en=en),
        evidence=one.evidence[:MOST_QUOTES],
        probe=_probe(one, asked, offered),
    )


def _missing(answers: Sequence[AnswerScore], state: SessionState) -> Iterator[Conclusion]:
    by_id = {answer.question.id: answer for answer in state.answers}
    for number, answer in enumerate(answers, start=1):
        points = [one for one in answer.key_points if one.found is False]
        if answer.score is None or not points:
            continue
        listed_zh, listed_en = (sep.join(one.point for one in points) for sep in ("；", "; "))
        count = f"{len(points)}/{len(answer.key_points)}"
        zh = f"第 {number} 题有 {count} 个要点未听到：{listed_zh}。"
        en = f"Question {number}: {count} key points were not heard: {listed_en}."
        yield Conclusion(
            kind="missing-points",
            about=answer.question,
            text=Message(code="missing-points", zh=zh, en=en),
            evidence=answer.evidence[:1] or whole(by_id[answer.question]),
            probe=_point_probe(points[0], number),
        )


def _point_probe(point: KeyPoint, number: int) -> Probe:
    zh = f"回到第 {number} 题追问：关于“{point.point}”，当时具体是怎么做的？"
    en = f"Go back to question {number}: what exactly was done about “{point.point}”?"
    return Probe(text=Message(code="probe", zh=zh, en=en), source="key-points")


def _probe(one: _Rated, asked: set[str], offered: set[str]) -> Probe:
    """`offered` remembers what was proposed already in this report."""
    for question in starter_bank().values():
        if one.id in question.dimensions[:1] and question.id not in asked | offered:
            offered.add(question.id)
            text = Message(code="probe", zh=question.text["zh"], en=question.text["en"])
            return Probe(text=text, source="bank", question=question.id)
    level = 1 if one.score is None else level_of(one.score)
    better = one.anchors.get(min(LEVELS, max(STRONG, level + 1)), {})
    if better:
        zh = f"请讲一件能体现“{_of(better, 'zh')}”的具体事例：当时的情况、您的做法和结果。"
        en = f"Tell us about a time that shows this: “{_of(better, 'en')}”. {_STORY}"
        return Probe(text=Message(code="probe", zh=zh, en=en), source="anchor")
    zh = f"请再讲一件与“{one.named('zh')}”有关的亲身经历：当时的情况、您的做法和结果。"
    en = f"Tell us about another time that concerns this: “{one.named('en')}”. {_STORY}"
    return Probe(text=Message(code="probe", zh=zh, en=en), source="general")


def _of_dimension(one: DimensionScore, state: SessionState) -> _Rated:
    rubric = {each.id: each for each in (state.created.dimensions if state.created else ())}
    anchors: dict[int, ByLanguage] = {
        level: {
            language: texts[level - 1]
            for language, texts in rubric[one.dimension].anchors.items()
            if len(texts) == LEVELS
        }
        for level in range(1, LEVELS + 1)
    }
    said = [answer for answer in state.answers if one.dimension in answer.question.dimensions]
    evidence = one.evidence or tuple(quote for answer in said for quote in whole(answer))
    return _Rated(one.dimension, one.name, one.score, one.interval, one.insufficient, evidence, anchors)


def _of_answers(answers: Sequence[AnswerScore], state: SessionState) -> Iterator[_Rated]:
    by_id: dict[str, Answer] = {answer.question.id: answer for answer in state.answers}
    for number, one in enumerate(answers, start=1):
        if by_id[one.question].started is None:
            continue
        name: ByLanguage = {"zh": f"第 {number} 题", "en": f"Question {number}"}
        levels = by_id[one.question].question.anchors
        language: Literal["zh", "en"] = state.created.language if state.created else "zh"
        anchors: dict[int, ByLanguage] = {
            level: {language: text} for level, text in enumerate(levels, start=1) if text
        }
        evidence = one.evidence or whole(by_id[one.question])
        yield _Rated(one.question, name, one.score, one.interval, one.insufficient, evidence, anchors)


def _anchor(shown: ByLanguage, language: Literal["zh", "en"]) -> str:
    text = _of(shown, language).rstrip("。.")
    return (f"（{text}）" if language == "zh" else f" ({text})") if text else ""


def _of(shown: ByLanguage, language: Literal["zh", "en"]) -> str:
    return shown.get(language) or next(iter(shown.values()), "")


def _lower(sentence: str) -> str:
    """After a colon; a name or an acronym at the beginning stays as it is."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence
