"""What the sign-in and the administration of people take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    SecretStr,
    StringConstraints,
)

from interviews.dimensions import ByLanguage, Id
from interviews.events import Policy
from interviews.roles import Branch, Permission, Role

PersonName = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
BranchId = Annotated[str, StringConstraints(pattern=Id)]
Password = Annotated[SecretStr, Field(max_length=128)]
Code = Annotated[str, StringConstraints(min_length=6, max_length=40, strip_whitespace=True)]


def _rfc3339(value: object) -> object:
    """A bare number would pass for seconds since 1970."""
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("a date with a time and an offset, RFC 3339")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInState(BaseModel):
    """What the sign-in page offers."""

    setup: bool = Field(description="nobody has an account yet: the setup code makes the first")
    provider: bool = Field(description="the organisation's identity provider is configured")
    password_length: int


class Credentials(_Asked):
    email: str = Field(max_length=254)
    password: Password


class Setup(_Asked):
    """`code`: from the file `setup-code` in the server's data folder."""

    code: str = Field(max_length=100)
    email: EmailStr
    name: PersonName
    password: Password


class SecondFactor(_Asked):
    """Six digits of an authenticator, or a recovery code."""

    code: Code


class SignedIn(BaseModel):
    complete: bool = Field(description="false: the second factor is asked for at /api/v1/signin/totp")


class PersonView(BaseModel):
    id: str
    email: str
    name: str
    role: Role
    branch: str
    second_factor: bool
    disabled: bool
    created_at: datetime


class Me(BaseModel):
    person: PersonView
    role: Role
    branch: str
    reach: list[str] = Field(description="the branch and all below it")
    permissions: list[Permission]
    csrf: str = Field(description="for the header X-CSRF-Token of every request that changes something")


class PasswordChange(_Asked):
    old: Password
    new: Password


class Enrolment(BaseModel):
    """Counts once a code of it was shown."""

    uri: str
    svg: str = Field(description="the same as a QR code")
    secret: str


class RecoveryCodes(BaseModel):
    """Shown this once. Each signs in once in place of a code."""

    codes: list[str]


class EnrolAsked(_Asked):
    """`code`: of the second factor that there is already."""

    password: Password
    code: str = Field(default="", max_length=40)


class NewPerson(_Asked):
    """Without a password: by the identity provider alone."""

    email: EmailStr
    name: PersonName
    role: Role
    branch: BranchId
    password: Password | None = None


class PersonChange(_Asked):
    """What is left out stays. A new password, another role or branch, and `disabled` end all sign-ins."""

    name: PersonName | None = None
    role: Role | None = None
    branch: BranchId | None = None
    password: Password | None = None
    disabled: bool | None = None
    drop_second_factor: bool = False


class PersonList(BaseModel):
    people: list[PersonView]


class BranchList(BaseModel):
    branches: list[Branch]


class BranchChange(_Asked):
    parent: BranchId | None = None
    name: ByLanguage = Field(min_length=1)
    policy: Policy | None = Field(default=None, description="none: the parent's")


class NewBranch(BranchChange):
    id: BranchId
    parent: BranchId


class AuditView(BaseModel):
    """`hash`: SHA-256 over the hash before it and this content."""

    seq: int
    at: datetime
    person: str | None
    role: str
    branch: str | None
    action: str
    subject_kind: str
    subject: str
    session: str | None
    request: str
    outcome: str
    hash: str


class AuditPage(BaseModel):
    entries: list[AuditView] = Field(description="newest first")


class AuditQuery(_Asked):
    person: str | None = Field(default=None, max_length=40)
    session: str | None = Field(default=None, max_length=64)
    action: str | None = Field(default=None, max_length=60)
    since: Instant | None = None
    until: Instant | None = None
    before: int | None = Field(default=None, ge=1, le=2**31 - 1, description="only entries below this number")
    limit: int = Field(default=100, ge=1, le=1000)


class AuditExportQuery(AuditQuery):
    format: Literal["jsonl", "csv"] = "jsonl"
    limit: int = Field(default=100_000, ge=1, le=1_000_000)


class AuditVerdict(BaseModel):
    whole: bool
    broken_at: int | None = Field(description="the first number at which the chain does not hold")


class CallbackQuery(BaseModel):
    """RFC 6749 section 4.1.2; providers may add more."""

    code: str | None = Field(default=None, max_length=4096)
    state: str | None = Field(default=None, max_length=200)
    error: str | None = Field(default=None, max_length=200)
