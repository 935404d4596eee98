"""Who may do what in an organisation of branches. A person's rights reach their branch and all below it."""

from __future__ import annotations

from typing import Literal

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
]


class Branch(BaseModel):
    """Part of the organisation; `parent` None: the head. `policy` None: the parent's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=Id)
    parent: str | None = None
    name: ByLanguage
    policy: str | None = None
