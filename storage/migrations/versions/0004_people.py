"""Branches, people, sign-ins, the audit trail, and whose each session is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    branches = op.create_table(
        "branches",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("parent", sa.String(40), sa.ForeignKey("branches.id"), nullable=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("policy", sa.String(16), nullable=True),
    )
    name = '{"zh": "总部", "en": "Head office"}'
    op.bulk_insert(branches, [{"id": "head", "parent": None, "name": name, "policy": None}])
    op.create_table(
        "people",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("branch", sa.String(40), sa.ForeignKey("branches.id"), nullable=False),
        sa.Column("password", sa.Text, nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary, nullable=True),
        sa.Column("totp_key_id", sa.String(16), nullable=True),
        sa.Column("totp_confirmed", sa.Boolean, nullable=False),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
    )
    op.create_index("people_by_email", "people", ["email"], unique=True)
    op.create_table(
        "recovery_codes",
        sa.Column("person", sa.String(40), sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
    )
    op.create_table(
        "signins",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(40), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
    )
    op.create_index("signins_by_person", "signins", ["person"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", UTC, nullable=False),
        sa.Column("blocked_until", UTC, nullable=True),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("person", sa.String(40), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("branch", sa.String(40), nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(254), nullable=False),
        sa.Column("session", sa.String(64), nullable=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_by_person", "audit", ["person", "seq"])
    op.create_index("audit_by_session", "audit", ["session", "seq"])
    op.add_column("sessions", sa.Column("branch", sa.String(40), nullable=True))
    op.add_column("sessions", sa.Column("created_by", sa.String(40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("created_by")
        sessions.drop_column("branch")
    for table in ("audit", "attempts", "signins", "recovery_codes", "people", "branches"):
        op.drop_table(table)
