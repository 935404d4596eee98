"""The pages and their assets: plain files of this distribution, revalidated by ETag on every use."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gateway.problems import Problem

PAGES = Path(__file__).parent / "pages"
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
TEXT = ("text/", "application/json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class _File:
    modified: int
    content: bytes
    etag: str


class Pages:
    """Serves files below `root` alone. Files are small and kept in memory until they change on disk."""

    def __init__(self, root: Path = PAGES) -> None:
        self._root = root.resolve()
        self._files: dict[Path, _File] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page("hr.html")),
            web.get("/hr", self._page("hr.html")),
            web.get("/signin", self._page("signin.html")),
            web.get("/candidate", self._page("candidate.html")),
            web.get("/i/{token}", self._page("candidate.html")),
            web.get("/static/{path:.+}", self._asset),
        ]

    def _page(self, name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def page(request: web.Request) -> web.Response:
            return self._send(request, self._root / name)

        return page

    async def _asset(self, request: web.Request) -> web.Response:
        return self._send(request, self._root / "static" / request.match_info["path"])

    def _send(self, request: web.Request, path: Path) -> web.Response:
        file = self._read(path)
        headers = {"ETag": f'"{file.etag}"', "Cache-Control": "no-cache"}
        matches = request.headers.get("If-None-Match", "")
        if f'"{file.etag}"' in (tag.strip().removeprefix("W/") for tag in matches.split(",")):
            return web.Response(status=304, headers=headers)
        kind = TYPES[path.suffix]
        charset = "utf-8" if kind.startswith(TEXT) else None
        return web.Response(body=file.content, content_type=kind, charset=charset, headers=headers)

    def _read(self, path: Path) -> _File:
        try:
            path = path.resolve()
            if not path.is_relative_to(self._root) or path.suffix not in TYPES:
                raise Problem("request.not-found")
            modified = path.stat().st_mtime_ns
            known = self._files.get(path)
            if known is None or known.modified != modified:
                content = path.read_bytes()
                known = _File(modified, content, hashlib.sha256(content).hexdigest()[:20])
                self._files[path] = known
        except (OSError, ValueError):  # ValueError: a null byte in the name
            raise Problem("request.not-found") from None
        return known
