"""The audit trail: look through it, take it out, and check that nobody changed it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Collection
from dataclasses import asdict

from aiohttp import web

from gateway.operations import Call
from gateway.people_models import AuditExportQuery, AuditPage, AuditQuery, AuditVerdict, AuditView
from interviews.roles import HEAD
from storage.audit import PAGE, AuditRow

NAMES = tuple(AuditView.model_fields)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would work out instead of showing it


async def list_entries(call: Call) -> AuditPage:
    query: AuditQuery = call.query
    return AuditPage(entries=[_view(row) for row in await _rows(call, query, query.before, query.limit)])


async def export(call: Call) -> web.StreamResponse:
    """Newest first, streamed page by page; itself an entry."""
    query: AuditExportQuery = call.query
    await call.service.desk.note(call.request, call.principal, "exportAudit", subject=("audit", query.format))
    kind = "text/csv" if query.format == "csv" else "application/jsonl"
    response = web.StreamResponse(
        headers={"Content-Disposition": f'attachment; filename="audit.{query.format}"'}
    )
    response.content_type = kind
    response.charset = "utf-8"
    await response.prepare(call.request)
    if query.format == "csv":
        await response.write(_line(NAMES))
    async for row in _all(call, query):
        view = _view(row)
        if query.format == "csv":
            await response.write(_line([_cell(value) for value in view.model_dump(mode="json").values()]))
        else:
            await response.write(view.model_dump_json().encode() + b"\n")
    await response.write_eof()
    return response


async def verify(call: Call) -> AuditVerdict:
    broken = await call.service.desk.audit.verify()
    return AuditVerdict(whole=broken is None, broken_at=broken)


async def _all(call: Call, query: AuditExportQuery) -> AsyncIterator[AuditRow]:
    before, left = query.before, query.limit
    while left > 0:
        rows = await _rows(call, query, before, min(PAGE, left))
        for row in rows:
            yield row
        if not rows:
            return
        before, left = rows[-1].seq, left - len(rows)


async def _rows(call: Call, query: AuditQuery, before: int | None, limit: int) -> list[AuditRow]:
    return await call.service.desk.audit.list(
        person=query.person,
        session=query.session,
        action=query.action,
        branches=_reach(call),
        since=query.since,
        until=query.until,
        before=before,
        limit=limit,
    )


def _reach(call: Call) -> Collection[str] | None:
    return None if call.person is None or HEAD in call.person.reach else call.person.reach


def _view(row: AuditRow) -> AuditView:
    return AuditView(seq=row.seq, at=row.at, hash=row.hash, **asdict(row.entry))


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: Collection[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
