"""What travels over HTTP when the scores of a job are held against performance and groups."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from interviews.adverse_impact import ImpactTable
from interviews.comparison import Comparison
from interviews.dimensions import ByLanguage
from interviews.outcome_rows import OutcomeError
from interviews.validity import Validity

SelectedBy = Literal["decision", "cut-off", "median"]
Form = Literal["json", "xlsx"]


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ValidityQuery(_Taken):
    format: Form = "json"


class ImpactQuery(_Taken):
    """`by`: passed against failed; overall score at least `cut_off`; or above the median of the table's
    candidates, which is the scoring rate of New York's Local Law 144."""

    by: SelectedBy = "decision"
    cut_off: float = Field(default=60.0, ge=0, le=100)
    format: Form = "json"


class ComparisonQuery(_Taken):
    format: Form = "json"


class ComparisonView(BaseModel):
    """`names` and `weights` as of `ValidityView`; the overall score is still the mean of all answers."""

    job: str
    names: dict[str, ByLanguage]
    weights: dict[str, float]
    result: Comparison


class _Read(BaseModel):
    """`errors`: rows that were left out and why. `ignored`: headers of columns that were not read."""

    job: str
    errors: list[OutcomeError]
    ignored: list[str]


class ValidityView(_Read):
    """`names` and `weights` (percent, today's) by dimension; `plan`: where those weights are from."""

    names: dict[str, ByLanguage]
    weights: dict[str, float]
    plan: str | None
    result: Validity


class ImpactView(_Read):
    """One table for each column of groups, then for each pair of columns together."""

    by: SelectedBy
    cut_off: float | None = Field(description="the score that had to be reached; of `median`, exceeded")
    candidates: int
    selected: int
    tables: list[ImpactTable]
