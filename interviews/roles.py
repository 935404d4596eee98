"""Who may do what in an organisation of branches. A person's rights reach their branch and all below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from interviews.dimensions import ByLanguage, Id

Role = Literal["recruiter", "recruiting-manager", "hiring-manager", "administrator"]
Permission = Literal[
    "jobs.read",
    "jobs.write",  # jobs, plans, questions, dimensions
    "invitations.read",
    "invitations.write",
    "sessions.read",  # the list and its states
    "sessions.watch",  # live picture, words, measures
    "sessions.command",  # pause, resume, interject, extend, end, annotate
    "results.read",  # own invitations only for a recruiter, all of the branch for the others
    "results.comment",
    "results.decide",
    "people.manage",
    "audit.read",
    "server.manage",  # gateways, models, queues: of the head branch alone, for they serve every branch
]


class Branch(BaseModel):
    """Part of the organisation; `parent` None: the head. `policy` None: the parent's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    parent: str | None = None
    name: ByLanguage
    policy: str | None = None


HEAD = "head"  # the branch that every organisation begins with; sessions without a branch belong to it
_RECRUITER: frozenset[Permission] = frozenset(
    [
        "jobs.read",
        "jobs.write",
        "invitations.read",
        "invitations.write",
        "sessions.read",
        "sessions.watch",
        "sessions.command",
        "results.read",
    ]
)
GRANTS: Mapping[Role, frozenset[Permission]] = {
    "recruiter": _RECRUITER,
    "recruiting-manager": _RECRUITER | {"results.comment", "results.decide"},
    "hiring-manager": frozenset(["jobs.read", "sessions.read", "results.read", "results.comment"]),
    "administrator": frozenset(get_args(Permission)),
}


def allows(role: Role, permission: Permission) -> bool:
    return permission in GRANTS[role]


def own_results_only(role: Role) -> bool:
    """Whether results are open to this role only of the interviews that the person made."""
    return role == "recruiter"


def policy_of(branches: Iterable[Branch], branch: str) -> str | None:
    """The policy of `branch`, or of the nearest branch above it that has one; None where none has.

    A ring of parents, which no check should let in, is walked once.
    """
    known = {one.id: one for one in branches}
    here, seen = known.get(branch), set[str]()
    while here is not None and here.id not in seen:
        if here.policy is not None:
            return here.policy
        seen.add(here.id)
        here = known.get(here.parent) if here.parent is not None else None
    return None


def reach(branches: Iterable[Branch], branch: str) -> frozenset[str]:
    """The ids of `branch` and of all below it; empty where there is no such branch.

    A ring of parents, which no check should let in, is walked once.
    """
    below: dict[str | None, list[str]] = defaultdict(list)
    there = False
    for one in branches:
        below[one.parent].append(one.id)
        there = there or one.id == branch
    found: set[str] = set()
    waiting = [branch] if there else []
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += below[here]
    return frozenset(found)
