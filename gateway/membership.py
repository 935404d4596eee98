"""This gateway among those that share the database: its heartbeat, and where a session is served."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog

from gateway.gateways_settings import GatewaysSettings
from storage.database import Database
from storage.errors import StorageError
from storage.gateways import GatewayRow, Gateways
from storage.sessions import SessionRow

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PROBE_S = 1.0
log = structlog.get_logger("viva.gateways")


def new_id() -> str:
    """Of one process in one life: a restarted gateway is another one."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:32]
    return f"{host}-{os.getpid()}-{secrets.token_hex(4)}"


class Membership:
    """`start` enters it in the table and keeps its heart beating, `leave` takes it out."""

    def __init__(self, id_: str, settings: GatewaysSettings, database: Database) -> None:
        self.id = id_
        self.url = ""
        self.draining = False
        self.table = Gateways(database, settings.dead_s)
        self._settings = settings
        self._beaten = -1e9
        self._task: asyncio.Task[None] | None = None

    @property
    def sure(self) -> bool:
        """Whether nobody can have taken this gateway for dead, so that what it has is still its own."""
        return time.monotonic() - self._beaten < self._settings.dead_s

    async def start(self, url: str) -> None:
        """Raises StorageError."""
        self.url = url
        await self._beat()
        self._task = asyncio.create_task(self._beating(), name="gateway-heartbeat")
        for row in await self.others():
            if not await self._listens(row):
                await self.bury(row)

    async def drain(self) -> None:
        self.draining = True
        await self._beat()

    async def leave(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None
            try:
                await self.table.remove(self.id)
            except StorageError as error:
                log.warning("not taken out of the table", error=str(error))

    async def others(self, *, taking: bool = False) -> list[GatewayRow]:
        """The other living gateways; `taking`: those that take new sessions. Raises StorageError."""
        rows = await self.table.living()
        return [row for row in rows if row.id != self.id and not (taking and row.draining)]

    async def holder(self, row: SessionRow) -> GatewayRow | None:
        """The other living gateway that has the session. Raises StorageError."""
        if row.owner in (None, self.id):
            return None
        return next((other for other in await self.others() if other.id == row.owner), None)

    async def first(self) -> bool:
        """Whether this is the longest running of the living: one does what must be done once."""
        rows = await self.table.living()
        return not rows or rows[0].id == self.id

    async def claim(self, row: SessionRow) -> bool:
        """Whether the session is this gateway's own, now. Raises StorageError."""
        if row.owner == self.id:
            return True
        won = await self.table.claim(row.id, self.id, row.owner)
        if won:
            away = (datetime.now(UTC) - (row.heartbeat_at or row.created_at)).total_seconds()
            log.info("session taken over", session=row.id, before=row.owner, silent_s=round(away, 1))
        return won

    async def bury(self, row: GatewayRow) -> bool:
        """Nobody listens at its address, or somebody else does. On this machine that proves that the process
        is gone; elsewhere it may be the network, and only a silent heart does.
        """
        if urlsplit(row.url).hostname not in LOOPBACK:
            return False
        log.warning("gateway is gone", gateway=row.id)
        await self.table.remove(row.id)
        return True

    async def _listens(self, row: GatewayRow) -> bool:
        at = urlsplit(row.url)
        if at.hostname not in LOOPBACK or not at.port:
            return True
        try:
            async with asyncio.timeout(PROBE_S):
                _, writer = await asyncio.open_connection(at.hostname, at.port)
        except ConnectionRefusedError:
            return False
        except (OSError, TimeoutError):
            return True
        writer.close()
        return True

    async def _beat(self) -> None:
        began = time.monotonic()
        await self.table.beat(self.id, self.url, draining=self.draining)
        self._beaten = began

    async def _beating(self) -> None:
        while True:
            await asyncio.sleep(self._settings.heartbeat_s)
            try:
                await self._beat()
            except StorageError as error:
                log.error("heartbeat failed", error=str(error))
