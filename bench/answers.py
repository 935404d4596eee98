"""`python -m bench answers --manifest FILE.csv …`: agreement of the rater of answers with human grades.

The packaged rater is applied as it is, nothing is fitted on what is measured. `--crossvalidate` is for the
sets it was trained on: the regressor is fitted anew for every eighth of the questions, without these, and for
every set as a whole, without that set. `--llm` measures a language model with the same figures; where it
gives no valid level the packaged rater's counts, and `llm_fallbacks` says how often.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from rich.console import Console

from bench import answer_items, llm_answers
from bench.core.metrics import Item, Metric
from bench.core.plots import plot
from bench.core.result import Result, build
from bench.core.tables import print_result
from models import graded_model
from models.embedding import TextEncoder
from models.graded import AnswerEvidence, share_of
from models.graded_data import GradedError, GradedSet, groups, read_graded
from models.llm.references import ReferenceJudge
from models.store import WeightsMissing

FOLDS = 8
SHOWN = ("pearson", "spearman", "qwk", "mae", "baseline_length_pearson", "baseline_tfidf_pearson")
Evidence = list[list[dict[str, float]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manifest",
        type=Path,
        nargs="+",
        required=True,
        help="CSV with question, reference…, answer and score, score_LOW_HIGH… or label",
    )
    parser.add_argument("--crossvalidate", action="store_true", help="fitted anew without what is measured")
    llm_answers.add_arguments(parser)
    parser.add_argument("--by", default="set,language", help="columns to group by (set,language)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="OUT")
    parser.add_argument("--plot", type=Path, metavar="OUT", help="a PNG of the correlations")


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 2: something that was asked for cannot be."""
    try:
        sets = [read_graded(path) for path in options.manifest]
        if len({one.name for one in sets}) < len(sets):
            raise GradedError("two manifests have one name")
        if options.llm and options.crossvalidate:
            raise ValueError("a language model is not fitted: --llm without --crossvalidate")
        llm = llm_answers.judge(options) if options.llm else None
        if llm is not None:
            sets = llm_answers.bounded(sets, options.llm_items)
        result = measure(
            sets,
            AnswerEvidence(TextEncoder.load(threads=options.threads)),
            by=tuple(options.by.split(",")),
            crossvalidate=options.crossvalidate,
            llm=llm,
        )
    except (GradedError, WeightsMissing, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print_result(result, Console(soft_wrap=True), columns=SHOWN)
    for name, value in result.notes.items():
        print(f"{name}: {value}")
    if options.json:
        result.write(options.json)
    if options.plot:
        plot(result, options.plot, metric="pearson", samples={})
    return 0


def measure(
    sets: list[GradedSet],
    source: AnswerEvidence,
    *,
    by: tuple[str, ...],
    crossvalidate: bool,
    llm: ReferenceJudge | None = None,
) -> Result:
    """Raises `ValueError` where a cross-validation has too few questions."""
    from models.train_graded import evidence_of, gathered

    regressor = graded_model.load()
    answers = [one for of_set in sets for one in of_set.answers]
    notes: dict[str, object] = {
        "scales": {one.name: [one.low, one.high] for one in sets},
        "qwk_steps": {one.name: answer_items.points(one) for one in sets},
    }
    if crossvalidate:
        every, _ = gathered(sets)
        evidence, shares, left_out = _refitted(sets, evidence_of(every, source))
        notes["leave_one_set_out_pearson"] = left_out
    else:
        evidence = evidence_of(answers, source)
        shares = [share_of(found, regressor) for found in evidence]
    if llm is not None:
        judged = llm_answers.shares(llm, sets)
        llm.close()
        notes["llm_fallbacks"] = judged.count(None)
        shares = [own if share is None else share for share, own in zip(judged, shares, strict=True)]
    told = [found[0] if found else {} for found in evidence]
    of_groups = _named_groups(sets)
    items: list[Item] = []
    for one in sets:
        part = slice(len(items), len(items) + len(one.answers))
        items += answer_items.items(one, of_groups[part], shares[part], told[part])
    definitions: list[Metric] = answer_items.definitions(answers)
    model = f"graded-answers@{regressor.version}" + (", fitted anew" if crossvalidate else "")
    model = model if llm is None else llm.model
    settings = {"manifest": [one.name for one in sets], "crossvalidate": crossvalidate}
    return build(model, settings, definitions, items, by, notes=notes)


def _named_groups(sets: list[GradedSet]) -> list[str]:
    return [f"{one.name} {number}" for one in sets for number in groups(one.answers)]


def _refitted(
    sets: list[GradedSet], evidence: Evidence
) -> tuple[Evidence, list[float], dict[str, float | None]]:
    """Evidence and shares of the sets' own answers, and Pearson's coefficient of each set left out whole.

    `evidence` is of what training takes: the sets' answers, each set followed by the made ones.
    """
    from sklearn.model_selection import GroupKFold

    from bench.core.agreement import pearson
    from models.graded_fit import fit
    from models.train_graded import gathered, material

    answers, names = gathered(sets)
    found = material(answers, names, evidence)
    rows_of = np.cumsum([bool(one) for one in evidence]) - 1  # row in the table, of those that said anything
    own: list[int] = []
    start = 0
    for one in sets:
        own += range(start, start + len(one.answers))
        start += names.count(one.name)
    said = np.array([at for at in own if evidence[at]])
    shares = np.zeros(len(answers))
    folds = GroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(found.table, groups=found.groups):
        regressor = fit(found.only(train), "fold")
        held = set(test.tolist())
        for at in said:
            if rows_of[at] in held:
                shares[at] = share_of(evidence[at], regressor)
    left_out: dict[str, float | None] = {}
    for one in sets if len(sets) > 1 else ():
        regressor = fit(found.only(np.flatnonzero(found.sets != one.name)), "without")
        mine = [at for at in own if names[at] == one.name]
        rated = np.array([share_of(evidence[at], regressor) for at in mine])
        given = pearson(rated, np.array([answers[at].share for at in mine]))
        left_out[one.name] = None if given is None else round(given, 4)
    return [evidence[at] for at in own], [float(shares[at]) for at in own], left_out
