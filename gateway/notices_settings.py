"""Settings of invitations and of the notices about them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from integrations.smtp import SmtpSettings


class NoticesSettings(BaseModel):
    """Durations are in seconds unless named otherwise. Without `smtp` notices wait in the outbox."""

    model_config = ConfigDict(extra="forbid")

    smtp: SmtpSettings | None = None
    timezone: str = Field(default="Asia/Shanghai", description="of the times in notices")
    expires_days: float = Field(default=7.0, gt=0, le=180, description="how long an invitation is good")
    longest_days: float = Field(default=180.0, gt=0, le=366, description="no link is good for longer")
    every_s: float = Field(default=2.0, gt=0, description="between looks into the outbox")
    lease_s: float = Field(default=180.0, gt=0, description="a notice claimed for so long is claimed anew")
    attempts: int = Field(default=8, ge=1, description="claims, before a notice has failed")
    backoff_s: float = Field(default=60.0, gt=0, description="after the first; doubles")
    backoff_max_s: float = Field(default=3600.0, gt=0)

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("no such time zone") from error
        return name

    @model_validator(mode="after")
    def _outlasts(self) -> NoticesSettings:
        if self.smtp is not None and self.lease_s <= self.smtp.deadline_s:
            raise ValueError("lease_s must be longer than smtp.deadline_s, or two gateways send the same")
        return self
