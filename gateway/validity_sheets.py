"""The analyses of a job as spreadsheets, headers in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.validity_models import ComparisonView, ImpactView, ValidityView
from integrations.spreadsheets import Cell, write_book
from interviews.parts import Interval

RELATIONS = (
    "绩效 / performance",
    "分数 / score",
    "名称 / name",
    "人数 / n",
    "Pearson r",
    "95 % (Fisher)",
    "95 % (bootstrap)",
    "Spearman ρ",
    "95 % (Fisher)",
    "95 % (bootstrap)",
    "校正后 r / corrected r",
    "95 %",
    "标准差 / SD",
    "全体标准差 / SD of all",
    "全体人数 / n of all",
    "说明 / remark",
)
WEIGHTS = ("绩效 / performance", "维度 / dimension", "名称 / name", "当前 % / today", "建议 % / proposed")
CHECKS = (
    "绩效 / performance",
    "人数 / n",
    "当前权重 r / r today",
    "建议权重交叉验证 r / r proposed, cross-validated",
    "提升 / gain",
    "95 %",
    "仅分组 r / r of groups alone",
    "说明 / remark",
)
IMPACT = (
    "分组列 / column",
    "组 / group",
    "人数 / n",
    "入选 / selected",
    "入选率 / rate",
    "比值 / impact ratio",
    "95 % (Katz)",
    "Fisher p",
    "z",
    "z p",
    "结论 / finding",
)
CANDIDATE = ("姓名 / name", "面试 / session", "综合分 / overall", "95 %")
ERRORS = ("行 / row", "列 / column", "说明", "reason")
Rows = Iterator[Sequence[Cell]]


def validity_book(view: ValidityView) -> bytes:
    return write_book(
        {
            "relations": _relations(view),
            "weights": _weights(view),
            "checks": _checks(view),
            "rows": _errors(view),
        }
    )


def impact_book(view: ImpactView) -> bytes:
    return write_book({"impact": _impact(view), "rows": _errors(view)})


def comparison_book(view: ComparisonView) -> bytes:
    sheets = {"candidates": _candidates(view), "insufficient": _apart(view)}
    return write_book({**sheets, "agreement": _agreement(view)} if view.result.agreement else sheets)


def _candidates(view: ComparisonView) -> Rows:
    found = view.result.candidates
    dimensions = sorted({id_ for one in found for id_ in one.dimensions})
    named = (" / ".join(view.names.get(id_, {}).values()) or id_ for id_ in dimensions)
    yield (*CANDIDATE, *(cell for name in named for cell in (name, "95 %")), "决定 / decision")
    for one in found:
        parts = [one.dimensions.get(id_) for id_ in dimensions]
        cells = [
            cell
            for part in (one.overall, *parts)
            for cell in ((part.value, _interval(part.interval, 1)) if part else (None, None))
        ]
        yield one.candidate, one.session, *cells, one.decision


def _agreement(view: ComparisonView) -> Rows:
    yield (
        *("维度 / dimension", "n", "Pearson", "95 %", "QWK", "95 %"),
        *("人工 − 系统 / human − machine", "说明", "remark"),
    )
    for one in view.result.agreement:
        name = " / ".join(view.names.get(one.dimension, {}).values()) or one.dimension
        remark = (one.refused.zh, one.refused.en) if one.refused else (None, None)
        r, kappa = _interval(one.pearson_interval), _interval(one.qwk_interval)
        yield name, one.n, one.pearson, r, one.qwk, kappa, one.difference, *remark


def _apart(view: ComparisonView) -> Rows:
    yield (*CANDIDATE[:2], "原因", "reason", "决定 / decision")
    for one in view.result.insufficient:
        zh, en = (one.reason.zh, one.reason.en) if one.reason else (None, None)
        yield one.candidate, one.session, zh, en, one.decision


def _relations(view: ValidityView) -> Rows:
    yield RELATIONS
    for criterion in view.result.criteria:
        for one in criterion.relations:
            head = (criterion.performance, one.predictor, _name(view, one.predictor))
            found = one.correlation
            if found is None:
                yield (*head, *[None] * (len(RELATIONS) - 4), one.refused.zh if one.refused else None)
                continue
            yield (
                *head,
                found.n,
                _round(found.pearson),
                _interval(found.fisher),
                _interval(found.bootstrap),
                _round(found.spearman),
                _interval(found.spearman_fisher),
                _interval(found.spearman_bootstrap),
                _round(found.corrected),
                _interval(found.corrected_interval),
                _round(found.sd),
                _round(found.sd_unrestricted),
                found.n_unrestricted,
                None,
            )


def _weights(view: ValidityView) -> Rows:
    yield WEIGHTS
    for criterion in view.result.criteria:
        for one in criterion.proposal.weights if criterion.proposal else ():
            yield criterion.performance, one.dimension, _name(view, one.dimension), one.today, one.proposed


def _checks(view: ValidityView) -> Rows:
    yield CHECKS
    for criterion in view.result.criteria:
        found, why = criterion.proposal, criterion.proposal_refused
        if found is None:
            yield criterion.performance, *[None] * 6, f"{why.zh} {why.en}" if why else None
            continue
        yield (
            criterion.performance,
            found.n,
            _round(found.r_today),
            _round(found.r_proposed),
            _round(found.gain),
            _interval(found.gain_interval),
            _round(found.r_groups),
            "建议权重更好 / better" if found.better else "未证明更好 / not shown to be better",
        )


def _impact(view: ImpactView) -> Rows:
    yield IMPACT
    for table in view.tables:
        for one in table.groups:
            yield (
                table.column,
                one.group,
                one.n,
                one.selected,
                _round(one.rate),
                _round(one.ratio),
                _interval(one.ratio_interval),
                _round(one.fisher_p, 4),
                _round(one.z),
                _round(one.z_p, 4),
                table.refused or one.finding,
            )


def _errors(view: ValidityView | ImpactView) -> Rows:
    yield ERRORS
    for one in view.errors:
        yield one.row, one.column, one.message.zh, one.message.en


def _name(view: ValidityView, predictor: str) -> str:
    return " / ".join(view.names.get(predictor, {}).values())


def _interval(interval: Interval | None, digits: int = 3) -> str | None:
    return f"[{interval.low:.{digits}f}, {interval.high:.{digits}f}]" if interval else None


def _round(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
