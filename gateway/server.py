"""One gateway process: HTTP listener, database, sessions, and inference that comes up behind them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import structlog
from aiohttp import web

from gateway import tls
from gateway.auth import Tokens, secret_file
from gateway.background import in_daemon
from gateway.code_runner.runner import CodeRunner
from gateway.designed_plans import DesignedPlans
from gateway.designs import Designs
from gateway.desk import Desk
from gateway.inviting import Inviting
from gateway.looplag import LoopLag
from gateway.membership import Membership, new_id
from gateway.memory import Memory
from gateway.metrics import Metrics
from gateway.middleware import add_headers, cors, observe, problems
from gateway.openapi import document
from gateway.operations import MAX_BODY, SERVICE
from gateway.outbox_task import OutboxTask
from gateway.ports import Inference, OnGap
from gateway.proxy import Proxy
from gateway.recordings import Recordings
from gateway.registry import Registry
from gateway.retention import delete_expired
from gateway.routes import OPERATIONS
from gateway.service import Service
from gateway.settings import Settings
from gateway.shared import Shared
from gateway.spoken import Spoken
from gateway.static import Pages
from inference import runtime
from inference.client import InferenceClient
from media.analysers import Analysers
from storage.database import Database
from storage.errors import StorageError
from storage.event_log import EventLog
from storage.faces import FaceReferences
from storage.sealing import SealingKey
from storage.sessions import Sessions

log = structlog.get_logger("viva.server")
RETRY_START_S = 15.0
RETENTION_EVERY_S = 3600.0
STOP_RUNTIME_S = 30.0


class Server:
    """`await start()`, then `url` answers; `/readyz` says when sessions can be taken. `await stop()` ends it.

    `inference` makes the client from the callback for gaps; without it the deployments are started in a Ray
    cluster of the server's own. Lives on one event loop.
    """

    def __init__(self, settings: Settings, *, inference: Callable[[OnGap], Inference] | None = None) -> None:
        settings = permitted(settings)
        self.settings = settings
        self._make_inference = inference
        self._starting: asyncio.Future[None] | None = None
        self._runner: web.AppRunner | None = None
        self._database: Database | None = None
        self._service: Service | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.api_token = ""
        self.url = ""

    @property
    def started(self) -> bool:
        return self._service is not None

    @property
    def service(self) -> Service:
        if self._service is None:
            raise RuntimeError("the server has not been started")
        return self._service

    async def start(self) -> None:
        """Raises StorageError, OSError (port taken, files unreadable) or ssl.SSLError, and leaves nothing."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        settings = self.settings
        settings.data.mkdir(parents=True, exist_ok=True)
        given = settings.api_token.get_secret_value() if settings.api_token else None
        secret = settings.token_secret.get_secret_value() if settings.token_secret else None
        self.api_token = given or secret_file(settings.data / "api-token")
        secret = secret or secret_file(settings.data / "token-secret")
        tokens = Tokens(secret, self.api_token)
        face_secret = settings.face_key.get_secret_value() if settings.face_key else None
        face_key = SealingKey.of(face_secret or secret_file(settings.data / "face-key"))
        self._database = await Database.open(settings.sql)
        await self._database.migrate()
        metrics = Metrics()
        designs = Designs.of(self._database)
        inviting = Inviting.open(self._database, settings.notices, secret)
        inviting.plans = DesignedPlans(designs)
        shared = Shared(
            settings=settings,
            events=EventLog(self._database),
            sessions=Sessions(self._database),
            metrics=metrics,
            references=FaceReferences(self._database, face_key),
            inviting=inviting,
            designs=designs,
            code=CodeRunner(settings.code),
            recordings=await asyncio.to_thread(Recordings.open, settings),
            membership=Membership(new_id(), settings.gateways, self._database),
            spoken=Spoken(settings.data / "spoken", settings.spoken) if settings.spoken.enabled else None,
        )
        lag = LoopLag(metrics.loop_lag.observe)
        registry = Registry(shared)
        proxy = Proxy(shared, registry, shared.membership)
        desk = await Desk.open(settings, self._database)
        self._service = Service(shared, registry, tokens, lag, Memory(), proxy, desk)
        await shared.membership.start(await self._listen(self._service))
        lag.start()
        await self._service.registry.restore()
        self._tasks = [
            asyncio.create_task(self._bring_up(shared), name="bring-up"),
            asyncio.create_task(self._tick(), name="tick"),
            asyncio.create_task(self._retain(), name="retention"),
            asyncio.create_task(self._sweep(), name="sweep"),
            asyncio.create_task(OutboxTask(shared.inviting, shared.owner).run(), name="outbox"),
        ]
        if shared.spoken is not None:
            self._tasks.append(asyncio.create_task(shared.spoken.run(), name="spoken"))

    async def ready(self, timeout_s: float) -> None:
        """Wait until everything has started. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self.service.shared.ready.wait()

    async def stop(self) -> None:
        """End live sessions with their words kept, then close everything. Harmless when nothing runs."""
        if self._service:
            self._service.stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._service:
            shared = self._service.shared
            if self._service.draining:
                self._service.draining.cancel()
            await self._service.registry.stop(self.settings.stop_s)
            await shared.membership.leave()
            await self._service.proxy.close()
            if shared.inference:
                await shared.inference.close()
            await self._stop_runtime()
            await shared.code.close()
            shared.photos.close()
            if shared.analysers:
                await asyncio.to_thread(shared.analysers.close)
            if shared.recordings:
                await asyncio.to_thread(shared.recordings.close)
            await self._service.lag.stop()
        if self._runner:
            await self._runner.cleanup()
        if self._database:
            await self._database.close()
        self._service = self._runner = self._database = None

    # --- coming up -----------------------------------------------------------------------------------

    async def _listen(self, service: Service) -> str:
        """On the public address and on the one for other gateways, whose URL it returns."""
        settings = self.settings
        app = web.Application(middlewares=[observe, problems, cors], client_max_size=MAX_BODY)
        app[SERVICE] = service
        app.on_response_prepare.append(add_headers)
        for operation in OPERATIONS:
            app.router.add_route(operation.method, operation.path, operation.__call__)
        described = _described(service.version)

        async def openapi(_: web.Request) -> web.Response:
            return web.Response(text=described, content_type="application/json")

        app.router.add_get("/openapi.json", openapi)
        app.router.add_routes(Pages().routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        context = self._tls()
        site = web.TCPSite(
            self._runner,
            settings.host,
            settings.port,
            ssl_context=context,
            reuse_port=settings.gateways.reuse_port or None,
        )
        await site.start()
        port = self._runner.addresses[0][1]
        inner = settings.gateways
        await web.TCPSite(self._runner, inner.host, inner.port).start()
        inner_port = self._runner.addresses[-1][1]
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
        self.url = f"{'https' if context else 'http'}://{host}:{port}"
        inner_host = f"[{inner.host}]" if ":" in inner.host else inner.host
        return (inner.url or f"http://{inner_host}:{inner_port}").rstrip("/")

    def _tls(self) -> ssl.SSLContext | None:
        if not self.settings.tls:
            return None
        if self.settings.tls == "self-signed":
            return tls.server_context(*tls.self_signed(self.settings.data / "tls"))
        certificate, _, key = self.settings.tls.partition(",")
        return tls.server_context(Path(certificate), Path(key or certificate))

    async def _bring_up(self, shared: Shared) -> None:
        """Load what runs here and start the deployments, both at once; tried again until it works."""
        began = time.perf_counter()
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._load_analysers(shared))
                    group.create_task(self._start_inference(shared))
            except* Exception as failures:
                for failure in failures.exceptions:
                    log.error("start failed", error=str(failure) or repr(failure), again_in_s=RETRY_START_S)
            else:
                shared.ready.set()
                log.info("ready", after_s=round(time.perf_counter() - began, 1))
                return
            await asyncio.sleep(RETRY_START_S)

    async def _load_analysers(self, shared: Shared) -> None:
        if shared.analysers is None:
            shared.analysers = await asyncio.to_thread(Analysers.load)

    async def _start_inference(self, shared: Shared) -> None:
        if shared.inference is not None:
            return
        gap = self.service.registry.gap
        begin = runtime.attach if self.settings.gateways.attach else runtime.start
        if self._make_inference:
            client = self._make_inference(gap)
        else:
            self._starting = in_daemon(lambda: begin(self.settings.inference), stays=True)
            await asyncio.shield(self._starting)
            client = InferenceClient(self.settings.inference, gap)
        await client.start()
        shared.inference = client
        if not await client.wait_ready(self.settings.inference.cluster.start_timeout_s):
            log.warning("not every deployment answers", deployments=dict(client.status()))

    async def _stop_runtime(self) -> None:
        """A start that is still under way is waited for; one that hangs loses the processes it has made."""
        if self._starting is None:
            return
        await asyncio.wait({self._starting}, timeout=self.settings.stop_s)
        stopping = in_daemon(runtime.stop) if self._starting.done() else None
        if stopping is None or not (await asyncio.wait({stopping}, timeout=STOP_RUNTIME_S))[0]:
            log.warning("the deployments did not stop in time: their processes are ended")
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.terminate()
        self._starting = None

    async def _tick(self) -> None:
        while True:
            self.service.registry.tick()
            await asyncio.sleep(1.0)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.settings.gateways.dead_s)
            try:
                self.service.shared.metrics.gateways.set(
                    len(await self.service.shared.membership.table.living())
                )
                await self.service.registry.sweep()
            except StorageError as error:
                log.error("sessions of dead gateways were not looked for", error=str(error))

    async def _retain(self) -> None:
        while True:
            await delete_expired(self.service.registry, self.service.shared)
            await asyncio.sleep(RETENTION_EVERY_S)


@functools.cache
def _described(version: str) -> str:
    """Most of the time that a start takes, and the same for every server of a process."""
    return document(OPERATIONS, version)


def permitted(settings: Settings) -> Settings:
    """Without the models that the policy of this server forbids: they are not even loaded."""
    inference = settings.inference
    if not settings.affect_allowed(settings.policy) and inference.affect.enabled:
        affect = inference.affect.model_copy(update={"enabled": False})
        inference = inference.model_copy(update={"affect": affect})
    if inference.identity.mode == "face" and not settings.identity_by_face(settings.policy):
        identity = inference.identity.model_copy(update={"mode": "human"})
        inference = inference.model_copy(update={"identity": identity})
    return settings.model_copy(update={"inference": inference})
