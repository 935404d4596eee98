"""Criterion validity: do the scores of a job's interviews go together with how people did later?

After the Principles for the Validation and Use of Personnel Selection Procedures (SIOP 2018). Groups serve
one control and no score: see `Proposal.r_groups`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from interviews.candidate_scores import CandidateScores
from interviews.correlation import Array, Correlation, correlate, varies
from interviews.outcome_rows import Outcome
from interviews.parts import Part
from interviews.reweighting import Proposal, propose
from interviews.wording import Message

# At 30 the interval of r = .3 reaches from −.07 to .60; fewer people tell next to nothing. With fewer than
# ten for each weight a regression fits chance (Harrell 2015, section 4.4).
MIN_PAIRS = 30
PER_PREDICTOR = 10
MIN_KNOWN = 0.5  # share of people for whom a dimension must be scored to be weighed
OVERALL = "overall"
WORDING: dict[str, tuple[str, str]] = {
    "few-pairs": (
        "只有 {0} 人同时有分数和绩效，至少需要 {1} 人，不显示相关。",
        "Only {0} people have both; at least {1} are needed to show a correlation.",
    ),
    "no-variation": ("分数或绩效没有差异。", "The scores or the figures do not differ between people."),
    "few-for-weights": (
        "{0} 人不足以确定 {1} 个维度的权重，至少需要 {2} 人。",
        "{0} people are too few to weigh {1} dimensions; at least {2} are needed.",
    ),
    "few-dimensions": ("可加权的维度不足两个。", "There are fewer than two dimensions to weigh."),
    "no-relation": (
        "没有一个维度与绩效正相关，不建议权重。",
        "No dimension goes together with performance, so no weights are proposed.",
    ),
}


class Relation(Part):
    """`predictor`: `overall` or the id of a dimension. There is either `correlation` or `refused`."""

    predictor: str
    correlation: Correlation | None = None
    refused: Message | None = None
    points: tuple[tuple[float, float], ...] = ()  # score and performance, to draw; nobody is named


class Criterion(Part):
    """One performance figure. `left_out`: dimensions that too few people have a score of."""

    performance: str
    relations: tuple[Relation, ...]
    proposal: Proposal | None = None
    proposal_refused: Message | None = None
    left_out: tuple[str, ...] = ()


class Validity(Part):
    """`scored`: candidates of the job with an overall score. `matched`: those the table told of."""

    scored: int
    matched: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """A candidate with an overall score, and what the table says of them."""

    scores: CandidateScores
    outcome: Outcome


def validity(
    everybody: Sequence[CandidateScores],
    matched: Sequence[Matched],
    performance: Sequence[str],
    groups: Sequence[str],
    weights: Mapping[str, float],
) -> Validity:
    """`everybody` has an overall score. `weights`: today's by dimension, of any sum; the others weigh 0."""
    return Validity(
        scored=len(everybody),
        matched=len(matched),
        criteria=tuple(
            _criterion(
                name, everybody, [one for one in matched if name in one.outcome.performance], groups, weights
            )
            for name in performance
        ),
    )


def _criterion(
    name: str,
    everybody: Sequence[CandidateScores],
    matched: Sequence[Matched],
    groups: Sequence[str],
    weights: Mapping[str, float],
) -> Criterion:
    matched = [one for one in matched if name in one.outcome.performance]
    dimensions = [*dict.fromkeys([*weights, *sorted({d for one in everybody for d in one.dimensions})])]
    used = [d for d in dimensions if _worth_weighing(d, matched)]
    proposal = _proposal(name, used, matched, groups, weights)
    return Criterion(
        performance=name,
        relations=tuple(_relation(name, one, everybody, matched) for one in (OVERALL, *dimensions)),
        proposal=proposal if isinstance(proposal, Proposal) else None,
        proposal_refused=proposal if isinstance(proposal, Message) else None,
        left_out=tuple(d for d in dimensions if d not in used),
    )


def _relation(
    name: str, predictor: str, everybody: Sequence[CandidateScores], matched: Sequence[Matched]
) -> Relation:
    pairs = [
        (score, one.outcome.performance[name])
        for one in matched
        if (score := _score(one.scores, predictor)) is not None
    ]
    if len(pairs) < MIN_PAIRS:
        return Relation(predictor=predictor, refused=say("few-pairs", len(pairs), MIN_PAIRS))
    values, figures = _array(s for s, _ in pairs), _array(f for _, f in pairs)
    if not (varies(values) and varies(figures)):
        return Relation(predictor=predictor, refused=say("no-variation"))
    pool = _array(value for one in everybody if (value := _score(one, predictor)) is not None)
    return Relation(
        predictor=predictor, correlation=correlate(values, figures, pool), points=tuple(sorted(pairs))
    )


def _proposal(
    name: str,
    used: Sequence[str],
    matched: Sequence[Matched],
    groups: Sequence[str],
    weights: Mapping[str, float],
) -> Proposal | Message:
    if len(used) < 2:
        return say("few-dimensions")
    whole = [one for one in matched if all(d in one.scores.dimensions for d in used)]
    needed = max(MIN_PAIRS, PER_PREDICTOR * len(used))
    if len(whole) < needed:
        return say("few-for-weights", len(whole), len(used), needed)
    figure = _array(one.outcome.performance[name] for one in whole)
    if not varies(figure):
        return say("no-variation")
    scores = np.array([[one.scores.dimensions[d] for d in used] for one in whole], np.float64)
    columns = [[one.outcome.groups[column] for one in whole] for column in groups]
    found = propose(scores, figure, _today(used, weights), columns)
    return found or say("no-relation")


def _today(used: Sequence[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Today's weights among those used, sum 1; alike where none of them weighs anything."""
    now = {d: max(0.0, weights.get(d, 0.0)) for d in used}
    total = sum(now.values())
    return {d: value / total if total else 1 / len(used) for d, value in now.items()}


def _worth_weighing(dimension: str, matched: Sequence[Matched]) -> bool:
    values = [v for one in matched if (v := one.scores.dimensions.get(dimension)) is not None]
    return len(values) >= MIN_KNOWN * len(matched) and varies(_array(values))


def _score(one: CandidateScores, predictor: str) -> float | None:
    return one.overall if predictor == OVERALL else one.dimensions.get(predictor)


def _array(values: Iterable[float]) -> Array:
    return np.array([*values], np.float64)


def say(code: str, *values: object) -> Message:
    zh, en = WORDING[code]
    return Message(code=code, zh=zh.format(*values), en=en.format(*values))
