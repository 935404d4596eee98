"""Face references: sealed at rest, bound to their session, gone when erased."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from storage.database import Database
from storage.faces import FaceReferences
from storage.sealing import SealingKey, WrongKey
from storage.sessions import Sessions
from storage.tables import face_references
from tests.storage.conftest import CREATED

KEY, OTHER = SealingKey.of("k" * 32), SealingKey.of("o" * 32)
VECTOR = np.linspace(-1, 1, 512, dtype=np.float32)


async def test_a_reference_comes_back_as_it_was_and_a_new_one_replaces_it(
    database: Database, session: str
) -> None:
    faces = FaceReferences(database, KEY)
    assert await faces.get(session) is None
    await faces.keep(session, VECTOR, "m@1")
    await faces.keep(session, -VECTOR, "m@2")
    found = await faces.get(session)
    assert found is not None
    assert found.model == "m@2"
    np.testing.assert_array_equal(found.vector, -VECTOR)


async def test_another_key_says_so_and_can_still_erase(database: Database, session: str) -> None:
    await FaceReferences(database, KEY).keep(session, VECTOR, "m@1")
    with pytest.raises(WrongKey, match=f"{KEY.id}.*{OTHER.id}"):
        await FaceReferences(database, OTHER).get(session)
    assert await FaceReferences(database, OTHER).erase(session)
    assert await FaceReferences(database, KEY).get(session) is None


async def test_a_reference_cannot_be_moved_to_another_session(database: Database, session: str) -> None:
    faces = FaceReferences(database, KEY)
    await Sessions(database).create("s2", CREATED)
    await faces.keep(session, VECTOR, "m@1")
    await faces.keep("s2", -VECTOR, "m@1")
    async with database.write() as connection:
        stolen = (
            await connection.execute(
                select(face_references.c.sealed).where(face_references.c.session == session)
            )
        ).scalar_one()
        theirs = face_references.c.session == "s2"
        await connection.execute(update(face_references).where(theirs).values(sealed=stolen))
    with pytest.raises(WrongKey, match="altered or moved"):
        await faces.get("s2")


async def test_erased_means_gone_from_the_file(database: Database, session: str, tmp_path: Path) -> None:
    faces = FaceReferences(database, KEY)
    await faces.keep(session, VECTOR, "m@1")
    async with database.read() as connection:
        row = (await connection.execute(select(face_references))).one()
    assert VECTOR.tobytes()[:64] not in row.sealed
    assert await faces.erase(session)
    assert not await faces.erase(session)
    async with database.read() as connection:
        row_after = (await connection.execute(select(face_references))).one()
    assert row_after.sealed is None
    assert row_after.key_id is None
    assert row_after.deleted_at >= row_after.created_at
    for file in (tmp_path / "data").glob("*"):
        assert row.sealed[20:60] not in file.read_bytes(), file


def test_a_short_secret_is_no_key() -> None:
    with pytest.raises(ValueError, match="32"):
        SealingKey.of("hunter2")
