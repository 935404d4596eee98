"""HTTP range requests (RFC 9110 section 14) for one representation with a strong ETag."""

from __future__ import annotations

import re

from aiohttp import web

from gateway.problems import Problem

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


def asked_range(request: web.Request, etag: str, size: int) -> tuple[int, int] | None:
    """(first byte, byte after the last) that the request asks for; None: the whole.

    Ignored, as section 14.2 allows: other units, several ranges at once, malformed ones, and a range whose
    If-Range names another file. Raises Problem recording.range (416) for one that lies outside the file.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or request.headers.get("If-Range", etag).strip() != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:  # the last so many bytes
        start, end = max(0, size - int(last)), size
        unsatisfiable = int(last) == 0 or size == 0
    else:
        start, end = int(first), size if not last else min(size, int(last) + 1)
        if last and int(last) < start:
            return None
        unsatisfiable = start >= size
    if unsatisfiable:
        raise Problem("recording.range", headers={"Content-Range": f"bytes */{size}"})
    return start, end


def unchanged(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match names what would be sent."""
    given = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return etag in tags or "*" in tags
