"""`python -m models.train_graded --data FILE.csv …`: trains the graded rater's regressor from graded answers.

Each file is a set of its own. Besides its answers, every question gives two more: the reference itself
(full marks) and a text about nothing asked (none). The same files and seed give the same numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models import graded_model, offtopic
from models.embedding import TextEncoder
from models.graded import AnswerEvidence
from models.graded_data import GradedAnswer, GradedError, GradedSet, groups, read_graded
from models.graded_features import vector
from models.graded_fit import Material, fit

VERSION = "1"


def made(answers: Sequence[GradedAnswer]) -> list[GradedAnswer]:
    """Two more per question: its first reference, full marks, and a text about nothing asked, none."""
    first = {one.question: one for one in reversed(answers)}
    found = []
    for number, one in enumerate(first.values()):
        texts = offtopic.MANDARIN if one.language == "zh" else offtopic.ENGLISH
        found.append(replace(one, answer=one.references[0], grades=(1.0,)))
        found.append(replace(one, answer=texts[number % len(texts)], grades=(0.0,)))
    return found


def material(
    answers: Sequence[GradedAnswer], sets: Sequence[str], evidence: Sequence[Sequence[dict[str, float]]]
) -> Material:
    """One row for each answer that said anything; `sets` names what each is of."""
    said = [at for at, found in enumerate(evidence) if found]
    names = tuple(evidence[said[0]][0])
    of_groups = groups(answers)
    return Material(
        names,
        np.array([vector(evidence[at][0], names) for at in said]),
        np.array([answers[at].share for at in said]),
        np.array([sets[at] for at in said]),
        np.array([of_groups[at] for at in said], np.intp),
    )


def gathered(sets: Sequence[GradedSet]) -> tuple[list[GradedAnswer], list[str]]:
    """All answers with those that are made, and the name of the set of each."""
    answers, names = [], []
    for one in sets:
        of_set = [*one.answers, *made(one.answers)]
        # A question's id says nothing outside its own set.
        answers += [replace(answer, qid=f"{one.name} {answer.qid}") for answer in of_set]
        names += [one.name] * len(of_set)
    return answers, names


def evidence_of(answers: Sequence[GradedAnswer], source: AnswerEvidence) -> list[list[dict[str, float]]]:
    return [source.of(one.question, one.references, one.answer, one.language) for one in answers]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m models.train_graded", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE.csv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=graded_model.PACKAGED)
    options = parser.parse_args()
    try:
        sets = [read_graded(path) for path in options.data]
    except GradedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    answers, names = gathered(sets)
    found = material(answers, names, evidence_of(answers, AnswerEvidence(TextEncoder.load())))
    model = fit(found, VERSION, options.seed)
    options.out.write_text(model.model_dump_json() + "\n", encoding="utf-8")
    told = f"{len(found.shares)} rows, {len(set(found.groups))} questions, {len(found.names)} features"
    print(f"{told}; {options.out} has {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
