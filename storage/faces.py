"""Face references: the one embedding per session that a candidate's live face is compared with, sealed.

The photo it was made from is never stored. Erasing leaves a row that says when; the embedding itself is
overwritten, in SQLite's file too (`secure_delete`, and the write-ahead log is emptied).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.sealing import SealingKey
from storage.tables import face_references

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceReference:
    """`vector`: float32, unit length, as `model` made it."""

    vector: Vector
    model: str
    created_at: datetime


class FaceReferences:
    """Keep, read, erase. Every method raises StorageFull or StorageError."""

    def __init__(self, database: Database, key: SealingKey) -> None:
        self._database = database
        self._key = key

    async def keep(self, session: str, vector: Vector, model: str) -> None:
        """Replaces what the session had."""
        row = {
            "session": session,
            "sealed": self._key.seal(vector.astype("<f4").tobytes(), _context(session, model)),
            "key_id": self._key.id,
            "model": model,
            "created_at": datetime.now(UTC),
        }
        async with self._database.write() as connection:
            await connection.execute(delete(face_references).where(face_references.c.session == session))
            await connection.execute(insert(face_references), row)

    async def get(self, session: str) -> FaceReference | None:
        """None when there is none (any more). Raises WrongKey when it was sealed with another key."""
        query = select(face_references).where(face_references.c.session == session)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or row.sealed is None:
            return None
        plain = self._key.open(row.sealed, _context(session, row.model), row.key_id)
        return FaceReference(np.frombuffer(plain, "<f4").astype(np.float32), row.model, row.created_at)

    async def erase(self, session: str) -> bool:
        """Whether there was anything to erase. Needs no key."""
        kept = (face_references.c.session == session) & face_references.c.sealed.is_not(None)
        values = {"sealed": None, "key_id": None, "deleted_at": datetime.now(UTC)}
        async with self._database.write() as connection:
            done = await connection.execute(update(face_references).where(kept).values(values))
        if done.rowcount and self._database.dialect == "sqlite":
            # Older pages live on in the write-ahead log until it is emptied; readers may hold it a while.
            with contextlib.suppress(DBAPIError):
                async with self._database.engine.connect() as connection:
                    await connection.execution_options(isolation_level="AUTOCOMMIT")
                    await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        return bool(done.rowcount)


def _context(session: str, model: str) -> str:
    return f"face reference of {session} by {model}"
