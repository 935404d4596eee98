"""Several gateway processes on one machine: started, watched, started again, stopped together.

They share the public port by SO_REUSEPORT, and the database. What carries the models is one more process
(`gateway.host`), to whose cluster all gateways connect.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Sequence

import structlog
from rich.console import Console

from gateway import tls
from gateway.announce import announce
from gateway.auth import secret_file
from gateway.settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.keys import key_file

STABLE_S = 30.0  # one that ran for so long is started again at once
STOP_S = 90.0
ADDRESS_S = 120.0
log = structlog.get_logger("viva.supervisor")


def supervise(
    settings: Settings, count: int, command: Sequence[str], console: Console, host: Sequence[str] | None
) -> int:
    """Runs `count` gateways until a signal comes: the exit code. `host`: the process that carries the models
    and prints the address of its cluster; None where the gateways need none.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        console.print("[red]This system cannot share a port:[/] run one gateway per port behind a balancer.")
        return 2
    host = None if settings.inference.cluster.address else host
    return asyncio.run(_Supervisor(settings, count, command, console, host).run())


class _Supervisor:
    def __init__(
        self,
        settings: Settings,
        count: int,
        command: Sequence[str],
        console: Console,
        host: Sequence[str] | None,
    ) -> None:
        self._settings, self._count, self._command, self._console = settings, count, command, console
        self._host = host
        self._stop = asyncio.Event()
        self._failed = False
        self._running: set[asyncio.subprocess.Process] = set()

    async def run(self) -> int:
        settings = self._settings
        try:
            await prepare(settings)
            held = _hold(settings.host, settings.port)
        except (StorageError, OSError, ValueError) as error:
            self._console.print(f"[red]The server cannot start:[/] {error}", highlight=False)
            return 1
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        with held:
            port = held.getsockname()[1]
            environment = os.environ | {
                "VIVA_HOST": settings.host,
                "VIVA_PORT": str(port),
                "VIVA_GATEWAYS__REUSE_PORT": "true",
                **({"VIVA_TLS": settings.tls} if settings.tls else {}),
            }
            given = settings.api_token.get_secret_value() if settings.api_token else None
            shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
            url = f"{'https' if settings.tls else 'http'}://{shown}:{port}"
            announce(settings, url, given or secret_file(settings.data / "api-token"), self._console)
            host = await self._start_host(environment)
            tasks = [asyncio.create_task(self._keep(n, environment)) for n in range(self._count)]
            if host:
                tasks.append(asyncio.create_task(self._watch(host)))
            await self._stop.wait()
            await self._end(tasks, host)
        return int(self._failed)

    async def _start_host(self, environment: dict[str, str]) -> asyncio.subprocess.Process | None:
        """The process of the models; the gateways are told where its cluster is."""
        if self._host is None:
            return None
        host = await asyncio.create_subprocess_exec(
            *self._host, env=environment, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        address = ""
        if host.stdout is not None:
            try:
                async with asyncio.timeout(ADDRESS_S):
                    address = (await host.stdout.readline()).decode().strip()
            except TimeoutError:
                log.error("the cluster did not start in time")
        if not address:
            self._failed = True
            self._stop.set()
        environment["VIVA_INFERENCE__CLUSTER__ADDRESS"] = address
        # A cluster that is started asks for a token unless told not to; who joins by address has to be told.
        environment.setdefault("RAY_AUTH_MODE", "token")
        environment["VIVA_GATEWAYS__ATTACH"] = "true"
        return host

    async def _watch(self, host: asyncio.subprocess.Process) -> None:
        code = await host.wait()
        if not self._stop.is_set():
            log.error("the process of the models is gone: everything stops", code=code)
            self._failed = True
            self._stop.set()

    async def _keep(self, number: int, environment: dict[str, str]) -> None:
        """One gateway, again and again; each death that follows a short life doubles the wait."""
        settings = self._settings.gateways
        own = dict(environment)
        if settings.port:
            own["VIVA_GATEWAYS__PORT"] = str(settings.port + number)
        wait = settings.restart_s
        while not self._stop.is_set():
            began = time.monotonic()
            process = await asyncio.create_subprocess_exec(*self._command, env=own, start_new_session=True)
            self._running.add(process)
            log.info("gateway started", number=number, pid=process.pid)
            code = await process.wait()
            self._running.discard(process)
            if self._stop.is_set():
                return
            if time.monotonic() - began > STABLE_S or code == 0:
                wait = settings.restart_s
            log.warning("gateway ended", number=number, code=code, again_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, settings.restart_max_s)

    async def _end(self, tasks: list[asyncio.Task[None]], host: asyncio.subprocess.Process | None) -> None:
        """Gateways first, at once (nobody is left to drain to), then what carries their models."""
        running = set(self._running)
        for process in running:
            process.send_signal(signal.SIGINT)
        await _gone(running)
        if host is not None and host.returncode is None:
            host.terminate()
            await _gone({host})
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _gone(processes: set[asyncio.subprocess.Process]) -> None:
    """Until all have ended, killed if need be."""
    if not processes:
        return
    waiting = {asyncio.create_task(process.wait()) for process in processes}
    _, late = await asyncio.wait(waiting, timeout=STOP_S)
    for process in processes:
        if process.returncode is None:
            log.error("a process did not stop in time and is killed", pid=process.pid)
            process.kill()
    if late:
        await asyncio.wait(late, timeout=5.0)


async def prepare(settings: Settings) -> None:
    """What gateways that start at the same time must not each make: schema, secrets, keys, certificate."""
    settings.data.mkdir(parents=True, exist_ok=True)
    for given, name in (
        (settings.api_token, "api-token"),
        (settings.token_secret, "token-secret"),
        (settings.face_key, "face-key"),
    ):
        if given is None:
            secret_file(settings.data / name)
    if settings.media_key is None:
        key_file(settings.media_key_file)
    if settings.tls == "self-signed":
        tls.self_signed(settings.data / "tls")
    database = await Database.open(settings.sql)
    try:
        await database.migrate()
    finally:
        await database.close()


def _hold(host: str, port: int) -> socket.socket:
    """The public port, kept while no gateway runs. It does not listen, so no connection waits here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError:
        held.close()
        raise
    return held
