"""The tables of what interviews are designed from: jobs, dimensions, questions and plans.

`data` is the JSON of the domain's own model; beside it stands only what rows are looked for by.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from storage.tables import UtcDateTime, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
    Index("jobs_by_branch", "branch", "created_at"),
)

# Of a branch's own, beside those that come with the product.
dimensions = Table(
    "dimensions",
    metadata,
    Column("branch", String(40), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("data", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
)

# A retired question is offered no more; plans that have it already can still be read.
bank_questions = Table(
    "bank_questions",
    metadata,
    Column("branch", String(40), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("data", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
)

# `version` is the newest one, and what a save compares and sets.
plans = Table(
    "plans",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("job", String(40), ForeignKey("jobs.id"), nullable=True),
    Column("version", Integer, nullable=False),
    Index("plans_by_branch", "branch", "id"),
    Index("plans_by_job", "job"),
)

plan_versions = Table(
    "plan_versions",
    metadata,
    Column("plan", String(40), ForeignKey("plans.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("data", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("by", String(100), nullable=False),
)
