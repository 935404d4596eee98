from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, inspect, text

from interviews.events import SessionConnected, TranscriptFinal
from storage.database import Database
from storage.errors import StorageError, StorageFull
from storage.event_log import EventLog
from storage.sessions import Sessions
from storage.tables import metadata
from tests.storage.conftest import CREATED

LONG = TranscriptFinal(
    utterance=1, text="a" * 20_000, language="en", start=0.0, end=1.0, words=(), model="whisper-base@1"
)


async def test_migrating_twice_and_at_once_is_harmless(tmp_path: Path) -> None:
    databases = [await Database.open(f"sqlite:///{tmp_path}/viva.db") for _ in range(3)]
    await asyncio.gather(*(db.migrate() for db in databases))
    await databases[0].migrate()
    await Sessions(databases[1]).create("s", CREATED)
    assert (await Sessions(databases[2]).get("s")).last_seq == 1
    for db in databases:
        await db.close()


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            columns = await connection.run_sync(lambda c, name=table.name: inspect(c).get_columns(name))
            assert {(c["name"], c["nullable"]) for c in columns} == {(c.name, c.nullable) for c in table.c}
            indices = await connection.run_sync(lambda c, name=table.name: inspect(c).get_indexes(name))
            assert {index["name"] for index in indices} == {index.name for index in table.indexes}


async def test_sqlite_is_set_up_for_many_readers_and_whole_references(tmp_path: Path) -> None:
    db = await Database.open(f"sqlite:///{tmp_path}/viva.db")
    async with db.read() as connection:
        values = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert values == ["wal", 1, 10_000]
    await db.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite:////proc/nowhere/viva.db"])
async def test_a_bad_url_is_a_clear_error(url: str) -> None:
    with pytest.raises(StorageError) as refused:
        await Database.open(url)
    assert not isinstance(refused.value, StorageFull)


async def test_a_full_database_is_told_and_works_again_with_space(tmp_path: Path) -> None:
    """SQLite's own page limit gives the error code of a full disk."""
    db = await Database.open(f"sqlite:///{tmp_path}/viva.db")
    await db.migrate()
    await Sessions(db).create("s", CREATED)
    log = EventLog(db)

    most: list[int] = []

    def limited(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most[-1]}")

    async def limit(more: int) -> None:
        async with db.read() as connection:
            pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        most.append(pages + more)

    await limit(15)
    for engine in (db.engine.sync_engine, db.file_writer):
        event.listen(engine, "begin", limited)
    refused = await asyncio.gather(
        *(log.append("s", [(1.0, LONG)]) for _ in range(30)), return_exceptions=True
    )
    assert {type(answer) for answer in refused} == {list, StorageFull}
    held = await log.read_all("s")
    assert [event.seq for event in held] == list(range(1, len(held) + 1))
    with pytest.raises(StorageFull):
        await Sessions(db).create("t", CREATED.model_copy(update={"candidate": "x" * 100_000}))
    await limit(10_000)
    assert (await log.append("s", [(2.0, LONG)]))[0].seq == len(held) + 1
    await db.close()


FULL_DISK = """
import asyncio, pathlib, sys
from storage.database import Database
from storage.errors import StorageFull
from storage.event_log import EventLog
from storage.sessions import Sessions
from tests.storage.conftest import CREATED
from tests.storage.test_database import LONG

async def main(folder):
    db = await Database.open(f"sqlite:///{folder}/viva.db")
    await db.migrate()
    await Sessions(db).create("s", CREATED)
    ballast = pathlib.Path(folder, "ballast")
    ballast.write_bytes(bytes(300_000))
    log = EventLog(db)
    refused = 0
    for _ in range(100):
        try:
            await log.append("s", [(1.0, LONG)])
        except StorageFull:
            refused += 1
    held = len(await log.read_all("s"))
    ballast.unlink()
    [event] = await log.append("s", [(2.0, LONG)])
    assert refused > 10 and held + refused == 101, (refused, held)
    assert event.seq == held + 1, (event.seq, held)
    await db.close()

asyncio.run(main(sys.argv[1]))
"""


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """A 1 MiB tmpfs in a mount namespace of its own, filled by events; then some space is freed."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-Urm", "true"], check=False).returncode:
        pytest.skip("no user namespaces here: a small file system cannot be mounted")
    mount = f'mount -t tmpfs -o size=1m tmpfs "{tmp_path}" && exec "$@" "{tmp_path}"'
    command = ["unshare", "-Urm", "sh", "-c", mount, "sh", sys.executable, "-c", FULL_DISK]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


async def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    db = await Database.open(f"sqlite:///{tmp_path}/viva.db")
    await db.migrate()
    await Sessions(db).create("s", CREATED)
    async with db.write() as connection:
        await connection.execute(text("UPDATE sessions SET state = 'live'"))
        assert (await asyncio.wait_for(Sessions(db).get("s"), 2)).state == "created"
    assert (await Sessions(db).get("s")).state == "live"
    await EventLog(db).append("s", [(0.0, SessionConnected())])
    await db.close()
