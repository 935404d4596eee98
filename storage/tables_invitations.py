"""The tables of invitations and of the notices about them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from storage.tables import UtcDateTime, metadata

# `invitee` and `design` are pydantic models as JSON; `revision` rises with each change (compare and set).
invitations = Table(
    "invitations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("branch", String(40), nullable=False),
    Column("job", String(40), nullable=False),
    Column("plan", String(40), nullable=True),
    Column("plan_version", Integer, nullable=True),
    Column("session", String(64), ForeignKey("sessions.id"), nullable=False),
    Column("invitee", Text, nullable=False),
    Column("design", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("nonce", String(32), nullable=False),
    Column("device", String(64), nullable=True),
    Column("unbound", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    Column("opened_at", UtcDateTime, nullable=True),
    Column("reminded_at", UtcDateTime, nullable=True),
    Column("revision", Integer, nullable=False),
    Index("invitations_by_job", "job", "created_at", "id"),
    Index("invitations_by_state", "state", "expires_at"),
    Index("invitations_by_session", "session"),
)

# What was done to each; the numbers are those of the invitation's revisions.
invitation_entries = Table(
    "invitation_entries",
    metadata,
    Column("invitation", String(64), ForeignKey("invitations.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("act", String(20), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", Text, nullable=False),
)

# Templates that somebody has written; what is not here is the default.
notice_templates = Table(
    "notice_templates",
    metadata,
    Column("branch", String(40), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("saved_by", String(200), nullable=False),
)

# Notices to be sent. They are worded when they are sent, so that no link lies in the database.
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("invitation", String(64), ForeignKey("invitations.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("origin", Text, nullable=False),
    Column("score", String(20), nullable=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("claimed_by", String(64), nullable=True),
    Column("claimed_until", UtcDateTime, nullable=True),
    Column("reference", Text, nullable=True),
    Column("error", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True),
    Index("outbox_by_state", "state", "due_at"),
    Index("outbox_by_invitation", "invitation", "created_at"),
)
