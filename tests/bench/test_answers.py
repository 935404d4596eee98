"""Agreement with human grades: the figures against scipy and scikit-learn, and the command on a small set."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from bench.answer_items import bags, definitions, equated, items, lengths, points
from bench.core.agreement import kappa, pearson, spearman
from bench.core.metrics import Item, Metric
from models.graded_data import GradedSet, read_graded


def test_figures_are_those_of_scipy_and_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    given = rng.integers(0, 6, 200).astype(float)
    found = np.clip(given + rng.integers(-2, 3, 200), 0, 5)
    assert pearson(found, given) == pytest.approx(stats.pearsonr(found, given).statistic)
    assert spearman(found, given) == pytest.approx(stats.spearmanr(found, given).statistic)
    assert kappa(found, given) == pytest.approx(cohen_kappa_score(found, given, weights="quadratic"))
    assert pearson(found, np.ones(200)) is None
    assert kappa(np.ones(3), np.ones(3)) is None


def test_an_interval_is_drawn_by_question() -> None:
    rng = np.random.default_rng(0)
    pairs = [(float(a), float(a + rng.normal())) for a in rng.normal(size=120)]
    listed = [
        Item(name=str(at), cluster=str(at // 6), graded={"rater": pair}) for at, pair in enumerate(pairs)
    ]
    metric = Metric(name="pearson", key="rater", kind="pearson", about="agreement")
    figure, span = metric.of(listed), metric.interval(listed)
    assert figure is not None
    assert span is not None
    assert span[0] < figure < span[1]
    assert metric.of([Item(name="x", cluster="x")]) is None


@pytest.fixture
def small(tmp_path: Path) -> GradedSet:
    path = tmp_path / "small.csv"
    rows = []
    for number, (subject, fact) in enumerate(
        (
            ("In which order does a queue give back", "the first element in is the first element out"),
            ("What comes out of a stack", "the last element in is the first element out"),
            ("How are the nodes of a tree joined", "nodes have one parent and any number of children"),
        )
    ):
        question = f"{subject}?"
        for answer, one, two in (
            (f"as everybody knows {fact}", 2, 2),
            (fact.split(" is ")[0], 1, 2),
            ("it is green and tastes of fish soup on a rainy day", 0, 0),
            ("", 0, 0),
        ):
            rows.append((f"q{number}", question, fact, answer, one, two))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("qid", "question", "reference", "answer", "score_a_0_2", "score_b_0_2"))
        writer.writerows(rows)
    return read_graded(path)


def test_items_hold_rater_baselines_and_people(small: GradedSet) -> None:
    rated = [one.share for one in small.answers]
    listed = items(small, ["c"] * 12, rated, [{}] * 12)
    found = {metric.name: metric.of(listed) for metric in definitions(small.answers)}
    assert found["pearson"] == pytest.approx(1)
    assert found["mae"] == pytest.approx(0)
    assert found["baseline_length_pearson"] is not None
    assert found["baseline_length_pearson"] < 0.9
    people = np.array([one.grades for one in small.answers])
    assert found["human_1_2_pearson"] == pytest.approx(stats.pearsonr(*people.T).statistic)
    whole = (2 * people).astype(int).T
    assert found["human_1_2_qwk"] == pytest.approx(cohen_kappa_score(*whole, weights="quadratic"))
    assert points(small) == 2


def test_baselines_are_what_they_say(small: GradedSet) -> None:
    cosines = bags(small.answers)
    assert cosines[3] == 0
    assert min(cosines[0], cosines[1]) > 0.5 > cosines[2] >= 0
    assert lengths(small.answers)[3] == 0
    shares = [one.share for one in small.answers]
    moved = equated(cosines, shares)
    assert (np.mean(moved), np.std(moved)) == pytest.approx((np.mean(shares), np.std(shares)))
    assert pearson(np.array(moved), np.array(shares)) == pytest.approx(
        pearson(np.array(cosines), np.array(shares))
    )


def test_the_command_measures_a_manifest(small: GradedSet, tmp_path: Path) -> None:
    out, picture = tmp_path / "out.json", tmp_path / "out.png"
    command = [sys.executable, "-m", "bench", "answers", "--manifest", str(tmp_path / "small.csv")]
    command += ["--json", str(out), "--plot", str(picture)]
    subprocess.run(command, check=True, timeout=90, capture_output=True)
    result = json.loads(out.read_text("utf-8"))
    figures = result["metrics"]
    assert figures["pearson"] > 0.7
    assert figures["pearson"] > figures["baseline_length_pearson"]
    assert {"spearman", "qwk", "mae", "baseline_tfidf_qwk", "human_1_2_pearson"} <= figures.keys()
    assert result["intervals"]["pearson"] is not None
    assert len(result["items"]) == len(small.answers)
    assert [item["share"] for item in result["items"]][3::4] == [0, 0, 0], "nothing said"
    assert picture.stat().st_size > 1000


def test_what_cannot_be_measured_is_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "answers", "--manifest", str(tmp_path / "none.csv")]
    run = subprocess.run(command, check=False, timeout=90, capture_output=True, text=True)
    assert run.returncode == 2
    assert "cannot be read" in run.stderr
