"""Jobs, own dimensions and questions, and plans whose versions nobody overwrites."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from interviews.bank import BankQuestion
from interviews.design import Plan, Step
from interviews.dimensions import Dimension
from interviews.jobs import Job
from storage.database import Database
from storage.design import DesignMissing, DesignTaken, Jobs, OwnDimensions, OwnQuestions
from storage.plans import Plans, PlanStale

TEXT: dict[Literal["zh", "en"], str] = {"zh": "客服", "en": "Support"}
ANCHORS: dict[Literal["zh", "en"], tuple[str, ...]] = {"zh": tuple("一二三四五"), "en": tuple("abcde")}
JOB = Job(id="support", branch="east", title=TEXT, description="负责客户服务", role="customer-service")
PLAN = Plan(
    id="p1",
    title=TEXT,
    steps=(Step(id="intro", kind="introduction", title=TEXT, limit_s=120),),
    weights={"service": 100},
)


async def test_a_job_is_made_changed_closed_and_listed_by_branch(database: Database) -> None:
    jobs = Jobs(database)
    await jobs.create(JOB, "a")
    await jobs.create(JOB.model_copy(update={"id": "west-1", "branch": "west"}), "a")
    with pytest.raises(DesignTaken):
        await jobs.create(JOB, "b")
    changed = await jobs.save(JOB.model_copy(update={"description": "新的"}), "b")
    assert (changed.job.description, changed.by, changed.closed) == ("新的", "b", False)
    assert changed.updated_at > changed.created_at
    assert [row.job.id for row in await jobs.list(["east"])] == ["support"]
    await jobs.save(JOB, "b", closed=True)
    assert await jobs.list(["east"]) == []
    assert {row.job.id for row in await jobs.list(closed=True)} == {"support", "west-1"}
    assert (await jobs.get("support")).job == JOB
    for missing in (jobs.get("none"), jobs.save(JOB.model_copy(update={"id": "none"}), "b")):
        with pytest.raises(DesignMissing):
            await missing


async def test_branches_have_dimensions_of_their_own(database: Database) -> None:
    own = OwnDimensions(database)
    one = Dimension(id="coding", name=TEXT, about=TEXT, anchors=ANCHORS)
    await own.create("east", one, "a")
    await own.create("west", one, "a")
    with pytest.raises(DesignTaken):
        await own.create("east", one, "a")
    renamed = one.model_copy(update={"name": {"zh": "代码", "en": "Code"}})
    await own.save("east", renamed, "b")
    assert [row.value for row in await own.list(["east"])] == [renamed]
    assert [row.branch for row in await own.list(["west", "east"])] == ["east", "west"]
    with pytest.raises(DesignMissing):
        await own.save("north", one, "a")


async def test_a_retired_question_stays(database: Database) -> None:
    own = OwnQuestions(database)
    one = BankQuestion(id="q1", text=TEXT, dimensions=("service",), anchors=ANCHORS)
    await own.create("east", one, "a")
    await own.save("east", one, "b", retired=True)
    assert await own.list(["east"], retired=False) == []
    [row] = await own.list(["east"])
    assert (row.value, row.retired, row.by) == (one, True, "b")


async def test_every_save_is_a_version_and_old_ones_stay(database: Database) -> None:
    plans = Plans(database)
    await Jobs(database).create(JOB, "a")
    made = await plans.create("east", PLAN.model_copy(update={"version": 7}), "a", job="support")
    assert (made.plan.version, made.newest) == (1, 1)
    second = await plans.save(PLAN.model_copy(update={"practice": False}), "b", seen=1)
    assert (second.plan.version, second.newest, second.by, second.job) == (2, 2, "b", "support")
    old = await plans.get("p1", 1)
    assert (old.plan.practice, old.newest) == (True, 2)
    assert (await plans.get("p1")).plan == second.plan
    assert [row.plan.version for row in await plans.versions("p1")] == [2, 1]
    assert [row.plan.version for row in await plans.list(["east"], job="support")] == [2]
    assert await plans.list(["west"]) == await plans.list(job="other") == []


async def test_what_is_not_there_is_told_apart(database: Database) -> None:
    plans = Plans(database)
    await plans.create("east", PLAN, "a")
    for attempt in (plans.get("p2"), plans.get("p1", 2), plans.versions("p2")):
        with pytest.raises(DesignMissing):
            await attempt
    with pytest.raises(DesignMissing):
        await plans.save(PLAN.model_copy(update={"id": "p2"}), "a", seen=1)
    with pytest.raises(DesignTaken):
        await plans.create("east", PLAN, "a")
    with pytest.raises(DesignMissing):
        await plans.create("east", PLAN.model_copy(update={"id": "p3"}), "a", job="none")


async def test_of_many_editors_one_saves(database: Database) -> None:
    """Through pools of their own, as separate gateways would."""
    others = [await Database.open(database.engine.url.render_as_string(False)) for _ in range(3)]
    try:
        await Plans(database).create("east", PLAN, "a")
        saves = [Plans(others[n % 3]).save(PLAN, f"editor-{n}", seen=1) for n in range(6)]
        done = await asyncio.gather(*saves, return_exceptions=True)
    finally:
        for other in others:
            await other.close()
    stale = [one for one in done if isinstance(one, PlanStale)]
    assert len(stale) == 5
    assert {one.newest for one in stale} == {2}
    assert [row.plan.version for row in await Plans(database).versions("p1")] == [2, 1]
