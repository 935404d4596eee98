"""Settings of several gateway processes that serve one database."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class GatewaysSettings(BaseModel):
    """Durations are in seconds. Gateways that share a database must agree on `dead_s`, and share the API
    token, the secrets, the keys and the place of recordings.
    """

    model_config = ConfigDict(extra="forbid")

    count: int = Field(default=1, ge=1, le=64, description="gateway processes that `viva serve` starts")
    host: str = Field(default="127.0.0.1", description="where the other gateways reach this one; plain HTTP")
    port: int = Field(default=0, ge=0, le=65535, description="the same; 0: any. Of the n-th of `count`: + n")
    url: str | None = Field(default=None, description="the same as others write it; default: host and port")
    reuse_port: bool = Field(default=False, description="share the public port with other gateways here")
    attach: bool = Field(default=False, description="deployments run already: only connect to them")
    heartbeat_s: float = Field(default=1.0, gt=0)
    dead_s: float = Field(default=5.0, gt=0, description="a gateway silent for so long loses its sessions")
    drain_s: float = Field(
        default=600.0,
        ge=0,
        description="for running sessions to end by themselves after SIGTERM, where another gateway is there",
    )
    proxied: int = Field(default=1000, ge=1, description="requests passed on at the same time")
    proxy_timeout_s: float = Field(default=120.0, gt=0, description="without a byte from the other gateway")
    restart_s: float = Field(default=0.5, gt=0, description="before a dead gateway is started; doubles")
    restart_max_s: float = Field(default=30.0, gt=0)
