"""The database: SQLite by default, PostgreSQL by URL.

SQLite runs in WAL mode, so readers never wait for the writer. `synchronous=NORMAL` keeps every committed
event through a crash of the process; a power cut may take the last moments, never the wholeness of the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import StorageError, translate
from storage.unbroken import UnbrokenEngine, to_its_end, unbroken

BUSY_TIMEOUT_S = 10.0
T = TypeVar("T")
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_MIGRATION_LOCK = 0x56495641  # PostgreSQL's advisory lock that one migrating process holds


class Database:
    """`async with db.write() as connection:` is one transaction, or none at all; so is
    `await db.transact(work)`, for what is written all the time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = UnbrokenEngine(engine.sync_engine)
        self.dialect = engine.dialect.name
        self._writer = UnbrokenEngine(engine.sync_engine.execution_options(viva_write=True))
        # SQLite has one writer. Waiting here is fair and instant; waiting in SQLite's busy handler polls.
        self._turn = asyncio.Lock() if self.dialect == "sqlite" else None
        on_file = _on_file(engine.url)
        self.file_writer = _sqlite_writer(engine.url) if on_file else None
        self._thread = ThreadPoolExecutor(1, "sqlite-writer") if on_file else None  # it starts when needed

    @classmethod
    async def open(cls, url: str) -> Database:
        """Connect, making SQLite's folder if needed. `url`: sqlite:///path, sqlite:// or postgresql://….

        Raises StorageError where the URL is malformed or nothing answers there.
        """
        parsed = _with_driver(url)
        try:
            if _on_file(parsed):
                Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
            database = cls(_engine(parsed))
            async with database.read() as connection:
                await connection.execute(text("SELECT 1"))
        except OSError as error:
            raise translate(error) from error
        except ImportError as error:
            raise StorageError(f"the database driver is not installed: {error.name}") from error
        return database

    async def migrate(self) -> None:
        """Bring the schema to the newest version; safe when several processes start at once."""
        async with self.write() as connection:
            if self.dialect == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            await connection.run_sync(_upgrade)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits on leaving. Raises StorageFull, StorageError; then nothing is kept."""
        async with AsyncExitStack() as stack:
            if self._turn is not None:
                await stack.enter_async_context(self._turn)
            try:
                async with unbroken(self._writer.begin()) as connection:
                    yield connection
            except (DBAPIError, OSError) as error:
                raise translate(error) from error

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, done as in `write`, on another thread where the database is a file.

        `aiosqlite` hands every statement to a thread and its result back. Between busy threads the turns of
        one transaction took 0.2 to 1.2 s (two cores, two interviews); this takes one turn for all of them.
        """
        if self._turn is None or self.file_writer is None:
            async with self.write() as connection:
                return await connection.run_sync(work)
        return await to_its_end(self._in_one_turn(self._turn, self.file_writer, work))

    async def _in_one_turn(self, turn: asyncio.Lock, engine: Engine, work: Callable[[Connection], T]) -> T:
        def begin() -> T:
            with engine.begin() as connection:
                return work(connection)

        async with turn:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._thread, begin)
            except (DBAPIError, OSError) as error:
                raise translate(error) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view. Raises StorageError."""
        try:
            async with self.engine.connect() as connection:
                yield connection
        except (DBAPIError, OSError) as error:
            raise translate(error) from error

    async def close(self) -> None:
        await self.engine.dispose()
        if self._thread is not None and self.file_writer is not None:
            await asyncio.to_thread(self._thread.shutdown)
            self.file_writer.dispose()


def _on_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")


def _with_driver(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError("the database URL cannot be read") from error
    if parsed.get_backend_name() not in _DRIVERS:
        raise StorageError(f"no support for this kind of database: {parsed.get_backend_name()}")
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    _prepare_sqlite(engine.sync_engine)
    return engine


def _sqlite_writer(url: URL) -> Engine:
    arguments = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), connect_args=arguments)
    _prepare_sqlite(engine)
    return engine.execution_options(viva_write=True)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # Python's sqlite3 would open transactions by itself, and late; `begin` below does it instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the write lock at once: a reader that turns writer half-way could only fail.
        write = connection.get_execution_options().get("viva_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
