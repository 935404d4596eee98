"""The link as the candidate's browser sees it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interviews.payload import Payload

Limit = Literal["none", "cpu", "bandwidth", "other"]


class LinkReported(Payload):
    """The sender's side over the page's last interval (W3C, "Identifiers for WebRTC's Statistics API").

    Round trip, loss and jitter are what the server's own reports told the browser; `kbps` and `fps` are of
    what it sent; `limited`: why the picture is smaller or rarer than wanted. None: the browser does not say.
    """

    type: Literal["link.reported"] = "link.reported"
    rtt_ms: float | None = Field(default=None, ge=0, le=60_000)
    loss: float | None = Field(default=None, ge=0, le=1)
    jitter_ms: float | None = Field(default=None, ge=0, le=60_000)
    kbps: float | None = Field(default=None, ge=0, le=1e6)
    fps: float | None = Field(default=None, ge=0, le=1000)
    limited: Limit | None = None
