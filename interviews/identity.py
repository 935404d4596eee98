"""Who the candidate is, as far as the log says: a fold over the identity events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from interviews.events import (
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
)

# human: a person was asked for. confirmed, rejected: a person has decided, which outweighs any comparison.
IdentityStatus = Literal[
    "none", "enrolled", "match", "no-match", "insufficient", "human", "confirmed", "rejected"
]


@dataclass(slots=True)
class Identity:
    """`enrolled`: a face reference is kept now. `standing`: of the checks since the last match."""

    enrolled: bool = False
    verified: IdentityVerified | None = None
    requested: bool = False
    decision: IdentityHuman | None = None
    standing: Literal["same", "different"] | None = None
    attempts: int = 0  # comparisons asked for

    def apply(self, data: Any) -> None:
        """Events of other kinds are passed over."""
        match data:
            case IdentityEnrolled():
                # Another photo: what was found with the one before no longer holds.
                self.enrolled, self.verified, self.standing = True, None, None
            case IdentityVerified():
                self.verified = data
                self.attempts += 1
                self.standing = "same" if data.outcome == "match" else None
            case IdentityChecked(state=state):
                self.standing = state
            case IdentityHuman(decision="requested"):
                self.requested = True
            case IdentityHuman():
                self.decision = data
            case IdentityWithdrawn(actor=actor):
                self.enrolled, self.standing = False, None
                if actor != "retention":
                    self.verified = None

    @property
    def status(self) -> IdentityStatus:
        """A person's decision first, then what was compared, then what was asked for."""
        if self.decision is not None and self.decision.decision != "requested":
            return self.decision.decision
        if self.requested:
            return "human"
        if self.verified is not None:
            return self.verified.outcome
        return "enrolled" if self.enrolled else "none"
