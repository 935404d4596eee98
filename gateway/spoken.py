"""Questions read aloud before anybody needs them: what waits, the one task that renders it, what is ready."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import structlog

from gateway.spoken_settings import SpokenSettings
from gateway.spoken_worker import Done, Order
from interviews.plan import Question
from media.speech_file import Container
from models.speaking.speech import Language
from storage.spoken import SpokenFile, SpokenFiles

AGAIN_S = 60.0  # after which what was not to be had is tried anew, when somebody asks
BUSY_S = 0.5
WAITING = 5000  # texts; the last are forgotten: whoever asks for one puts it in front
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Standing = Literal["waiting", "none", "unavailable"]
log = structlog.get_logger("viva.spoken")


class Spoken:
    """Lives on one event loop; the rendering is another process's, started with the first text."""

    def __init__(self, folder: Path, settings: SpokenSettings) -> None:
        self._folder = folder
        self._files = SpokenFiles(folder)
        self._settings = settings
        self._waiting: OrderedDict[str, Order] = OrderedDict()
        self._refused: OrderedDict[str, Standing] = OrderedDict()  # for AGAIN_S, the unspeakable for good
        self._news = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def waiting(self) -> tuple[Order, ...]:
        """What is still to be rendered, the next first."""
        return tuple(self._waiting.values())

    def want(self, questions: Iterable[Question]) -> None:
        """Have them read aloud in every language that they are written in."""
        for question in questions:
            for language in LANGUAGES:
                if text := question.text.get(language, "").strip():
                    self._put(Order(text=text, language=language), first=False)

    def want_texts(self, texts: Mapping[Language, str]) -> None:
        """Have them read aloud before all else: somebody is about to hear them."""
        for language, text in texts.items():
            self._put(Order(text=text, language=language), first=True)

    async def ready(self, text: str, language: Language, kind: Container) -> SpokenFile | Standing:
        """The file; else what to tell the one who asked, and the text comes next. Raises OSError."""
        order = Order(text=text.strip(), language=language)
        if not order.text:
            return "none"
        file = await asyncio.to_thread(self._files.read, order.key, kind)
        if file is not None:
            return file
        if refused := self._refused.get(order.key):
            return refused
        self._put(order, first=True)
        return "waiting"

    async def run(self) -> None:
        """Until cancelled; then the process is ended."""
        try:
            while True:
                await self._next()
        finally:
            await self._stop()

    def _put(self, order: Order, *, first: bool) -> None:
        if order.key in self._refused:
            return
        self._waiting.setdefault(order.key, order)
        if first:
            self._waiting.move_to_end(order.key, last=False)
        while len(self._waiting) > WAITING:
            self._waiting.popitem()
        self._news.set()

    async def _next(self) -> None:
        if not self._waiting:
            self._news.clear()
            try:
                async with asyncio.timeout(self._settings.idle_s if self._process else None):
                    await self._news.wait()
            except TimeoutError:
                await self._stop()
            return
        key, order = next(iter(self._waiting.items()))
        done = await self._render(order)
        if done.state == "busy":
            await asyncio.sleep(BUSY_S)
            return
        self._waiting.pop(key, None)
        if done.state in ("rendered", "kept"):
            return
        log.warning("a question was not read aloud", language=order.language, why=done.reason)
        if done.state == "unspeakable":
            self._refused[key] = "none"
        else:
            self._refused[key] = "unavailable"
            asyncio.get_running_loop().call_later(AGAIN_S, self._refused.pop, key, None)
        while len(self._refused) > WAITING:
            self._refused.popitem(last=False)

    async def _render(self, order: Order) -> Done:
        try:
            async with asyncio.timeout(self._settings.patience_s):
                return await self._ask(order)
        except TimeoutError:
            await self._stop()
            return Done(state="failed", reason=f"took longer than {self._settings.patience_s} s")
        except (OSError, ValueError) as error:  # the process ended, or could not be started
            await self._stop()
            return Done(state="failed", reason=str(error) or repr(error))

    async def _ask(self, order: Order) -> Done:
        if self._process is None:
            command = (sys.executable, "-m", "gateway.spoken_worker", str(self._folder))
            self._process = await asyncio.create_subprocess_exec(
                *command,
                str(self._settings.max_mb),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the gateway, which then closes the input
            )
        into, back = self._process.stdin, self._process.stdout
        if into is None or back is None:
            raise ValueError("no pipe to the process that renders")
        into.write(order.model_dump_json().encode() + b"\n")
        await into.drain()
        return Done.model_validate_json(await back.readline())

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # a file that is being written has another name yet
        await process.wait()
