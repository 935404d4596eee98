"""The tables, in SQLAlchemy Core, as the newest migration leaves them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC; SQLite stores no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("candidate", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("policy", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("owner", String(64), nullable=True),
    Column("heartbeat_at", UtcDateTime, nullable=True),
    Column("media_time", Float, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("branch", String(40), nullable=True),  # null: the head
    Column("created_by", String(40), nullable=True),  # a person; null: the API token
    Index("sessions_by_age", "created_at", "id"),
    Index("sessions_by_state", "state", "created_at", "id"),
)

events = Table(
    "events",
    metadata,
    Column("session", String(64), ForeignKey("sessions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("media_time", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("type", String(40), nullable=False),
    Column("data", Text, nullable=False),
)

# Gateway processes that run. One whose heartbeat is old is dead, and its sessions may be claimed.
gateways = Table(
    "gateways",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("draining", Boolean, nullable=False),
)

# `sealed` and `key_id` are null once the reference was erased; the row then says when.
face_references = Table(
    "face_references",
    metadata,
    Column("session", String(64), ForeignKey("sessions.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=True),
    Column("key_id", String(16), nullable=True),
    Column("model", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime, nullable=True),
)
