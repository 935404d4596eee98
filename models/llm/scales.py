"""Behaviourally anchored rating scales (BARS, Smith and Kendall 1963): five levels, the poorest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from models.lexical import Language

LEVELS = 5
MEASURES = ("relevance", "coherence", "structure", "specificity")
KEY_POINT, DIMENSION = "key-point-", "dimension:"

_ANCHORS: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "relevance": (
            "speaks of something else than what was asked",
            "touches the subject but answers hardly any of the question",
            "answers part of the question, or all of it in general terms only",
            "answers most of the question, with little beside the point",
            "answers everything that was asked and little else",
        ),
        "coherence": (
            "sentences stand side by side without a line that could be followed",
            "jumps often; the listener has to guess how things hang together",
            "can be followed, with some jumps or repetition",
            "a clear order with few jumps",
            "one line from beginning to end, each sentence following from the one before",
        ),
        "structure": (
            "tells none of situation, task, action and result",
            "tells one of them",
            "tells two of them, or hints at all",
            "tells three of them clearly",
            "tells situation, task, own action and result, each clearly",
        ),
        "specificity": (
            "general statements only",
            "a detail that could be anybody's",
            "some details, but it stays unclear what the speaker did",
            "several details and the speaker's own actions",
            "numbers, names and own actions precise enough to be checked",
        ),
        KEY_POINT: (
            "not mentioned",
            "hinted at",
            "mentioned in general terms",
            "told with some detail",
            "told fully and in detail",
        ),
    },
    "zh": {
        "relevance": (
            "说的不是题目所问的内容",
            "沾到主题，但几乎没有回答题目",
            "回答了题目的一部分，或只是笼统地回答",
            "回答了题目的大部分，少有跑题",
            "题目所问都回答了，少有多余内容",
        ),
        "coherence": (
            "句子各说各的，无法跟上思路",
            "经常跳跃，需要听者猜测前后关系",
            "能跟上，有一些跳跃或重复",
            "顺序清楚，少有跳跃",
            "从头到尾一条线，每句都承接上一句",
        ),
        "structure": (
            "情境、任务、行动、结果都没有讲",
            "讲了其中一项",
            "讲了其中两项，或各项只是带过",
            "清楚地讲了其中三项",
            "情境、任务、本人的行动和结果都讲清楚了",
        ),
        "specificity": (
            "只有泛泛而谈",
            "有一处细节，但放在谁身上都可以",
            "有一些细节，但看不出本人做了什么",
            "有多处细节和本人的行动",
            "数字、名称和本人的行动具体到可以核实",
        ),
        KEY_POINT: ("没有提到", "略有暗示", "笼统地提到", "讲了一些细节", "讲得完整而具体"),
    },
}
_NAMES: dict[Language, dict[str, str]] = {
    "en": {
        "relevance": "does it answer the question",
        "coherence": "do the sentences follow from each other",
        "structure": "is a story told with situation, task, action, result",
        "specificity": "how specific is it",
    },
    "zh": {
        "relevance": "是否回答了题目",
        "coherence": "句子之间是否连贯",
        "structure": "是否按情境、任务、行动、结果讲述",
        "specificity": "是否具体",
    },
}


@dataclass(frozen=True, slots=True)
class DimensionAsked:
    """What the plan scores the answer on: `anchors` are five behaviours, the poorest first."""

    id: str
    name: str
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """One judgement to be made. Level 1 of an `absent_at_1` scale says that there is nothing to quote."""

    key: str
    about: str
    anchors: tuple[str, ...]
    absent_at_1: bool = False


def scales_of(
    measures: Collection[str],
    key_points: Sequence[str],
    dimensions: Sequence[DimensionAsked],
    language: Language,
) -> tuple[Scale, ...]:
    """`measures` by name; with `coverage` among them each key point has a scale of its own."""
    anchors, names = _ANCHORS[language], _NAMES[language]
    found = [Scale(name, names[name], anchors[name]) for name in MEASURES if name in measures]
    if "coverage" in measures:
        found += [
            Scale(f"{KEY_POINT}{number}", point, anchors[KEY_POINT], absent_at_1=True)
            for number, point in enumerate(key_points, 1)
        ]
    found += [
        Scale(f"{DIMENSION}{one.id}", one.name, one.anchors)
        for one in dimensions
        if len(one.anchors) == LEVELS
    ]
    return tuple(found)


def points_of(level: float) -> float:
    """Level 1–5 as points 0–100; `interviews.dimension_scores.level_of` gives the same level back."""
    return 100 * (level - 1) / (LEVELS - 1)
