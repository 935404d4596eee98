"""The API client against a real HTTP server on loopback that cuts, refuses and comments as servers do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.server import Server, ServerError


def line(seq: int, kind: str) -> bytes:
    event = {"session": "s", "seq": seq, "media_time": 0.0, "data": {"type": kind}}
    ident = f"id: {seq}\n" if seq else ""
    return f"{ident}event: {kind}\ndata: {json.dumps(event)}\n\n".encode()


class Cutting:
    """Sends two events, cuts the line in the middle of a third, and goes on from Last-Event-ID."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def events(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers["Last-Event-ID"])
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if len(self.asked) == 1:
            await response.write(b": here\n\n" + line(1, "session.created") + line(0, "sound.level"))
            await response.write(line(2, "session.connected")[:20])
            assert request.transport
            request.transport.abort()
        else:
            await response.write(line(2, "session.connected") + line(3, "result.ready"))
        return response

    async def full(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        problem = {"code": "inference.full", "detail": "every place is taken", "status": 503}
        return web.json_response(problem, status=503, content_type="application/problem+json")


@pytest.fixture
async def served() -> AsyncIterator[tuple[Server, Cutting]]:
    cutting = Cutting()
    app = web.Application()
    app.router.add_get("/api/v1/sessions/s/events", cutting.events)
    app.router.add_post("/api/v1/sessions", cutting.full)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        yield Server(http, str(server.make_url("/")), "secret"), cutting


async def test_a_cut_event_stream_goes_on_where_it_stopped(served: tuple[Server, Cutting]) -> None:
    server, cutting = served
    received = [(one.event["seq"], one.type) async for one in server.events("s")]
    assert received == [
        (1, "session.created"),
        (0, "sound.level"),
        (2, "session.connected"),
        (3, "result.ready"),
    ]
    assert cutting.asked == ["0", "1"]


async def test_a_refusal_is_told_in_the_servers_words(served: tuple[Server, Cutting]) -> None:
    server, _ = served
    with pytest.raises(ServerError, match=r"503 inference\.full: every place is taken"):
        await server.create_session("A", "en")


async def test_nobody_there_is_said_with_what_to_do(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(
            ServerError, match=f"no server answers at http://127.0.0.1:{unused_tcp_port}.*make serve"
        ):
            await Server(http, f"http://127.0.0.1:{unused_tcp_port}/", "t").wait_ready(1)
