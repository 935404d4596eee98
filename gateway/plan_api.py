"""Plans over HTTP: kept in versions, checked before they are, and shown as a candidate would see them."""

from __future__ import annotations

import contextlib

from gateway.branches import actor, listed, within
from gateway.design_models import (
    NewPlan,
    PlanChange,
    PlanDraft,
    PlanList,
    PlanProblems,
    PlansQuery,
    PlanView,
    Preview,
    PreviewDraft,
    PreviewQuestion,
    StarterPlans,
    VersionQuery,
)
from gateway.design_rules import Bank, Dimensions
from gateway.job_api import designs
from gateway.operations import Call
from gateway.problems import Messages, Problem, Reason
from gateway.spoken import LANGUAGES
from interviews.design import Plan
from interviews.guidance import guidance
from storage.design import DesignMissing, DesignTaken
from storage.plans import PlanRow, PlanStale


async def list_plans(call: Call) -> PlanList:
    query: PlansQuery = call.query
    rows = await designs(call).plans.list(listed(call, query.branch), job=query.job)
    return PlanList(plans=[_view(row) for row in rows])


async def starter_plans(call: Call) -> StarterPlans:
    return StarterPlans(plans=list(designs(call).rules.plans.values()))


async def create_plan(call: Call) -> PlanView:
    asked: NewPlan = call.body
    await _hold(call, asked.branch, asked.plan)
    try:
        row = await designs(call).plans.create(asked.branch, asked.plan, actor(call), job=asked.job)
    except DesignTaken:
        raise Problem("design.taken", where=asked.plan.id) from None
    except DesignMissing:
        raise Problem("design.unknown", where="job") from None
    await _read_aloud(call, row)
    return _view(row)


async def get_plan(call: Call) -> PlanView:
    query: VersionQuery = call.query
    return _view(await _row(call, query.version))


async def plan_versions(call: Call) -> PlanList:
    try:
        rows = await designs(call).plans.versions(call.request.match_info["plan"])
    except DesignMissing:
        raise Problem("design.unknown") from None
    for row in rows:
        within(call, row.branch)
    return PlanList(plans=[_view(row) for row in rows])


async def save_plan(call: Call) -> PlanView:
    asked: PlanChange = call.body
    row = await _row(call)
    if asked.plan.id != row.plan.id:
        raise Problem("request.invalid", where="`plan.id` differs from the address")
    await _hold(call, row.branch, asked.plan)
    try:
        saved = await designs(call).plans.save(asked.plan, actor(call), seen=asked.seen)
    except PlanStale as stale:
        raise Problem("plan.stale", where=f"version {stale.newest}") from None
    except DesignMissing:
        raise Problem("design.unknown") from None
    await _read_aloud(call, saved)
    return _view(saved)


async def check_plan(call: Call) -> PlanProblems:
    """Nothing is kept."""
    asked: PlanDraft = call.body
    bank, dimensions = await _known(call, asked.branch)
    return PlanProblems(problems=list(designs(call).rules.problems(asked.plan, bank, dimensions)))


async def preview_plan(call: Call) -> Preview:
    asked: PreviewDraft = call.body
    bank, dimensions = await _known(call, asked.branch)
    rules = designs(call).rules
    if reasons := rules.problems(asked.plan, bank, dimensions):
        raise Problem("plan.invalid", reasons=reasons)
    try:
        questions = rules.questions(asked.plan, bank, dimensions, asked.language)
    except ValueError as error:
        zh = "该语言的题目文本不完整。"
        reason = Reason(code="plan.language", messages=Messages(zh=zh, en=str(error)))
        raise Problem("plan.invalid", reasons=[reason]) from error
    return Preview(
        questions=[
            PreviewQuestion(
                id=one.id,
                step=one.step,
                kind=one.kind,
                text=one.text.get(asked.language, ""),
                think_s=one.think_s,
                answer_s=one.answer_s,
                retries=one.retries,
            )
            for one in questions
        ],
        guidance=guidance(questions, asked.language),
        duration_s=sum(one.think_s + one.answer_s for one in questions),
    )


async def _known(call: Call, branch: str) -> tuple[Bank, Dimensions]:
    bank = await designs(call).bank(branch, retired=True)  # a plan that has a question keeps it
    dimensions = await designs(call).dimensions(branch)
    return {id_: one for id_, (one, _) in bank.items()}, {id_: one for id_, (one, _) in dimensions.items()}


async def _hold(call: Call, branch: str, plan: Plan) -> None:
    """Raises Problem plan.invalid with every reason."""
    bank, dimensions = await _known(call, branch)
    if reasons := designs(call).rules.problems(plan, bank, dimensions):
        raise Problem("plan.invalid", reasons=reasons)


async def _read_aloud(call: Call, row: PlanRow) -> None:
    """What the plan asks, before somebody is invited to it. Questions hold every text there is of them."""
    bank, dimensions = await _known(call, row.branch)
    for language in LANGUAGES:
        with contextlib.suppress(ValueError):  # not every plan can be held in both languages
            call.service.shared.read_aloud(
                designs(call).rules.questions(row.plan, bank, dimensions, language)
            )
            return


async def _row(call: Call, version: int | None = None) -> PlanRow:
    try:
        row = await designs(call).plans.get(call.request.match_info["plan"], version)
    except DesignMissing:
        raise Problem("design.unknown") from None
    within(call, row.branch)
    return row


def _view(row: PlanRow) -> PlanView:
    return PlanView(
        plan=row.plan, branch=row.branch, job=row.job, newest=row.newest, saved_at=row.saved_at, by=row.by
    )
