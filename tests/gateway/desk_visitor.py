"""Somebody at a browser: keeps cookies, and sends what the pages send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.gateway.conftest import Json, Running

PASSWORD = "correct horse battery"
CHIEF = "chief@example.com"


class Visitor:
    def __init__(self, running: Running, http: aiohttp.ClientSession) -> None:
        self.running, self.http = running, http
        self.csrf = ""

    @property
    def cookie(self) -> str:
        """The token of the sign-in."""
        return next((one.value for one in self.http.cookie_jar if one.key == "viva"), "")

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        url = self.running.server.url
        given = {"Sec-Fetch-Site": "same-origin", "Origin": url, "X-CSRF-Token": self.csrf}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value}
        async with self.http.request(
            method, url + path, json=body, headers=given, allow_redirects=False
        ) as answer:
            self.answer = answer
            if answer.content_type.endswith("json"):
                return answer.status, await answer.json()
            return answer.status, await answer.text()

    async def sign_in(self, email: str = CHIEF, password: str = PASSWORD) -> Json:
        status, said = await self.call("POST", "/api/v1/signin", {"email": email, "password": password})
        assert status == 200, said
        return await self.look() if said["complete"] else dict(said)

    async def look(self) -> Json:
        status, me = await self.call("GET", "/api/v1/me")
        assert status == 200, me
        self.csrf = me["csrf"]
        return dict(me)


@asynccontextmanager
async def visitor(running: Running) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Visitor(running, http)


async def set_up(running: Running) -> None:
    """The first administrator, CHIEF."""
    code = running.server.service.desk.setup_file.read_text()
    body = {"code": code, "email": CHIEF, "name": "Chief", "password": PASSWORD}
    status, said, _ = await running.call("POST", "/api/v1/signin/setup", body, token=None)
    assert status == 200, said


async def hire(running: Running, email: str, role: str, branch: str = "head") -> Json:
    body = {"email": email, "name": email.split("@")[0], "role": role, "branch": branch, "password": PASSWORD}
    status, made, _ = await running.call("POST", "/api/v1/people", body)
    assert status == 201, made
    return dict(made)


async def open_branch(running: Running, id_: str, parent: str = "head") -> None:
    body = {"id": id_, "parent": parent, "name": {"en": id_, "zh": id_}}
    status, made, _ = await running.call("POST", "/api/v1/branches", body)
    assert status == 201, made
