"""What a person should look at while an interview goes on: a fold over what models and the candidate said.

Each says "possibly" and none acts. A person who has looked at the identity settles them all, until one of
them begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from interviews.events import (
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
    LivenessObserved,
)
from interviews.presence import HumanCheckRequested

# human-check: a person was asked for and has not decided. somebody-else: than at the comparison. attack: the
# picture may be of no live person.
Concern = Literal["human-check", "somebody-else", "no-match", "attack"]


@dataclass(slots=True)
class Concerns:
    """`apply` one payload after another; `now`: what stands, most urgent first."""

    _standing: set[Concern] = field(default_factory=set)
    _seen: Literal["same", "different"] = "same"
    _liveness: str = "undecided"

    @property
    def now(self) -> tuple[Concern, ...]:
        return tuple(one for one in get_args(Concern) if one in self._standing)

    def apply(self, data: Any) -> None:
        """Events of other kinds are passed over."""
        match data:
            case IdentityHuman(decision="requested") | HumanCheckRequested():
                self._standing.add("human-check")
            case IdentityHuman():
                self._standing.clear()
            case IdentityEnrolled():
                self._compared(matches=True)  # another photo: what was found with the one before is void
            case IdentityWithdrawn(actor=actor) if actor != "retention":
                self._compared(matches=True)
            case IdentityVerified(outcome=outcome):
                self._compared(matches=outcome != "no-match")
            case IdentityChecked(state=state) if state != self._seen:
                self._seen = state
                self._set("somebody-else", state == "different")
            case LivenessObserved(decision=decision) if decision != self._liveness:
                self._liveness = decision
                self._set("attack", decision == "attack")

    def _compared(self, *, matches: bool) -> None:
        self._seen = "same"
        self._set("somebody-else", False)
        self._set("no-match", not matches)

    def _set(self, concern: Concern, stands: bool) -> None:
        (self._standing.add if stands else self._standing.discard)(concern)
