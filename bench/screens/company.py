"""Candidates beside the one in the browser: real connections that send a recording."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack
from types import TracebackType
from urllib.parse import urljoin

import aiohttp

from bench.clip import EncodedClip, encode_opus, encode_vp8
from bench.peer import Peer
from bench.screens.stage import Stage
from bench.sound import read_sound
from bench.virtual_camera import FPS, default_sound, frames

SECONDS = 4.0  # then they sit there silently


class Company:
    """`with` it: everybody of `names` sits in their interview; after it they are gone."""

    def __init__(self, stage: Stage, sessions: list[tuple[str, str]]) -> None:
        """`sessions`: id and the candidate's token."""
        self._stage, self._sessions = stage, sessions
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="company")
        self._stop = asyncio.Event()
        self._up = threading.Event()

    def __enter__(self) -> Company:
        self._thread.start()
        self._sitting = asyncio.run_coroutine_threadsafe(self._sit(), self._loop)
        while not self._up.wait(0.2):
            if self._sitting.done():
                self._sitting.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        try:
            self._sitting.result(30)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _sit(self) -> None:
        async with aiohttp.ClientSession() as http, AsyncExitStack() as stack:
            for at, (session, token) in enumerate(self._sessions):
                clip = await asyncio.to_thread(_clip, at % 2 == 0)
                whip = urljoin(self._stage.url + "/", f"whip/{session}")
                peer = await stack.enter_async_context(Peer(http, whip, token, clip))
                await peer.connect(60)
            self._up.set()
            await self._stop.wait()


def _clip(mirrored: bool) -> EncodedClip:
    """Only one photograph may be shown by everybody; the other person is its mirror image."""
    pictures = (frame[:, ::-1].copy() if mirrored else frame for frame in frames(SECONDS, FPS))
    return EncodedClip(
        encode_opus(read_sound(default_sound(), seconds=SECONDS)), encode_vp8(pictures), "company"
    )
