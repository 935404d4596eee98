"""Settings of people's accounts and of how they sign in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class OidcSettings(BaseModel):
    """The organisation's own identity provider (OpenID Connect Core 1.0, discovery at `issuer`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(pattern=r"^https?://")
    client_id: str
    client_secret: SecretStr
    timeout_s: float = Field(10.0, gt=0, description="for each request to the provider")


class PeopleSettings(BaseModel):
    """Times are seconds. NIST SP 800-63B-4 says what is asked of passwords: length, and nothing of kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr | None = Field(
        None, min_length=32, description="seals second factors; default: a file of mode 0600 under `data`"
    )
    idle_s: float = Field(4 * 3600, gt=0, description="without a request, until one must sign in again")
    lifetime_s: float = Field(16 * 3600, gt=0, description="the same, however busy")
    password_length: int = Field(12, ge=8, le=128, description="the least")
    free_attempts: int = Field(5, ge=1, description="failures in a row of one account that cost no waiting")
    free_attempts_address: int = Field(20, ge=1, description="the same of one address, and of a link there")
    first_wait_s: float = Field(2.0, gt=0, description="after the next failure; doubles with each more")
    longest_wait_s: float = Field(900.0, gt=0)
    audit_lists_s: float = Field(
        900.0, ge=0, description="a list that a page asks for again and again is audited once in so long"
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="addresses whose X-Forwarded-For says where a request came from"
    )
    oidc: OidcSettings | None = None
