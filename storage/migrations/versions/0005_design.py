"""Jobs, dimensions and questions of a branch's own, and plans with all their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
    )
    op.create_index("jobs_by_branch", "jobs", ["branch", "created_at"])
    for name in ("dimensions", "bank_questions"):
        op.create_table(
            name,
            sa.Column("branch", sa.String(40), primary_key=True),
            sa.Column("id", sa.String(40), primary_key=True),
            sa.Column("data", sa.Text, nullable=False),
            sa.Column("retired", sa.Boolean, nullable=False),
            sa.Column("updated_at", time, nullable=False),
            sa.Column("by", sa.String(100), nullable=False),
        )
    op.create_table(
        "plans",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("job", sa.String(40), sa.ForeignKey("jobs.id"), nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("plans_by_branch", "plans", ["branch", "id"])
    op.create_index("plans_by_job", "plans", ["job"])
    op.create_table(
        "plan_versions",
        sa.Column("plan", sa.String(40), sa.ForeignKey("plans.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("saved_at", time, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
    )


def downgrade() -> None:
    for name in ("plan_versions", "plans", "bank_questions", "dimensions", "jobs"):
        op.drop_table(name)
