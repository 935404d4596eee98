from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from interviews.events import SessionCreated
from interviews.plan import Question
from storage.database import Database
from storage.sessions import Sessions

CREATED = SessionCreated(
    candidate="李雷", language="zh", policy="CN", questions=(Question(id="intro", text={"zh": "请介绍自己"}),)
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database; PostgreSQL too where VIVA_TEST_POSTGRES names an empty one that may be wiped."""
    url = f"sqlite:///{tmp_path}/data/viva.db"
    if request.param == "postgresql":
        url = os.environ.get("VIVA_TEST_POSTGRES", "")
        if not url:
            pytest.skip("VIVA_TEST_POSTGRES is not set: PostgreSQL is not tested")
    db = await Database.open(url)
    if request.param == "postgresql":
        async with db.write() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
    await db.migrate()
    yield db
    await db.close()


@pytest.fixture
async def session(database: Database) -> str:
    await Sessions(database).create("s1", CREATED, owner="g1")
    return "s1"
