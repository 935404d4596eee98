"""What travels over HTTP when interviews are designed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.problems import Reason
from interviews.bank import BankQuestion
from interviews.design import Plan
from interviews.dimensions import ByLanguage, Dimension, Id
from interviews.jobs import Found, Job, Recommendation
from interviews.plan import QuestionKind

HEAD = "head"  # the branch at the top
_Branch = Field(default=HEAD, pattern=Id)


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BranchQuery(_Given):
    branch: str = _Branch


class JobsQuery(_Given):
    branch: str | None = Field(default=None, pattern=Id)
    closed: bool = False


class BankQuery(_Given):
    branch: str = _Branch
    text: str = Field(
        default="", max_length=200, description="each of its words in the text or key points, in any language"
    )
    role: str | None = Field(default=None, max_length=40)
    dimension: str | None = Field(default=None, max_length=40)
    kind: QuestionKind | None = None
    retired: bool = Field(default=False, description="also what is offered no more; plans may still have it")


class PlansQuery(_Given):
    branch: str | None = Field(default=None, pattern=Id)
    job: str | None = Field(default=None, pattern=Id)


class VersionQuery(_Given):
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="the newest without it")


class NewJob(_Given):
    id: str | None = Field(default=None, pattern=Id, description="made up where it is left out")
    branch: str = _Branch
    title: ByLanguage
    description: str = Field(default="", max_length=50_000)
    role: str = Field(default="", max_length=40)


class JobChange(_Given):
    """What is left out stays."""

    branch: str | None = Field(default=None, pattern=Id)
    title: ByLanguage | None = None
    description: str | None = Field(default=None, max_length=50_000)
    role: str | None = Field(default=None, max_length=40)
    closed: bool | None = None


class JobView(BaseModel):
    job: Job
    closed: bool
    created_at: datetime
    updated_at: datetime
    by: str


class JobList(BaseModel):
    jobs: list[JobView]


class DescriptionView(BaseModel):
    text: str = Field(description="as it is kept now; offsets count its characters")


class KeywordView(BaseModel):
    text: str
    weight: float = Field(ge=0, le=1)
    spans: list[tuple[int, int]] = Field(description="start and end in the description")


class SuggestedQuestion(BaseModel):
    question: BankQuestion
    score: float = Field(ge=0, le=1)
    why: Found = Field(description="the phrase of the description that fits it best")


class Recommendations(BaseModel):
    """Weights sum to 100. `reason`: "nothing-found" or "no-text" where there are no dimensions, else ""."""

    language: Literal["zh", "en"]
    keywords: list[KeywordView]
    dimensions: list[Recommendation]
    questions: list[SuggestedQuestion]
    reason: str
    model: str


class DimensionView(BaseModel):
    dimension: Dimension
    source: Literal["starter", "own"]


class DimensionList(BaseModel):
    dimensions: list[DimensionView]


class QuestionView(BaseModel):
    question: BankQuestion
    source: Literal["starter", "own"]
    retired: bool = Field(default=False, description="it is offered no more")


class QuestionList(BaseModel):
    questions: list[QuestionView]


class NewPlan(_Given):
    branch: str = _Branch
    job: str | None = Field(default=None, pattern=Id)
    plan: Plan = Field(description="its `version` is not read: the first is 1")


class PlanChange(_Given):
    seen: int = Field(ge=1, le=1_000_000, description="the version that was edited")
    plan: Plan


class PlanDraft(_Given):
    branch: str = _Branch
    plan: Plan


class PlanView(BaseModel):
    plan: Plan
    branch: str
    job: str | None
    newest: int = Field(description="the version that stands now")
    saved_at: datetime
    by: str


class PlanList(BaseModel):
    plans: list[PlanView]


class StarterPlans(BaseModel):
    plans: list[Plan]


class PlanProblems(BaseModel):
    problems: list[Reason] = Field(description="none: the plan may be saved")


class PreviewDraft(PlanDraft):
    language: Literal["zh", "en"] = "zh"


class PreviewQuestion(BaseModel):
    """As the candidate sees it: without what a good answer would hold. Times are seconds."""

    id: str
    step: str
    kind: QuestionKind
    text: str
    think_s: float
    answer_s: float
    retries: int


class Preview(BaseModel):
    questions: list[PreviewQuestion]
    guidance: tuple[str, ...] = Field(description="what is told before the first question, in that language")
    duration_s: float = Field(description="thinking and answering, without retries")
