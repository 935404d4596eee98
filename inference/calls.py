"""One deployment as the gateway sees it: calls with a deadline, and whether it is there at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal

import structlog

from inference.messages import Deployment
from inference.ray_flags import set_flags

State = Literal["starting", "ready", "lost", "off"]
OnGap = Callable[[Deployment, Literal["lost", "recovered"], float], None]

_PROBE_S = 0.5
_log = structlog.get_logger(__name__)


class InferenceUnavailable(Exception):
    """The deployment is lost, full, or did not answer in time. The same call may be made again."""


class InferenceFailed(Exception):
    """The deployment answered with an error of its own; the same call would fail again."""


class Callee:
    """Lives on one event loop. Tells `on_gap` once when the deployment is lost and once when it is back.

    A replica that died between two calls makes the next one wait until there is another, with no error: what
    does not answer within `stall_s` therefore counts as lost too, though the call goes on to its deadline. A
    call that fails although a later moment brought an answer says nothing about the deployment: it waited for
    a replica that is gone.
    `application`: the one that the deployment runs in, where there are several; of its own name without.
    """

    def __init__(
        self,
        name: Deployment,
        deadline_s: float,
        on_gap: OnGap,
        *,
        stall_s: float | None = None,
        application: str | None = None,
    ) -> None:
        self.name = name
        self.application = application or name
        self.deadline_s = deadline_s
        self._stall_s = stall_s
        self.state: State = "starting"
        self.model = ""
        self.ready = asyncio.Event()
        self._on_gap = on_gap
        self._handle: Any = None
        self._lost_at = 0.0
        self._answered_at = 0.0
        self._probe: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        """Raises KeyError when the deployment is not part of the running application."""
        set_flags()
        from ray import serve

        self._handle = serve.get_deployment_handle(self.name, self.application)
        self._probe = asyncio.create_task(self._probe_until_ready())

    async def close(self) -> None:
        self._closed = True
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)

    async def call(self, method: str, *args: Any, deadline_s: float | None = None) -> Any:
        """Raises InferenceUnavailable or InferenceFailed."""
        stalled, began = None, time.monotonic()
        if self._stall_s is not None:
            late = InferenceUnavailable(f"{self.application} has not answered for {self._stall_s:g} s")
            stalled = asyncio.get_running_loop().call_later(self._stall_s, self._lose, late, began)
        try:
            result = await self._call(method, args, deadline_s or self.deadline_s)
        except InferenceUnavailable as error:
            self._lose(error, began)
            raise
        finally:
            if stalled is not None:
                stalled.cancel()
        self._recover()
        return result

    async def _call(self, method: str, args: tuple[Any, ...], deadline_s: float) -> Any:
        set_flags()
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import BackPressureError, RayServeException

        if self._handle is None:
            raise InferenceUnavailable(f"{self.application} is not started")
        try:
            async with asyncio.timeout(deadline_s):
                return await getattr(self._handle, method).remote(*args)
        except TimeoutError as error:
            raise InferenceUnavailable(
                f"{self.application} did not answer within {deadline_s:g} s"
            ) from error
        except BackPressureError as error:
            raise InferenceUnavailable(f"{self.application} is full") from error
        except RayTaskError as error:
            raise InferenceFailed(f"{self.name}: {error.cause!r}") from error
        except (RayError, RayServeException, ConnectionError) as error:
            raise InferenceUnavailable(f"{self.name}: {type(error).__name__}") from error
        except asyncio.CancelledError:
            # The router cancels what it still holds when it shuts down; our own cancellation goes on.
            task = asyncio.current_task()
            if self._closed or (task is not None and task.cancelling()):
                raise
            raise InferenceUnavailable(f"{self.name}: the call was cancelled") from None
        except Exception as error:
            raise InferenceFailed(f"{self.name}: {error!r}") from error

    def _lose(self, error: Exception, began: float) -> None:
        if self._answered_at > began:
            return
        if self.state == "ready":
            self.state = "lost"
            self.ready.clear()
            self._lost_at = time.monotonic()
            _log.warning("deployment lost", deployment=self.application, error=str(error))
            self._tell("lost", 0.0)
        if not self._closed and (self._probe is None or self._probe.done()):
            self._probe = asyncio.create_task(self._probe_until_ready())

    def _recover(self) -> None:
        self._answered_at = time.monotonic()
        was, self.state = self.state, "ready"
        self.ready.set()
        if was == "lost":
            gap_s = time.monotonic() - self._lost_at
            _log.info("deployment recovered", deployment=self.application, gap_s=round(gap_s, 2))
            self._tell("recovered", gap_s)

    def _tell(self, state: Literal["lost", "recovered"], gap_s: float) -> None:
        try:
            self._on_gap(self.name, state, gap_s)
        except Exception:
            _log.exception("a gap's receiver failed", deployment=self.name)

    async def _probe_until_ready(self) -> None:
        while self.state != "ready" or not self.model:
            try:
                self.model = await self._call("ping", (), self.deadline_s)
            except (InferenceUnavailable, InferenceFailed):
                await asyncio.sleep(_PROBE_S)
            else:
                self._recover()
