"""The report as JSON, PDF and spreadsheet, in both languages."""

from __future__ import annotations

import io

import openpyxl
import pytest
from PIL import ImageFile
from pypdf import PdfReader

from gateway.report_pdf import FetchRefused, _refuse, report_html
from interviews.report import Report
from tests.gateway.conftest import API_TOKEN, Running, Start
from tests.gateway.test_weights_api import DIMENSIONS, _over, _put, _session


async def _file(running: Running, session: str, query: str) -> tuple[str, bytes]:
    url = f"{running.server.url}/api/v1/sessions/{session}/report?{query}"
    async with running.http.get(url, headers={"Authorization": f"Bearer {API_TOKEN}"}) as answer:
        assert answer.status == 200
        return answer.content_type, await answer.read()


async def test_the_report_as_a_file(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    await _over(running, session)
    await _put(running, session)
    path = f"/api/v1/sessions/{session}"
    await running.call("PUT", f"{path}/ratings/service", {"level": 4, "reason": "追问后很清楚"})
    await running.call("POST", f"{path}/comments", {"text": "建议安排线下复试"})
    kind, raw = await _file(running, session, "format=pdf&language=en")
    assert (kind, raw[:5]) == ("application/pdf", b"%PDF-")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES  # a photo cut short is refused as before
    pages = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)
    for words in (
        "Interview report",
        "Li",
        "66",
        "service",
        "客户服务岗",
        "好",
        "(+6.0)",
        "Key conclusions",
        "Rated by people",
        "追问后很清楚",
        "线下复试",
    ):
        assert words in pages
    _, raw = await _file(running, session, "format=pdf")
    assert "面试报告" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)

    kind, raw = await _file(running, session, "format=xlsx&language=zh")
    book = openpyxl.load_workbook(io.BytesIO(raw))
    assert book.sheetnames == [
        *("综合", "结论", "维度", "人工评分", "评论", "作答"),
        *("要点", "证据", "转写", "时间线", "事实", "权重"),
        *("决定", "体验调查"),
    ]
    assert [row[2].value for row in book["人工评分"].iter_rows(min_row=2)] == [70]
    assert [row[0].value for row in book["评论"].iter_rows(min_row=2)] == ["建议安排线下复试"]
    assert {row[0].value for row in book["结论"].iter_rows(min_row=2)} <= {"strength", "weak", "uncertain"}
    rows = [[cell.value for cell in row] for row in book["维度"].iter_rows(min_row=2)]
    assert [(row[0], row[1], row[6]) for row in rows] == [("service", 70, 80), ("teamwork", 50, 20)]
    assert [row[3].value for row in book["权重"].iter_rows(min_row=2)] == [None, "客户服务岗"]
    status, refused, _ = await running.call("GET", f"/api/v1/sessions/{session}/report?format=docx")
    assert (status, refused["code"]) == (422, "request.invalid")


async def test_the_same_log_gives_the_same_report(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    await _over(running, session)
    first, second = [await _file(running, session, "format=json") for _ in range(2)]
    assert first == second


async def test_nothing_typed_becomes_markup(start: Start) -> None:
    running = await start()
    session = await _session(running, DIMENSIONS)
    await _over(running, session)
    await _put(running, session, reason='<img src="http://127.0.0.1/x">')
    events = await running.server.service.shared.events.read_all(session)
    html = report_html(Report.of(events), "en")
    assert "<img" not in html
    assert "&lt;img" in html
    with pytest.raises(FetchRefused):
        _refuse("http://127.0.0.1/x")
