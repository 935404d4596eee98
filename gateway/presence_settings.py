"""Settings of the liveness checks that ask something of the candidate, and the weights of all cues."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

# By how much a cue is to be believed. Chosen by hand: no recordings have all cues to fit them to.
WEIGHTS: dict[str, float] = {
    "frames": 1.0,
    "border": 1.0,
    "stillness": 1.0,
    "challenge": 3.0,
    "flash": 2.0,
    "repeated-frames": 1.0,
    "missing-noise": 0.5,
    "clock-mismatch": 0.5,
    "regular-timing": 0.25,
}


class PresenceSettings(BaseModel):
    """Times are seconds. `weights` names every cue that counts; one that is left out counts nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attempts: int = Field(3, ge=1, le=10, description="challenges, until a check by a person is offered")
    steps: int = Field(3, ge=1, le=8)
    flash_attempts: int = Field(3, ge=1, le=10)
    flash_colours: int = Field(12, ge=6, le=30)
    flash_step_s: float = Field(0.6, ge=0.34, description="WCAG 2.3.1: at most three changes a second")
    flash_lead_s: float = Field(2.5, ge=1.6, le=10, description="before the first colour, to get ready")
    clear_support: float = Field(
        0.2, ge=0, le=1, description="an inconspicuous stream says little for a person"
    )
    weights: dict[str, float] = Field(default_factory=lambda: dict(WEIGHTS))

    @field_validator("weights")
    @classmethod
    def _known(cls, weights: dict[str, float]) -> dict[str, float]:
        if unknown := weights.keys() - WEIGHTS.keys():
            raise ValueError(f"no such cue: {', '.join(sorted(unknown))}")
        if not weights or any(not weight > 0 for weight in weights.values()):
            raise ValueError("weights are positive")
        return weights
