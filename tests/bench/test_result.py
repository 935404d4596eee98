"""Figures, intervals, results and comparisons on numbers that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import compare as command
from bench.core import result as results
from bench.core.bootstrap import draws, interval
from bench.core.compare import compare
from bench.core.metrics import Item, Metric
from bench.core.plots import plot
from bench.core.result import Result, ResultError, build
from bench.core.tables import print_result

RATE = Metric(name="error_rate", key="error_rate", about="errors per word")
LATE = Metric(name="late_p50_ms", key="late", kind="quantile", share=0.5, about="how late")
TOTAL = Metric(name="errors", key="error_rate", kind="total", about="all errors")


def items(errors: list[int], late: float = 100.0) -> list[Item]:
    return [
        Item.model_validate(
            {
                "name": f"clip {i}",
                "cluster": f"speaker {i % 10}",
                "ratios": {"error_rate": (count, 10)},
                "samples": {"late": [late, late + i]},
                "groups": {"tier": "AB"[i % 2]},
                "hypothesis": f"text {count}",
            }
        )
        for i, count in enumerate(errors)
    ]


def made(errors: list[int], late: float = 100.0) -> Result:
    return build("fake@1", {"speed": 1}, (RATE, LATE, TOTAL), items(errors, late), ("tier",), {"cost": late})


def test_figures_are_sums_and_quantiles_over_items() -> None:
    result = made([0, 1, 2, 3])
    assert result.metrics == {"error_rate": 0.15, "late_p50_ms": 100.0, "errors": 6, "cost": 100.0}
    assert [(g.value, g.items, g.metrics["error_rate"]) for g in result.groups] == [
        ("A", 2, 0.1),
        ("B", 2, 0.2),
    ]
    assert RATE.of([]) is None
    assert LATE.of([]) is None


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Clusters drawn around .2: about 95 of 100 intervals hold it."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        values = rng.normal(0.2, 0.1, 30)
        found = interval([str(i) for i in range(30)], lambda rows: float(values[rows].mean()), count=200)  # noqa: B023
        assert found is not None
        held += found[0] <= 0.2 <= found[1]
    assert 86 <= held <= 100


def test_clusters_are_drawn_whole() -> None:
    for rows in draws(["a", "a", "b", "c"], 50):
        assert np.count_nonzero(rows == 0) == np.count_nonzero(rows == 1)


def test_one_speaker_gives_no_interval() -> None:
    assert interval(["a", "a"], lambda rows: 1.0) is None


def test_written_results_are_read_back(tmp_path: Path) -> None:
    result = made([0, 1, 2, 3])
    result.write(tmp_path / "deep" / "a.json")
    assert results.read(tmp_path / "deep" / "a.json") == result


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1}'])
def test_what_is_no_result_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ResultError, match=r"a\.json is no result"):
        results.read(tmp_path / "a.json")


def test_an_item_named_twice_is_told(tmp_path: Path) -> None:
    result = made([1, 1])
    result.items[1].name = result.items[0].name
    result.write(tmp_path / "a.json")
    with pytest.raises(ResultError, match="twice"):
        results.read(tmp_path / "a.json")


def test_a_clear_difference_is_told_from_chance() -> None:
    rng = np.random.default_rng(0)
    before = [int(n) for n in rng.integers(0, 4, 40)]
    worse = compare(made(before), made([n + 1 for n in before], late=130))
    by_name = {row.name: row for row in worse.differences}
    assert by_name["error_rate"].difference == pytest.approx(0.1)
    assert by_name["error_rate"].interval == pytest.approx((0.1, 0.1))  # paired: the same for each clip
    assert by_name["error_rate"].significant
    assert by_name["late_p50_ms"].difference == pytest.approx(30)
    assert by_name["cost"].difference == 30
    assert by_name["cost"].interval is None
    assert len(worse.changes) == 40

    shuffled = list(before)
    shuffled[0], shuffled[1] = shuffled[0] + 2, max(0, shuffled[1] - 2)
    same = {row.name: row for row in compare(made(before), made(shuffled)).differences}
    assert not same["error_rate"].significant


def test_items_of_one_alone_are_named() -> None:
    found = compare(made([1, 2, 3]), made([1, 2]))
    assert (found.shared, found.only_before, found.only_after) == (2, ("clip 2",), ())
    assert found.changes == ()


def test_the_command_prints_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made([1, 2]).write(tmp_path / "a.json")
    made([1, 5]).write(tmp_path / "b.json")
    assert command.print_compared(tmp_path / "a.json", tmp_path / "b.json") == 0
    told = capsys.readouterr().out
    assert "clip 1: 2 → 5" in told
    assert "+0.1500" in told
    assert command.print_compared(tmp_path / "a.json", tmp_path / "none.json") == 2


def test_tables_and_plots_show_every_group(tmp_path: Path) -> None:
    result = made([0, 1, 2, 3])
    console = Console(record=True, width=100)
    print_result(result, console, columns=("error_rate",))
    told = console.export_text()
    assert "fake@1" in told
    assert "0.1500" in told
    assert all(tier in told for tier in ("A ", "B "))
    plot(result, tmp_path / "a.png", metric="error_rate", samples={"late": "how late"})
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
