"""The report of a session: as JSON, as PDF and as a spreadsheet, each from the log alone."""

from __future__ import annotations

import asyncio
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from gateway.operations import Call
from gateway.report_book import report_book
from gateway.report_pdf import report_pdf
from integrations.spreadsheets import XLSX
from interviews.report import Report

PDF = "application/pdf"


class ReportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal["json", "pdf", "xlsx"] = "json"
    language: Literal["zh", "en"] | None = Field(
        default=None, description="of headings and wordings in a file; default: the interview's"
    )


async def report(call: Call) -> Report | web.Response:
    """Raises Problem session.unknown; StorageError."""
    query: ReportQuery = call.query
    await call.service.registry.row(call.session)
    events = await call.service.shared.events.read_all(call.session)
    found = await asyncio.to_thread(Report.of, events)
    if query.format == "json":
        return found
    shown = query.language or found.language
    pdf = query.format == "pdf"
    async with call.service.printing:  # a second of the interpreter each: one at a time
        made = await asyncio.to_thread(report_pdf if pdf else report_book, found, shown)
    headers = {"Content-Disposition": f'attachment; filename="report-{call.session}.{query.format}"'}
    return web.Response(body=made, content_type=PDF if pdf else XLSX, headers=headers)
