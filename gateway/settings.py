"""Settings of the whole server: `viva.toml`, overridden by `VIVA_PORT`, `VIVA_MEDIA__FACE_FPS` and so on."""

from __future__ import annotations

import os
import tomllib
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gateway.code_settings import CodeSettings
from gateway.conduct_settings import ConductSettings
from gateway.gateways_settings import GatewaysSettings
from gateway.notices_settings import NoticesSettings
from gateway.people_settings import PeopleSettings
from gateway.presence_settings import PresenceSettings
from gateway.spoken_settings import SpokenSettings
from inference.settings import InferenceSettings
from interviews.events import Policy
from media.settings import MediaSettings

_config: ContextVar[Path | None] = ContextVar("config", default=None)


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "viva"


class Settings(BaseSettings):
    """Durations are in seconds. Secrets left empty are made on first start and kept under `data`."""

    model_config = SettingsConfigDict(env_prefix="VIVA_", env_nested_delimiter="__", extra="forbid")

    # where it listens
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0: any free port")
    public_url: str | None = Field(default=None, description="as others reach it; links are made from it")
    tls: str | None = Field(default=None, description="`self-signed`, or CERTIFICATE,KEY files")
    cors_origins: tuple[str, ...] = Field(
        default=(), description="other origins whose pages may call the API"
    )

    # what it keeps, and for whom
    data: Path = Field(default_factory=_data_home)
    database_url: str | None = Field(default=None, description="default: SQLite under `data`")
    api_token: SecretStr | None = None
    token_secret: SecretStr | None = Field(default=None, description="signs the tokens of sessions")
    token_ttl_s: float = Field(default=24 * 3600, gt=0, description="how long an invitation is good for")

    face_key: SecretStr | None = Field(
        default=None, min_length=32, description="seals face references; a new one makes the old unreadable"
    )
    # recordings, of those who agreed
    recordings_url: str | None = Field(default=None, description="a folder, or s3://…; default: under `data`")
    media_key: SecretStr | None = Field(
        default=None,
        description="wraps the recordings' keys: 32 bytes as base64; default: a file of mode 0600",
    )
    retention_days: float = Field(default=30.0, gt=0, description="recordings are deleted after so long")
    playback_link_s: float = Field(default=900.0, gt=0, description="how long a link to a recording is good")

    # ICE servers that browsers are told of
    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: SecretStr | None = None
    turn_ttl_s: float = Field(default=4 * 3600, gt=0)

    # how sessions run
    policy: Policy = "CN"
    affect: Literal["off", "observe"] = "observe"
    max_live: int = Field(default=16, ge=1, description="sessions with media at the same time")
    max_viewers: int = Field(default=8, ge=1, description="who may watch one session at the same time")
    grace_s: float = Field(default=60.0, ge=0, description="to come back in after the connection was lost")
    check_grace_s: float = Field(default=600.0, ge=0, description="the same before the first question")
    drain_s: float = Field(default=30.0, ge=0, description="for the last words to be transcribed at the end")
    rating_patience_s: float = Field(
        default=600.0, ge=0, description="to wait for AnswerQuality to come back"
    )
    stop_s: float = Field(default=15.0, ge=0, description="for live sessions to end when the server stops")
    ping_s: float = Field(default=15.0, gt=0, description="between comments on a quiet event stream")
    retry_after_s: int = Field(default=5, ge=1)

    log: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    gateways: GatewaysSettings = Field(default_factory=GatewaysSettings)
    people: PeopleSettings = Field(default_factory=PeopleSettings)
    conduct: ConductSettings = Field(default_factory=ConductSettings)
    presence: PresenceSettings = Field(default_factory=PresenceSettings)
    spoken: SpokenSettings = Field(default_factory=SpokenSettings)
    code: CodeSettings = Field(default_factory=CodeSettings)
    notices: NoticesSettings = Field(default_factory=NoticesSettings)
    media: MediaSettings = Field(default_factory=MediaSettings)
    inference: InferenceSettings = Field(default_factory=InferenceSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, toml_file=_config.get())
        return init_settings, env_settings, toml

    @classmethod
    def load(cls, config: Path | None = None, **given: Any) -> Settings:
        """`given` wins over the environment, that over the file.

        Raises OSError or tomllib.TOMLDecodeError for the file, pydantic.ValidationError for what it says.
        """
        if config is not None:
            tomllib.loads(config.read_text())  # the source would take a missing file for an empty one
        token = _config.set(config)
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        finally:
            _config.reset(token)

    @property
    def sql(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'viva.db'}"

    @property
    def media_key_file(self) -> Path:
        """In `VIVA_HOME` where that is chosen, else with the other secrets: a mere cache may be emptied."""
        home = os.environ.get("VIVA_HOME")
        return (Path(home) if home else self.data) / "media-key"

    def affect_allowed(self, policy: Policy) -> bool:
        """The EU prohibits emotion recognition in recruitment (AI Act 5(1)(f)); consent does not cure it."""
        return self.affect == "observe" and not {policy, self.policy} & {"EU", "strict"}

    def identity_by_face(self, policy: Policy) -> bool:
        """Whether faces may be compared with an ID photo, each candidate agreeing; else people look."""
        return self.inference.identity.mode == "face" and "strict" not in (policy, self.policy)
