"""How the deployments run: models, devices, limits. Part of the server's one settings file.

Each model is replaced by a Hugging Face id or a local folder, in the file or by an environment variable
(`SPEECH_MODEL`, `AFFECT_MODEL`, `LIVENESS_MODEL`, `ANSWER_MODEL`; `IDENTITY_MODEL` is an .onnx file); without
one the embedded weights are used. A language model may rate answers instead of likeness (`LlmSettings`).
"""

from __future__ import annotations

import os
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from inference.messages import Deployment

Device = Literal["cpu", "cuda"]
Dtype = Literal["auto", "float32", "float16", "bfloat16"]


def _from_environment(name: str) -> str | None:
    return os.environ.get(name) or None


class DeploymentSettings(BaseModel):
    """One Ray Serve deployment. `num_cpus` and `num_gpus` are what a replica reserves; fractions are fine."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(default=None, description="Hugging Face id or folder; None: embedded weights")
    device: Device | None = Field(default=None, description="None: cuda where num_gpus > 0, else cpu")
    threads: int = Field(default=1, ge=1, description="torch threads; on a contended CPU one is fastest")
    replicas: int = Field(default=1, ge=1)
    num_cpus: float = Field(default=0.2, ge=0)
    num_gpus: float = Field(default=0.0, ge=0)
    max_ongoing: int = Field(default=16, ge=1, description="calls one replica works on at a time")
    max_queued: int = Field(default=64, ge=1, description="calls waiting in one gateway before it refuses")
    deadline_s: float = Field(default=5.0, gt=0, description="how long the gateway waits for one call")
    stall_s: float | None = Field(default=3.0, gt=0, description="without an answer for so long: a gap")
    nice: int = Field(
        default=10, ge=0, le=19, description="priority of the model's thread: the gateway's packets go first"
    )

    @property
    def torch_device(self) -> Device:
        return self.device or ("cuda" if self.num_gpus > 0 else "cpu")

    @model_validator(mode="after")
    def _device_is_reserved(self) -> Self:
        if self.device == "cuda" and self.num_gpus <= 0:
            raise ValueError("device = cuda needs num_gpus > 0, so that Ray gives the replica a GPU")
        return self


class SpeechSettings(DeploymentSettings):
    """Streaming speech. A session leases a slot while its gateway is heard of; none free: refused."""

    model: str | None = Field(default_factory=lambda: _from_environment("SPEECH_MODEL"))
    dtype: Dtype = Field(default="auto", description="auto: the fastest that is as exact on this device")
    num_cpus: float = Field(default=0.5, ge=0)
    max_ongoing: int = Field(default=64, ge=1, description="gateways that may wait at one replica")
    deadline_s: float = Field(default=8.0, gt=0)
    nice: int = Field(default=5, ge=0, le=19)
    replicas: int = Field(default=1, ge=1, description="each an application of its own, with its own slots")
    slots: int = Field(default=16, ge=1, description="sessions one replica listens to")
    failover_s: float = Field(
        default=1.5, gt=0, description="with several replicas: one silent for so long loses its sessions"
    )
    batch: int = Field(default=4, ge=1, description="utterances decoded in one step")
    beams: int = Field(default=5, ge=1, description="beam width of final texts; partials are greedy")
    lookahead: int | None = Field(
        default=None, ge=0, description="of a transducer, in frames of 80 ms; None: the model's own"
    )
    context_s: float = Field(
        default=12.0, ge=0, le=28, description="sound a final is heard with, what was said before included"
    )
    partial_interval_s: float = Field(default=0.7, gt=0, description="at rest; grows under load")
    partial_interval_max_s: float = Field(default=5.0, gt=0)
    device_share: float = Field(default=0.8, gt=0, le=1, description="of the device's time, finals included")
    lease_s: float = Field(default=30.0, gt=0, description="slots of a gateway silent for so long are freed")
    held_s: float = Field(default=600.0, gt=0, description="sound per session a gateway keeps for replay")

    @model_validator(mode="after")
    def _dtype_suits_the_device(self) -> Self:
        if self.torch_device == "cpu" and self.dtype == "float16":
            raise ValueError("dtype = float16 needs a GPU: on a CPU it is slower and less exact")
        return self


class PictureSettings(DeploymentSettings):
    batch: int = Field(
        default=4,
        ge=1,
        description="crops per forward pass; on a CPU affect is cheapest at 4, liveness saves little more"
        " (`python -m bench.face_batch`)",
    )


class AffectSettings(PictureSettings):
    """Facial affect. `enabled = false`, where a policy forbids it: not started, its weights never opened."""

    enabled: bool = True
    model: str | None = Field(default_factory=lambda: _from_environment("AFFECT_MODEL"))


class LivenessSettings(PictureSettings):
    """ISO/IEC 30107-3. `bpcer` and `apcer` are targets of the sequential test, which may stay undecided;
    `point` decides all tracks (docs/liveness.md has what to expect of either)."""

    model: str | None = Field(default_factory=lambda: _from_environment("LIVENESS_MODEL"))
    threshold: float = Field(
        default=0.66,
        ge=0,
        le=1,
        description="score from which a single frame passes (HTER 9.6 % on Replay-Attack)",
    )
    bpcer: float = Field(default=0.05, gt=0, lt=0.5, description="bona fide decided attacks")
    apcer: float = Field(default=0.10, gt=0, lt=0.5, description="attacks decided bona fide")
    point: float = Field(
        default=0.2,
        description="log-likelihood ratio from which a track that is over counts as bona fide",
    )


class IdentitySettings(BaseModel):
    """Face verification, a second model in the replica of Liveness. `mode = human`: people look instead,
    and it is neither loaded nor asked.

    `threshold`: cosine from which two faces count as one person.

    .35 was fixed by a false match rate below .2 %: 13 of 7917 comparisons of different people in pictures
    that occur in no list of test pairs, four of the 13 between two brothers.
    """

    model_config = ConfigDict(extra="forbid")

    mode: Literal["face", "human"] = "face"
    model: str | None = Field(
        default_factory=lambda: _from_environment("IDENTITY_MODEL"), description=".onnx file; None: embedded"
    )
    threshold: float = Field(default=0.35, gt=-1, lt=1)
    batch: int = Field(default=4, ge=1, description="crops per forward pass")


def _key_from_environment() -> SecretStr | None:
    key = _from_environment("ANSWER_LLM_API_KEY")
    return SecretStr(key) if key else None


class LlmSettings(BaseModel):
    """A language model that rates answers; the embedded rater stays, and stands in where it fails.

    With `endpoint` what candidates say is sent there. Without, `model` is a Hugging Face id or a folder, run
    here. One rating is `samples` calls, twice as many where sentences are suspected of speaking to the rater.
    """

    model_config = ConfigDict(extra="forbid")

    endpoint: str | None = Field(
        default=None, description="address up to /chat/completions (https://host/v1), OpenAI's protocol"
    )
    model: str = Field(min_length=1, description="its name at the endpoint, or a Hugging Face id or folder")
    api_key: SecretStr | None = Field(default_factory=_key_from_environment)
    samples: int = Field(default=3, ge=1, le=9, description="of which the median counts")
    temperature: float = Field(default=0.7, ge=0, le=2)
    seed: int = Field(default=0, ge=0, lt=2**31)
    max_tokens: int = Field(default=2000, ge=200, description="of one reply")
    timeout_s: float = Field(default=20.0, gt=0, description="of one call, its retries included")
    attempts: int = Field(
        default=3, ge=1, le=10, description="of one call, where the endpoint is busy or down"
    )
    budget_s: float = Field(default=45.0, gt=0, description="for all calls of one answer")
    concurrency: int = Field(default=4, ge=1, le=64, description="calls at a time at an endpoint")

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, endpoint: str | None) -> str | None:
        if endpoint is None:
            return None
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "@" in parts.netloc:
            raise ValueError("endpoint must be http(s)://host…, without credentials and query")
        return endpoint


class AnswerSettings(DeploymentSettings):
    model: str | None = Field(default_factory=lambda: _from_environment("ANSWER_MODEL"))
    deadline_s: float = Field(default=60.0, gt=0, description="for one answer, retries included")
    stall_s: float | None = Field(default=None, gt=0, description="a long answer may take its time")
    llm: LlmSettings | None = Field(default=None, description="a language model in place of likeness")

    @model_validator(mode="after")
    def _fallback_is_in_time(self) -> Self:
        if self.llm is not None and self.llm.budget_s >= self.deadline_s:
            raise ValueError(
                "llm.budget_s must be below deadline_s, so that the embedded rating can stand in"
            )
        return self


class ClusterSettings(BaseModel):
    """The Ray cluster. By default one on this machine, started and stopped with the server."""

    model_config = ConfigDict(extra="forbid")

    address: str | None = Field(default=None, description="of a running cluster; None: start one here")
    num_cpus: int | None = Field(default=None, ge=1, description="of a cluster started here; None: all cores")
    num_gpus: int | None = Field(default=None, ge=0)
    object_store_mb: int = Field(
        default=80, ge=80, description="messages are small; Ray's default is 30 % of RAM"
    )
    start_timeout_s: float = Field(default=180.0, gt=0)


class InferenceSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cluster: ClusterSettings = Field(default_factory=ClusterSettings)
    speech: SpeechSettings = Field(default_factory=SpeechSettings)
    affect: AffectSettings = Field(default_factory=AffectSettings)
    liveness: LivenessSettings = Field(default_factory=LivenessSettings)
    answers: AnswerSettings = Field(default_factory=AnswerSettings)
    identity: IdentitySettings = Field(default_factory=IdentitySettings)

    def deployments(self) -> dict[Deployment, DeploymentSettings]:
        """The deployments to start: all but facial affect where it is forbidden.

        FaceIdentity has no replica of its own: beside Liveness it takes some 5 MB, alone 234
        (`python -m bench.identity_memory`, mostly torch and Ray), and a face is asked for every
        ten seconds.
        """
        all_four: dict[Deployment, DeploymentSettings] = {
            "SpeechRecognition": self.speech,
            "FacialAffect": self.affect,
            "Liveness": self.liveness,
            "AnswerQuality": self.answers,
        }
        if not self.affect.enabled:
            del all_four["FacialAffect"]
        return all_four

    def arguments(self, name: Deployment) -> tuple[BaseModel, ...]:
        """What the deployment is made with."""
        of: BaseModel = self.deployments()[name]
        return (of, self.identity) if name == "Liveness" and self.identity.mode == "face" else (of,)

    def applications(self) -> dict[str, Deployment]:
        """The Serve applications to start, and the deployment in each.

        A session's sound must reach the replica that holds its slot. Serve spreads the calls of one
        deployment over its replicas, so each speech replica is a deployment in an application of its own.
        """
        applications: dict[str, Deployment] = {name: name for name in self.deployments()}
        more: dict[str, Deployment] = {
            f"SpeechRecognition-{n}": "SpeechRecognition" for n in range(2, self.speech.replicas + 1)
        }
        return applications | more
