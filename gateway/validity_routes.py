"""Operations on the scores of a whole job: side by side, against later performance, against groups."""

from __future__ import annotations

from gateway import validity_api
from gateway.operations import Body, Operation, Reply
from gateway.route_parts import STORAGE
from gateway.validity_models import (
    ComparisonQuery,
    ComparisonView,
    ImpactQuery,
    ImpactView,
    ValidityQuery,
    ValidityView,
)
from integrations.spreadsheets import MAX_BYTES, XLSX

JOB = "/api/v1/jobs/{job}"
TABLE = Body(XLSX, None, MAX_BYTES, also=("text/csv", "application/vnd.ms-excel"), binary=True)
PROBLEMS = ("design.unknown", "import.unreadable", *STORAGE)

# Analyses are for those who answer for decisions: a recruiter reads the results of their own interviews
# alone, and groups are no matter of whoever takes part in an interview.
VALIDITY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        f"{JOB}/validity",
        "analyseValidity",
        "Scores against later performance from a spreadsheet, which is not kept; proposed weights",
        "operator",
        validity_api.analyse_validity,
        {200: (Reply("The analysis", ValidityView), Reply("With format=xlsx", None, XLSX))},
        body=TABLE,
        query=ValidityQuery,
        problems=PROBLEMS,
        tag="validity",
        needs="results.decide",
        audits=True,
    ),
    Operation(
        "GET",
        f"{JOB}/comparison",
        "compareCandidates",
        "Candidates of a job side by side, those without enough data apart",
        "operator",
        validity_api.compare,
        {200: (Reply("The comparison", ComparisonView), Reply("With format=xlsx", None, XLSX))},
        query=ComparisonQuery,
        problems=("design.unknown", *STORAGE),
        tag="validity",
        needs="results.read",
        audits=True,
    ),
    Operation(
        "POST",
        f"{JOB}/adverse-impact",
        "analyseAdverseImpact",
        "Selection rates by group from a spreadsheet, which is not kept",
        "operator",
        validity_api.analyse_impact,
        {200: (Reply("The tables", ImpactView), Reply("With format=xlsx", None, XLSX))},
        body=TABLE,
        query=ImpactQuery,
        problems=PROBLEMS,
        tag="validity",
        needs="results.decide",
        audits=True,
    ),
)
