"""Graded answers on file: CSV rows of a question, its reference answers, an answer and its grades.

Columns: `question`, `answer`; `reference`, `reference_1`, `reference2` … or `references` (parted by `||`);
`score`, or any number of `score_LOW_HIGH` (one per rater, with the bounds in the name), or `label`
(correct, partially_correct, incorrect, contradictory). `qid` and `language` where there are any.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.lexical import HAN, Language

LABELS = {"correct": 1.0, "partially_correct": 0.5, "partially_correct_incomplete": 0.5}
LABELS |= {"incorrect": 0.0, "contradictory": 0.0, "irrelevant": 0.0, "non_domain": 0.0}
_SCALE = re.compile(r"_(\d+(?:\.\d+)?)_(\d+(?:\.\d+)?)$")
_ALIKE = 0.5  # Jaccard index of character trigrams above which two questions are one


class GradedError(ValueError):
    """The file cannot be read as graded answers; the message says where."""


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """`grades`: each rater's, as shares 0–1 of the scale. `row`: 1 is the first below the header."""

    row: int
    qid: str
    question: str
    references: tuple[str, ...]
    answer: str
    language: Language
    grades: tuple[float, ...]

    @property
    def share(self) -> float:
        return sum(self.grades) / len(self.grades)


@dataclass(frozen=True, slots=True)
class GradedSet:
    """`low` and `high` are the bounds of the manifest's own scale."""

    name: str
    answers: tuple[GradedAnswer, ...]
    low: float
    high: float


def read_graded(path: Path) -> GradedSet:
    """Raises `GradedError` for a file, column, grade or reference that is missing or cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
            header = list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GradedError(f"{path} cannot be read: {error}") from error
    scored = [name for name in header if name == "score" or name.startswith("score_")]
    scored = scored or [name for name in header if name == "label"]
    references = [name for name in header if name.startswith("reference")]
    lacking = [name for name in ("question", "answer") if name not in header]
    lacking += ["score or label"] if not scored else []
    lacking += ["reference"] if not references else []
    if lacking:
        raise GradedError(f"{path} lacks {', '.join(lacking)}; it has {', '.join(header)}")
    if not rows:
        raise GradedError(f"{path} holds no rows")
    values = [[_value(path, n, name, row[name]) for name in scored] for n, row in enumerate(rows, 1)]
    low, high = _scale(scored, values)
    if any(not low <= value <= high for of_row in values for value in of_row):
        raise GradedError(f"{path} holds a grade outside {low:g} to {high:g}")
    answers = []
    for number, (row, grades) in enumerate(zip(rows, values, strict=True), 1):
        texts = [part.strip() for name in references for part in (row[name] or "").split("||")]
        kept = tuple(dict.fromkeys(text for text in texts if text))
        question = (row["question"] or "").strip()
        if not kept:
            raise GradedError(f"{path} row {number} has no reference")
        shares = tuple((grade - low) / (high - low) for grade in grades)
        language = _language(row.get("language") or "", question + " ".join(kept))
        qid = (row.get("qid") or question).strip()
        answers.append(
            GradedAnswer(number, qid, question, kept, (row["answer"] or "").strip(), language, shares)
        )
    return GradedSet(path.stem, tuple(answers), low, high)


def groups(answers: Sequence[GradedAnswer]) -> list[int]:
    """A number per answer, the same for whatever asks the same: one id, one wording or nearly, one reference.

    Folds of a cross-validation are parted by it, so that a question worded twice is not in both halves.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    wordings: dict[str, frozenset[str]] = {}
    for one in answers:
        own = f"id {one.qid}"
        long = [reference for reference in one.references if len(reference) > 15]  # "queue" answers many
        for other in (f"question {one.question}", *(f"reference {text}" for text in long)):
            parent[root(other)] = root(own)
        wordings.setdefault(one.question, _trigrams(one.question))
    names = list(wordings)
    for later, name in enumerate(names):
        for other in names[:later]:
            a, b = wordings[name], wordings[other]
            if len(a & b) > _ALIKE * len(a | b):
                parent[root(f"question {name}")] = root(f"question {other}")
    roots = [root(f"id {one.qid}") for one in answers]
    numbers = {name: number for number, name in enumerate(Counter(roots))}
    return [numbers[name] for name in roots]


def _trigrams(text: str) -> frozenset[str]:
    plain = re.sub(r"\W+", "", text.lower())
    return frozenset(plain[at : at + 3] for at in range(max(len(plain) - 2, 1)))


def _value(path: Path, number: int, name: str, text: str | None) -> float:
    told = (text or "").strip()
    if name == "label" and told in LABELS:
        return LABELS[told]
    try:
        return float(told)
    except ValueError as error:
        raise GradedError(f"{path} row {number}: {told!r} in {name} is no grade") from error


def _scale(names: Sequence[str], values: Sequence[Sequence[float]]) -> tuple[float, float]:
    """From the columns' names; else from 0 to the highest grade given, rounded up."""
    if names == ["label"]:
        return 0.0, 1.0
    bounds = [(float(found[1]), float(found[2])) for name in names if (found := _SCALE.search(name))]
    if bounds:
        return min(low for low, _ in bounds), max(high for _, high in bounds)
    highest = max(value for of_row in values for value in of_row)
    return min(0.0, *(value for of_row in values for value in of_row)), max(1.0, float(-(-highest // 1)))


def _language(tag: str, text: str) -> Language:
    if tag:
        return "zh" if tag.lower().startswith(("zh", "cmn")) else "en"
    return "zh" if len(HAN.findall(text)) > 0.2 * len(text) else "en"
