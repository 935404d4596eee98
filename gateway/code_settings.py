"""Settings of coding questions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CodeSettings(BaseModel):
    """Off: code is kept and shown, and people read it; nothing is run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    at_once: int = Field(2, ge=1, le=8, description="programs that run at the same time")
    nice: int = Field(19, ge=0, le=19, description="19: packets never wait for it, it waits for everything")
    queue: int = Field(32, ge=1, description="runs that may wait; submissions wait in any case")
    idle_s: float = Field(60.0, ge=0, description="without work, then the process that runs code ends")
    patience_s: float = Field(300.0, gt=0, description="for one program with all its cases")
    save_every_s: float = Field(1.0, gt=0, description="between two snapshots of the same code")
    save_bytes_s: float = Field(4096.0, gt=0, description="of snapshots on the log: larger ones come rarer")
    run_every_s: float = Field(2.0, ge=0, description="between two runs of one candidate")
    max_runs: int = Field(200, ge=1, description="of one question by one candidate")
