"""What the HTTP handlers work with: the sessions of this process, and everything about the server itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version

import structlog

from gateway.auth import Tokens
from gateway.desk import Desk
from gateway.looplag import LoopLag
from gateway.memory import Memory
from gateway.ports import DeploymentState
from gateway.proxy import Proxy
from gateway.registry import Registry
from gateway.shared import Shared
from gateway.turn import IceServer, ice_servers
from storage.errors import StorageError

log = structlog.get_logger("viva.service")


@dataclass(slots=True)
class Service:
    shared: Shared
    registry: Registry
    tokens: Tokens
    lag: LoopLag
    memory: Memory
    proxy: Proxy
    desk: Desk
    reweighing: asyncio.Lock = field(default_factory=asyncio.Lock)
    printing: asyncio.Lock = field(default_factory=asyncio.Lock)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    draining: asyncio.Task[None] | None = None
    stopping: bool = False
    version: str = field(default_factory=lambda: version("viva"))

    def drain(self) -> None:
        """Take no new sessions, let the running ones end for `gateways.drain_s`; then set `drained`."""
        if self.draining is None:
            self.draining = asyncio.create_task(self._drain(), name="drain")

    async def _drain(self) -> None:
        until = time.monotonic() + self.shared.settings.gateways.drain_s
        log.info("draining", sessions=self.registry.live())
        try:
            await self.shared.membership.drain()
            await self.registry.release()
            while self.registry.busy and time.monotonic() < until:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        except StorageError as error:
            log.error("draining ends early", error=str(error))
        self.drained.set()

    @property
    def token_lifetime(self) -> timedelta:
        return timedelta(seconds=self.shared.settings.token_ttl_s)

    def ice_servers(self, label: str) -> list[IceServer]:
        settings = self.shared.settings
        secret = settings.turn_secret.get_secret_value() if settings.turn_secret else None
        return ice_servers(settings.stun_urls, settings.turn_urls, secret, label, settings.turn_ttl_s)

    def deployments(self) -> dict[str, DeploymentState]:
        """All by name; `starting` until inference is there to ask."""
        inference = self.shared.inference
        found: dict[str, DeploymentState] = {}
        if inference:
            found.update((str(name), state) for name, state in inference.status().items())
        enabled: set[str] = set(self.shared.settings.inference.deployments())
        if self.shared.settings.inference.identity.mode == "face":
            enabled.add("FaceIdentity")
        names = ("SpeechRecognition", "FacialAffect", "Liveness", "FaceIdentity", "AnswerQuality")
        return {name: found.get(name, "starting" if name in enabled else "off") for name in names}

    def captions_interval_s(self) -> float:
        inference = self.shared.inference
        base = self.shared.settings.inference.speech.partial_interval_s
        return round(inference.speech.partial_interval_s if inference else base, 3)

    def dropped(self) -> dict[str, int]:
        """By kind: pictures and such dropped here, and what the inference client dropped per deployment."""
        here = self.shared.metrics.by_label("viva_dropped_total", "kind")
        inference = self.shared.inference
        return {**here, **({str(k): n for k, n in inference.dropped.items()} if inference else {})}
