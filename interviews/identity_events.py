"""Who the candidate is, as events. None ever holds a picture of a face or its embedding."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interviews.payload import Acted, Payload


class IdentityEnrolled(Payload):
    """A face reference was made, with the candidate's separate consent; the photo itself was not kept.

    `card`: the face was taken from an ID card found in the picture. `quality`: codes of
    `models.identity.codes` that were noted and let pass.
    """

    type: Literal["identity.enrolled"] = "identity.enrolled"
    source: Literal["photo", "camera"]
    card: bool
    quality: tuple[str, ...] = ()
    consent: Literal[True] = True
    model: str


class IdentityVerified(Payload):
    """The live face was compared with the reference. `similarity`: mean cosine over `frames`.

    `reason` says why it is insufficient. `false_match_rate`: share of chance pairs of strangers that pass
    `threshold`, as the model's card has it; None where it was not measured there.
    """

    type: Literal["identity.verified"] = "identity.verified"
    outcome: Literal["match", "no-match", "insufficient"]
    reason: str | None = None
    similarity: float | None = Field(None, ge=-1, le=1)
    threshold: float
    false_match_rate: float | None = None
    frames: int
    model: str


class IdentityChecked(Payload):
    """Every ten seconds after a match: does one look at the face still fit the reference?

    `state` is what stands after it: one different look is a note, three in a row make it `different`.
    """

    type: Literal["identity.checked"] = "identity.checked"
    result: Literal["same", "different", "insufficient"]
    state: Literal["same", "different"]
    reason: str | None = None
    similarity: float | None = Field(None, ge=-1, le=1)
    threshold: float
    model: str


class IdentityHuman(Acted):
    """A person decides instead of, or after, the comparison: asked for by the candidate, given by HR.

    Actor `server`: the first question was asked while nobody knew who answers it; `reason` says how the
    identity stood then.
    """

    type: Literal["identity.human"] = "identity.human"
    decision: Literal["requested", "confirmed", "rejected"]
    actor: Literal["candidate", "hr", "operator", "server"]
    reason: str = ""


class IdentityWithdrawn(Payload):
    """The face reference was erased. `actor` is `retention` where it had served its purpose."""

    type: Literal["identity.withdrawn"] = "identity.withdrawn"
    actor: Literal["candidate", "hr", "operator", "retention"]
    deleted: tuple[Literal["face-reference"], ...]
