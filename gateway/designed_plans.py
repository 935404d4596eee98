"""Designed interviews as inviting needs them: a plan's questions in the invitee's language."""

from __future__ import annotations

from functools import partial

from gateway.designs import Designs
from gateway.inviting import Designed
from gateway.problems import Problem
from interviews.dimensions import ByLanguage
from interviews.rubric import RubricDimension
from storage.design import DesignMissing


class DesignedPlans:
    """`gateway.inviting.Plans` over what is designed here, and over the plans that come with the product."""

    def __init__(self, designs: Designs) -> None:
        self._designs = designs

    async def get(self, plan_id: str, version: int | None = None) -> Designed | None:
        """The newest version without one. The starter plans have one version only.

        Raises Problem plan.invalid where something it is made of no longer fits it; StorageError.
        """
        branch, job, title = "", None, ByLanguage()
        try:
            row = await self._designs.plans.get(plan_id, version)
            plan, branch, job = row.plan, row.branch, row.job
        except DesignMissing:
            starter = self._designs.rules.plans.get(plan_id)
            if starter is None or version not in (None, starter.version):
                return None
            plan = starter
        if job is not None:
            title = (await self._designs.jobs.get(job)).job.title
        bank = {id_: one for id_, (one, _) in (await self._designs.bank(branch, retired=True)).items()}
        dimensions = {id_: one for id_, (one, _) in (await self._designs.dimensions(branch)).items()}
        if reasons := self._designs.rules.problems(plan, bank, dimensions):
            raise Problem("plan.invalid", where=plan_id, reasons=reasons)
        questions = partial(self._designs.rules.questions, plan, bank, dimensions)
        rubric = tuple(
            RubricDimension(id=id_, name=dimensions[id_].name, anchors=dimensions[id_].anchors, weight=weight)
            for id_, weight in plan.weights.items()
            if id_ in dimensions
        )
        return Designed(
            plan=plan.id,
            version=plan.version,
            job_title=title or plan.title,
            record=plan.record,
            questions=questions,
            dimensions=rubric,
            practice=plan.practice,
            survey=plan.survey,
        )
