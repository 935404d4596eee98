"""The tables of people: branches, accounts, sign-ins, attempts to sign in, and the audit trail."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from storage.tables import UtcDateTime, metadata

branches = Table(
    "branches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("parent", String(40), ForeignKey("branches.id"), nullable=True),
    Column("name", Text, nullable=False),  # JSON: by language
    Column("policy", String(16), nullable=True),
)

# `password` is null for whoever signs in by the organisation's identity provider alone.
# `totp_step` is the newest time step a code of which was taken: none of it or before it counts again.
people = Table(
    "people",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(254), nullable=False),  # lower case
    Column("name", String(100), nullable=False),
    Column("role", String(24), nullable=False),
    Column("branch", String(40), ForeignKey("branches.id"), nullable=False),
    Column("password", Text, nullable=True),
    Column("totp_sealed", LargeBinary, nullable=True),
    Column("totp_key_id", String(16), nullable=True),
    Column("totp_confirmed", Boolean, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("people_by_email", "email", unique=True),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("person", String(40), ForeignKey("people.id"), primary_key=True),
    Column("hash", String(64), primary_key=True),
)

# `id` is the SHA-256 of the token that the browser keeps; who reads this table cannot sign in with it.
signins = Table(
    "signins",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(40), ForeignKey("people.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("complete", Boolean, nullable=False),  # false: the second factor has not been shown
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("signins_by_person", "person"),
)

# Failures in a row, by address and by account, whether or not there is such an account.
attempts = Table(
    "attempts",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of what is counted
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("blocked_until", UtcDateTime, nullable=True),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(40), nullable=True),  # null: a token
    Column("role", String(24), nullable=False),
    Column("branch", String(40), nullable=True),
    Column("action", String(60), nullable=False),
    Column("subject_kind", String(24), nullable=False),
    Column("subject", String(254), nullable=False),
    Column("session", String(64), nullable=True),
    Column("request", String(64), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_person", "person", "seq"),
    Index("audit_by_session", "session", "seq"),
)
