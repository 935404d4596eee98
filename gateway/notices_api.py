"""Templates of notices over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from gateway.branches import actor
from gateway.invitation_models import TemplateGiven, TemplateQuery, TemplateView
from gateway.operations import Call
from gateway.problems import Messages, Problem, Reason
from interviews.events import Language
from interviews.notices import Notice, NoticeKind, Template, Variable, check, render

SAMPLE: dict[Language, dict[Variable, str]] = {
    "zh": {
        "job": "销售代表",
        "link": "https://example.com/i/…",
        "name": "李雷",
        "time": "2026-03-01 09:00 – 2026-03-08 09:00 (UTC+08:00)",
        "deadline": "2026-03-08 09:00 (UTC+08:00)",
        "duration": "20",
        "score": "82",
    },
    "en": {
        "job": "Sales representative",
        "link": "https://example.com/i/…",
        "name": "Li Lei",
        "time": "2026-03-01 09:00 – 2026-03-08 09:00 (UTC+08:00)",
        "deadline": "2026-03-08 09:00 (UTC+08:00)",
        "duration": "20",
        "score": "82",
    },
}


async def get(call: Call) -> TemplateView:
    query: TemplateQuery = call.query
    kind, language = _named(call)
    template, own = await call.service.shared.inviting.templates.get(query.branch, kind, language)
    return TemplateView(template=template, own=own)


async def put(call: Call) -> TemplateView:
    query: TemplateQuery = call.query
    template = _faultless(call)
    templates = call.service.shared.inviting.templates
    await templates.put(query.branch, template, datetime.now(UTC), actor(call))
    return TemplateView(template=template, own=True)


async def preview(call: Call) -> Notice:
    """With sample values; nothing is kept."""
    template = _faultless(call)
    return render(template, SAMPLE[template.language])


def _faultless(call: Call) -> Template:
    given: TemplateGiven = call.body
    kind, language = _named(call)
    template = Template(kind=kind, language=language, subject=given.subject, text=given.text)
    if faults := check(template):
        reasons = [Reason(code=each.code, messages=Messages(zh=each.zh, en=each.en)) for each in faults]
        raise Problem("notice.template", reasons=reasons)
    return template


def _named(call: Call) -> tuple[NoticeKind, Language]:
    kinds: dict[str, NoticeKind] = {name: name for name in get_args(NoticeKind)}
    languages: dict[str, Language] = {"zh": "zh", "en": "en"}
    kind, language = (call.request.match_info[part] for part in ("kind", "language"))
    if kind not in kinds or language not in languages:
        raise Problem("request.not-found")
    return kinds[kind], languages[language]
