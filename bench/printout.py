"""The result of an interview in a terminal: every score with weight, source and evidence."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from interviews.report import Report
from interviews.scoring import AnswerScore
from interviews.wording import Message


def print_report(report: Report, console: Console) -> None:
    """Scores first, then what was merely observed, then what produced it all."""
    console.rule("Result")
    overall = "none" if report.overall is None else f"{report.overall:.1f} of 100"
    console.print(f"overall score: {overall}", style="bold", highlight=False)
    if report.scores.insufficient:
        console.print(f"  {_both(report.scores.insufficient)}", markup=False, highlight=False)
    for answer in report.scores.answers:
        _print_answer(answer, console)
    _print_observed(report, console)
    console.print(
        f"models: {', '.join(report.versions.models)}", highlight=False, markup=False, soft_wrap=True
    )
    versions = (*report.versions.rubrics, report.versions.weights, report.versions.report)
    console.print(f"rubrics and rules: {', '.join(versions)}", highlight=False, markup=False, soft_wrap=True)


def _print_answer(answer: AnswerScore, console: Console) -> None:
    score = f"{answer.score:.1f}" if answer.score is not None else "no score"
    console.print(f"\n{answer.question}: {score}, weight {answer.weight:.2f}", style="bold", highlight=False)
    if answer.insufficient:
        console.print(f"  {_both(answer.insufficient)}", markup=False, highlight=False)
    if not answer.measures:
        return
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for column, right in (
        ("measure", False),
        ("value", True),
        ("weight", True),
        ("why, and from where", False),
    ):
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for measure in answer.measures:
        why = Text(f"{measure.model}, {measure.rubric}", style="dim")
        if measure.insufficient:
            why.append(f"\n{_both(measure.insufficient)}")
        for quote in measure.evidence:
            why.append(f"\n{quote.start:.1f}–{quote.end:.1f} s ", style="cyan")
            why.append(f"“{quote.quote}” ({quote.note.en})", style="none")
        value = f"{measure.value:.0f}" if measure.value is not None else "–"
        table.add_row(_both(measure.label), value, f"{measure.weight:.2f}", why)
    console.print(table)


def _print_observed(report: Report, console: Console) -> None:
    seen = report.observed
    lines = [
        f"face: one for {seen.face.one_s:.0f} s, none for {seen.face.none_s:.0f} s,"
        f" several for {seen.face.several_s:.0f} s"
    ]
    if seen.liveness:
        live = seen.liveness
        lines.append(
            f"liveness: {live.decision}, {live.score:.2f} over {live.frames} frames"
            f" (threshold {live.threshold:.2f}; {live.model})"
        )
    if seen.affect:
        affect = seen.affect
        lines.append(
            f"affect: positive {affect.positive:.0%}, neutral {affect.neutral:.0%},"
            f" negative {affect.negative:.0%} of {affect.observations} observations"
        )
    for speech in seen.speech:
        if speech.words_per_minute:
            lines.append(f"delivery in {speech.question}: {speech.words_per_minute:.0f} words a minute")
    for fact in report.integrity:
        lines.append(f"{fact.start:.1f}–{fact.end:.1f} s: {_both(fact.what)} {fact.detail}".rstrip())
    console.print("\nobserved, weight 0", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False)
    console.print()


def _both(message: Message) -> str:
    return f"{message.en} {message.zh}"
