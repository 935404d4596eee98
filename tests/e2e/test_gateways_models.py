"""`viva serve --gateways 2` as an operator runs it: two gateways, one process with the models."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.gateway.processes import API_TOKEN, environment

READY_S, END_S = 120, 40


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


async def ready(http: aiohttp.ClientSession, url: str) -> None:
    while True:
        with contextlib.suppress(aiohttp.ClientError):
            async with http.get(f"{url}/readyz") as answer:
                if answer.status == 200:
                    return
        await asyncio.sleep(0.5)


async def asked(http: aiohttp.ClientSession, method: str, url: str, **given: Any) -> Any:
    async with http.request(method, url, **given) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


async def test_two_gateways_share_one_cluster(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.cli", "serve", "--gateways", "2", "--port", url.rsplit(":", 1)[1]),
        env=environment(tmp_path),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"}) as http:
            async with asyncio.timeout(READY_S):
                await ready(http, url)
                listed = (await asked(http, "GET", f"{url}/api/v1/gateways"))["gateways"]
                assert len(listed) == 2
                for gateway in listed:
                    await ready(http, gateway["url"])
            wish = {"candidate": "Li Lei", "language": "zh"}
            made = await asked(http, "POST", f"{url}/api/v1/sessions", json=wish)
            for gateway in listed:
                seen = await asked(http, "GET", f"{gateway['url']}/api/v1/sessions/{made['id']}")
                assert seen["candidate"] == "Li Lei"
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(END_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
