"""What the gateway asks to run code: a bounded queue in front of a few processes that do it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterable

import structlog

from gateway.code_runner.messages import Able, Answer, Order, Outcome, Probe, Program
from gateway.code_settings import CodeSettings
from interviews.coding import CodeLanguage

LINE = 4 << 20  # bytes of the longest answer
log = structlog.get_logger("viva.code")


class Busy(Exception):
    """As many programs wait as may."""


class CodeRunner:
    """Lives on one event loop. Its processes start with the first program and end when there is none."""

    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(settings.at_once)
        self._lanes = [_Lane(settings) for _ in range(settings.at_once)]
        self._waiting = 0
        self._probes: dict[CodeLanguage, asyncio.Task[Able]] = {}

    def known(self, language: CodeLanguage) -> Able | None:
        """Whether it can be run here; None until that is known: whoever needs it begins with `warm`."""
        if not self._settings.enabled:
            return Able(fault="turned off")
        probe = self._probes.get(language)
        return probe.result() if probe is not None and probe.done() else None

    def warm(self, languages: Iterable[CodeLanguage]) -> None:
        """Find out in the background whether they can be run here."""
        for language in languages:
            if self._settings.enabled and language not in self._probes:
                self._probes[language] = asyncio.create_task(
                    self._probe(language), name=f"code-probe-{language}"
                )

    async def able(self, language: CodeLanguage) -> Able:
        self.warm([language])
        probe = self._probes.get(language)
        return await asyncio.shield(probe) if probe is not None else Able(fault="turned off")

    async def run(self, program: Program, *, waits: bool = False) -> Outcome:
        """Raises Busy, where it does not wait in any case. Never anything else."""
        able = await self.able(program.language)
        if able.fault:
            return Outcome(outcome="no-sandbox", why=able.fault)
        if self._waiting >= self._settings.queue and not waits:
            raise Busy
        done = await self._ask(Order(order=program))
        if isinstance(done, Able):
            return Outcome(outcome="failed", why="it answered something else")
        if done.outcome != "ran":
            log.warning("code was not run", language=program.language, outcome=done.outcome, why=done.why)
        return done

    async def close(self) -> None:
        for probe in self._probes.values():
            probe.cancel()
        for lane in self._lanes:
            await lane.stop()

    async def _probe(self, language: CodeLanguage) -> Able:
        done = await self._ask(Order(order=Probe(probe=language)))
        able = done if isinstance(done, Able) else Able(fault=done.why)
        if able.fault:
            log.warning("this language is not run here", language=language, why=able.fault)
        return able

    async def _ask(self, order: Order) -> Outcome | Able:
        self._waiting += 1
        try:
            async with self._free:
                lane = self._lanes.pop()
                try:
                    return await lane.ask(order)
                finally:
                    self._lanes.append(lane)
        finally:
            self._waiting -= 1


class _Lane:
    """One process, and what it does now."""

    def __init__(self, settings: CodeSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def ask(self, order: Order) -> Outcome | Able:
        if self._idle:
            self._idle.cancel()
        try:
            async with asyncio.timeout(self._settings.patience_s):
                answer = await self._answer(order)
        except TimeoutError:
            await self.stop()
            return Outcome(outcome="failed", why=f"took longer than {self._settings.patience_s} s")
        except (OSError, ValueError) as error:  # the process ended, or could not be started
            await self.stop()
            return Outcome(outcome="failed", why=str(error) or repr(error))
        except asyncio.CancelledError:  # what it does now must not answer the next question
            await self.stop()
            raise
        self._idle = asyncio.get_running_loop().call_later(self._settings.idle_s, self._rest)
        return answer

    async def _answer(self, order: Order) -> Outcome | Able:
        if self._stopping:
            await self._stopping
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "gateway.code_runner.worker", str(self._settings.nice)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LINE,
                start_new_session=True,  # no terminal; Ctrl-C is for the gateway, which then closes the input
            )
        into, back = self._process.stdin, self._process.stdout
        if into is None or back is None:
            raise ValueError("no pipe to the process that runs code")
        into.write(order.model_dump_json().encode() + b"\n")
        await into.drain()
        return Answer.model_validate_json(await back.readline()).answer

    def _rest(self) -> None:
        self._stopping = asyncio.create_task(self.stop(), name="code-rest")

    async def stop(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # its sandboxes die with it
        await process.wait()
