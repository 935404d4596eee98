"""The scores of all candidates of a job, read from the logs of their interviews; kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.job_api import designs
from gateway.operations import Call, reads_results
from interviews.candidate_scores import UNSCORED, CandidateScores
from interviews.dimensions import ByLanguage
from interviews.import_rows import keys, normal_phone
from interviews.invitations import Invitation
from interviews.outcome_rows import Outcome, Outcomes, error
from interviews.roles import HEAD, own_results_only
from interviews.validity import Matched
from storage.design import DesignMissing

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Candidate:
    invitation: Invitation
    scores: CandidateScores

    @property
    def told(self) -> bool:
        return self.scores.overall is not None or self.scores.decision is not None


@dataclass(frozen=True, slots=True)
class JobScores:
    """`weights`: percent by dimension of the newest interview's plan; `plan` None: none was designed."""

    candidates: list[Candidate]
    names: Mapping[str, ByLanguage]
    weights: Mapping[str, float]
    plan: str | None

    @property
    def scored(self) -> list[CandidateScores]:
        return [one.scores for one in self.candidates if one.scores.overall is not None]


async def job_scores(call: Call, job: str) -> JobScores:
    """Newest first; a person's are those whose results they may read. Raises StorageError."""
    shared = call.service.shared
    candidates: list[Candidate] = []
    for invitation in await _invitations(call, job):
        log = await shared.events.read_all(invitation.session, without=UNSCORED)
        candidates.append(Candidate(invitation, await asyncio.to_thread(CandidateScores.of, log)))
    newest = next((one for one in candidates if one.scores.dimensions), None)
    plan, weights = await _weights(call, newest.invitation) if newest else (None, {})
    branch = candidates[0].invitation.branch if candidates else HEAD
    known = await designs(call).dimensions(branch)
    asked = {id_ for one in candidates for id_ in one.scores.dimensions} | weights.keys()
    names = {id_: known[id_][0].name for id_ in sorted(asked) if id_ in known}
    return JobScores(candidates, names, weights, plan)


def match(found: JobScores, outcomes: Outcomes) -> list[tuple[Candidate, Outcome]]:
    """Each row with its candidate; rows that name nobody, or somebody again, go to `outcomes.errors`."""
    by_reference: dict[str, Candidate] = {}
    for one in found.candidates:  # newest first: who was invited again counts by the last result
        for reference in _references(one.invitation):
            if reference not in by_reference or (one.told and not by_reference[reference].told):
                by_reference[reference] = one
    seen: dict[str, int] = {}
    matched: list[tuple[Candidate, Outcome]] = []
    for row in outcomes.rows:
        text = row.reference
        candidate = next(
            (by_reference[r] for r in (text, text.casefold(), normal_phone(text) or "") if r in by_reference),
            None,
        )
        if candidate is None:
            outcomes.errors.append(error(row.row, "", "reference.unknown"))
        elif candidate.scores.session in seen:
            outcomes.errors.append(error(row.row, "", "reference.double", seen[candidate.scores.session]))
        else:
            seen[candidate.scores.session] = row.row
            matched.append((candidate, row))
    return matched


def with_scores(matched: list[tuple[Candidate, Outcome]], outcomes: Outcomes) -> list[Matched]:
    """Those with an overall score; the others go to `outcomes.errors`."""
    outcomes.errors += [
        error(row.row, "", "not-scored") for one, row in matched if one.scores.overall is None
    ]
    return [Matched(one.scores, row) for one, row in matched if one.scores.overall is not None]


async def _invitations(call: Call, job: str) -> list[Invitation]:
    """Those who never began are read too: their logs are short."""
    reach = call.person.reach if call.person else None
    read = call.service.shared.inviting.invitations.page
    found: list[Invitation] = []
    page = await read(job, limit=PAGE)
    while page:
        found += [one for one in page if reach is None or (one.branch in reach and await _open(call, one))]
        page = await read(job, limit=PAGE, after=page[-1].id) if len(page) == PAGE else []
    return found


async def _open(call: Call, invitation: Invitation) -> bool:
    """A recruiter reads the results of their own interviews alone."""
    if call.person is None or not own_results_only(call.person.role):
        return True
    return reads_results(call.principal, await call.service.registry.row(invitation.session))


async def _weights(call: Call, invitation: Invitation) -> tuple[str | None, Mapping[str, float]]:
    if invitation.plan is None:
        return None, {}
    try:
        row = await designs(call).plans.get(invitation.plan, invitation.plan_version)
        return row.plan.id, row.plan.weights
    except DesignMissing:
        starter = designs(call).rules.plans.get(invitation.plan)
        return (starter.id, starter.weights) if starter else (None, {})


def _references(invitation: Invitation) -> list[str]:
    return [invitation.session, invitation.id, *(value for _, value in keys(invitation.invitee))]
