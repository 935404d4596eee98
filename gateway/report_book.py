"""A report as a spreadsheet: scores, answers with their words, facts, versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from gateway.report_words import WORDS
from integrations.spreadsheets import Cell, write_book
from interviews.parts import Interval
from interviews.report import Report
from interviews.wording import Message

Shown = Literal["zh", "en"]
Sheet = tuple[Sequence[str], list[list[Cell]]]
_TITLES = {
    "zh": (
        *("综合", "结论", "维度", "人工评分", "评论", "作答"),
        *("要点", "证据", "转写", "时间线", "事实", "权重"),
        *("决定", "体验调查"),
    ),
    "en": (
        *("Overview", "Conclusions", "Dimensions", "Human ratings", "Comments", "Answers"),
        *("Key points", "Evidence", "Transcript", "Timeline", "Facts", "Weights"),
        *("Decisions", "Survey"),
    ),
}
_HEADERS: dict[Shown, tuple[tuple[str, ...], ...]] = {
    "zh": (
        ("项目", "内容"),
        ("类型", "关于", "结论", "复试可问", "来源", "原话", "开始 s", "结束 s"),
        ("维度", "分数", "95% 下限", "95% 上限", "等级", "行为描述", "权重 %", "说明"),
        ("维度", "系统", "人工平均", "相差", "评分", "等级", "理由", "评分人", "时间", "有效"),
        ("评论", "作者", "时间", "状态"),
        ("题目", "分数", "95% 下限", "95% 上限", "权重", "说明"),
        ("题目", "要点", "是否提到", "原话", "开始 s", "结束 s"),
        ("题目", "指标", "分数", "权重", "原话", "开始 s", "结束 s", "依据"),
        ("题目", "开始 s", "结束 s", "内容"),
        ("开始 s", "结束 s", "类型", "内容", "操作人", "标签"),
        ("事实", "开始 s", "结束 s", "细节"),
        ("版本", "时间", "操作人", "理由", "权重", "综合分", "变化"),
        ("时间", "内容", "理由", "操作人", "答复时间"),
        ("项目", "内容"),
    ),
    "en": (
        ("What", "Value"),
        ("Kind", "About", "Conclusion", "Ask next time", "Source", "Words", "From s", "To s"),
        ("Dimension", "Score", "95 % low", "95 % high", "Level", "Behaviour", "Weight %", "Remark"),
        (
            *("Dimension", "Machine", "People, mean", "Difference"),
            *("Score", "Level", "Reason", "By", "At", "Current"),
        ),
        ("Comment", "By", "At", "State"),
        ("Question", "Score", "95 % low", "95 % high", "Weight", "Remark"),
        ("Question", "Key point", "Found", "Words", "From s", "To s"),
        ("Question", "Measure", "Score", "Weight", "Words", "From s", "To s", "Shows"),
        ("Question", "From s", "To s", "Words"),
        ("From s", "To s", "Kind", "What", "By", "Tags"),
        ("Fact", "From s", "To s", "Detail"),
        ("Version", "At", "By", "Reason", "Weights", "Overall", "Difference"),
        ("At", "What", "Reason", "By", "Answered at"),
        ("What", "Value"),
    ),
}
_OVERVIEW = {
    "zh": ("候选人", "面试编号", "日期", "综合分", "95% 区间", "数据充分性", "报告版本", "模型", "评分规则"),
    "en": ("Candidate", "Session", "Date", "Overall", "95 %", "Data", "Report version", "Models", "Rubrics"),
}


def report_book(report: Report, shown: Shown) -> bytes:
    """An xlsx file, its headers and wordings in the language `shown`."""
    rows = (
        *(_overview, _conclusions, _dimensions, _human, _comments, _answers),
        *(_points, _evidence, _transcript, _timeline, _facts, _weights),
        *(_decisions, _survey),
    )
    sheets = zip(_TITLES[shown], _HEADERS[shown], rows, strict=True)
    return write_book({title: (header, *make(report, shown)) for title, header, make in sheets})


def _overview(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    values: tuple[Cell, ...] = (
        report.candidate,
        report.session,
        report.created_at.date().isoformat(),
        report.overall,
        between(report.scores.interval),
        text(report.sufficiency.verdict, shown),
        report.versions.report,
        ", ".join(report.versions.models),
        ", ".join(report.versions.rubrics),
    )
    yield from zip(_OVERVIEW[shown], values, strict=True)


def _conclusions(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for one in report.conclusions:
        probe = (text(one.probe.text, shown), one.probe.source) if one.probe else ("", "")
        for quote in one.evidence or (None,):
            words = (quote.quote, quote.start, quote.end) if quote else ("", None, None)
            yield one.kind, one.about, text(one.text, shown), *probe, *words


def _human(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for one in report.reviewed.dimensions:
        about = (one.name.get(shown, one.dimension), one.machine, one.human, one.difference)
        for rating in one.ratings:
            at = rating.at.isoformat(timespec="seconds")
            yield *about, rating.score, rating.level, rating.reason, rating.by, at, rating.current


def _comments(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    """Each version a row: what holds now, then what was before."""
    now, before, gone = ("现行", "历史", "已删除") if shown == "zh" else ("now", "before", "deleted")
    for one in report.reviewed.comments:
        state = now if one.deleted_by is None else f"{gone}: {one.deleted_by}"
        yield one.text, one.by, one.at.isoformat(timespec="seconds"), state
        for old in one.versions:
            yield old.text, old.by, old.at.isoformat(timespec="seconds"), before


def _points(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    asked = questions(report, shown)
    said = {None: "?", True: "✓", False: "✗"}
    for one in report.scores.answers:
        for point in one.key_points:
            quote = next(iter(point.evidence), None) if point.found else None
            words = (quote.quote, quote.start, quote.end) if quote else ("", None, None)
            yield asked[one.question], point.point, said[point.found], *words


def _timeline(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for one in report.timeline:
        yield one.start, one.end, text(one.label, shown), one.text, one.by, ", ".join(one.tags)


def _dimensions(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for one in report.scores.dimensions:
        low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
        name = one.name.get(shown, one.dimension)
        remark = text(one.insufficient, shown)
        yield name, one.score, low, high, one.level, one.anchor.get(shown, ""), one.weight, remark


def _answers(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    asked = questions(report, shown)
    for one in report.scores.answers:
        low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
        yield asked[one.question], one.score, low, high, one.weight, text(one.insufficient, shown)


def _evidence(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    asked = questions(report, shown)
    for one in report.scores.answers:
        for measure in one.measures:
            about = (asked[one.question], text(measure.label, shown), measure.value, measure.weight)
            for quote in measure.evidence:
                yield *about, quote.quote, quote.start, quote.end, text(quote.note, shown)


def _transcript(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    asked = questions(report, shown)
    for question in report.transcript.questions:
        for said in question.utterances:
            yield asked[question.question], said.start, said.end, said.text


def _facts(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for fact in report.integrity:
        yield text(fact.what, shown), fact.start, fact.end, fact.detail


def _weights(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    for one in report.scores.history:
        weights = ", ".join(f"{id_} {weight:g} %" for id_, weight in one.weights.items())
        at = one.at.isoformat(timespec="seconds") if one.at else ""
        yield one.version, at, one.by, one.reason, weights, one.overall, one.difference


def _decisions(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    """And the reviews that the candidate asked for, in order."""
    asked, by = ("申请人工复核", "候选人") if shown == "zh" else ("asked for a review", "candidate")
    said = WORDS[shown]["decided"]
    rows: list[tuple[datetime, str, str, str, datetime | None]] = [
        *((one.at, said[one.decision], one.reason, one.by, None) for one in report.decisions),
        *((one.at, asked, one.reason, by, one.answered_at) for one in report.reviews),
    ]
    for at, what, reason, who, answered in sorted(rows, key=lambda row: row[0]):
        then = answered.isoformat(timespec="seconds") if answered else ""
        yield at.isoformat(timespec="seconds"), what, reason, who, then


def _survey(report: Report, shown: Shown) -> Iterator[Sequence[Cell]]:
    """1 (bad) to 5 (good) by topic, then the words; nothing where it was not answered."""
    if report.survey is None:
        return
    topics = WORDS[shown]["survey"]
    for topic, rating in report.survey.ratings.items():
        yield topics.get(topic, topic), rating
    if report.survey.text:
        yield topics["text"], report.survey.text


def questions(report: Report, shown: Shown) -> dict[str, str]:
    """The wording of each question by id."""
    return {
        one.question: one.text.get(shown) or next(iter(one.text.values()), one.question)
        for one in report.transcript.questions
    }


def text(said: Message | None, shown: Shown) -> str:
    if said is None:
        return ""
    return said.zh if shown == "zh" else said.en


def between(interval: Interval | None) -> str:
    return f"{interval.low:g}–{interval.high:g}" if interval else ""
