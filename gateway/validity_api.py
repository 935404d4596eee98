"""Comparison, validity and adverse impact over HTTP.

The file and the groups in it are gone once the answer is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import combinations
from statistics import median

from aiohttp import web

from gateway.invitations_api import UNREADABLE, job_of
from gateway.job_api import designs
from gateway.job_scores import Candidate, job_scores, match, with_scores
from gateway.operations import Call
from gateway.problems import Messages, Problem, Reason
from gateway.validity_models import (
    ComparisonQuery,
    ComparisonView,
    ImpactQuery,
    ImpactView,
    ValidityQuery,
    ValidityView,
)
from gateway.validity_sheets import comparison_book, impact_book, validity_book
from integrations.spreadsheets import XLSX, SpreadsheetError, read_table
from interviews.adverse_impact import ImpactTable, adverse_impact
from interviews.comparison import comparison
from interviews.outcome_rows import Outcome, Outcomes, error, read_outcomes
from interviews.validity import validity

Rows = Sequence[tuple[Candidate, Outcome]]


async def analyse_validity(call: Call) -> ValidityView | web.Response:
    query: ValidityQuery = call.query
    job = await job_of(call)
    async with designs(call).reading:  # it takes the interpreter's time from the packets: one at a time
        outcomes = await _outcomes(call)
        if not outcomes.performance and not outcomes.errors:
            outcomes.errors.append(error(1, "", "performance.none"))
        found = await job_scores(call, job)
        matched = with_scores(match(found, outcomes), outcomes)
        result = await asyncio.to_thread(
            validity, found.scored, matched, outcomes.performance, outcomes.groups, found.weights
        )
    view = ValidityView(
        job=job,
        errors=sorted(outcomes.errors, key=lambda fault: fault.row),
        ignored=outcomes.ignored,
        names=dict(found.names),
        weights=dict(found.weights),
        plan=found.plan,
        result=result,
    )
    return await _file(validity_book(view), "validity") if query.format == "xlsx" else view


async def analyse_impact(call: Call) -> ImpactView | web.Response:
    query: ImpactQuery = call.query
    job = await job_of(call)
    async with designs(call).reading:
        outcomes = await _outcomes(call)
        if not outcomes.groups and not outcomes.errors:
            outcomes.errors.append(error(1, "", "group.none"))
        found = await job_scores(call, job)
        rows, selected, cut_off = _selected(query, match(found, outcomes), outcomes)
        tables = await asyncio.to_thread(_tables, rows, selected, outcomes.groups)
    view = ImpactView(
        job=job,
        errors=sorted(outcomes.errors, key=lambda fault: fault.row),
        ignored=outcomes.ignored,
        by=query.by,
        cut_off=cut_off,
        candidates=len(rows),
        selected=sum(selected),
        tables=tables,
    )
    return await _file(impact_book(view), "adverse-impact") if query.format == "xlsx" else view


async def compare(call: Call) -> ComparisonView | web.Response:
    query: ComparisonQuery = call.query
    job = await job_of(call)
    async with designs(call).reading:
        found = await job_scores(call, job)
        result = await asyncio.to_thread(comparison, [one.scores for one in found.candidates])
    view = ComparisonView(job=job, names=dict(found.names), weights=dict(found.weights), result=result)
    return await _file(comparison_book(view), "comparison") if query.format == "xlsx" else view


def _selected(query: ImpactQuery, matched: Rows, outcomes: Outcomes) -> tuple[Rows, list[bool], float | None]:
    """Of whom it can be said, whether they were selected, and the score that stood for it."""
    if query.by == "decision":
        known = [pair for pair in matched if pair[0].scores.decision in ("passed", "failed")]
        _left_out(matched, known, outcomes, "not-decided")
        return known, [one.scores.decision == "passed" for one, _ in known], None
    known = [pair for pair in matched if pair[0].scores.overall is not None]
    _left_out(matched, known, outcomes, "not-scored")
    scores = [one.scores.overall or 0.0 for one, _ in known]
    if query.by == "median":
        middle = median(scores) if scores else None
        return known, [middle is not None and score > middle for score in scores], middle
    return known, [score >= query.cut_off for score in scores], query.cut_off


def _left_out(matched: Rows, known: Rows, outcomes: Outcomes, code: str) -> None:
    rows = {row.row for _, row in known}
    outcomes.errors += [error(row.row, "", code) for _, row in matched if row.row not in rows]


def _tables(rows: Rows, selected: Sequence[bool], columns: Sequence[str]) -> list[ImpactTable]:
    by_column = {name: [row.groups[name] for _, row in rows] for name in columns}
    for one, other in combinations(columns, 2):
        pairs = zip(by_column[one], by_column[other], strict=True)
        by_column[f"{one} × {other}"] = [f"{a} × {b}" if a and b else "" for a, b in pairs]
    return [adverse_impact(name, groups, selected) for name, groups in by_column.items()]


async def _outcomes(call: Call) -> Outcomes:
    """Raises Problem import.unreadable."""
    try:
        table = await asyncio.to_thread(read_table, call.body)
    except SpreadsheetError as fault:
        zh, en = UNREADABLE[fault.fault]
        reason = Reason(code=fault.fault, messages=Messages(zh=zh, en=en))
        raise Problem("import.unreadable", reasons=[reason]) from fault
    return await asyncio.to_thread(read_outcomes, table)


async def _file(book: bytes, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return web.Response(body=book, content_type=XLSX, headers=headers)
