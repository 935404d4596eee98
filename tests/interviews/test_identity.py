"""The fold over identity events: a person's decision outweighs a comparison, a withdrawal takes it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from interviews.events import (
    CANDIDATE_TYPES,
    Event,
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
    Payload,
)
from interviews.identity import Identity
from interviews.state import SessionState

ENROLLED = IdentityEnrolled(source="photo", card=True, model="m@1")
HUMAN = IdentityHuman(decision="requested", actor="candidate")


def verified(outcome: Literal["match", "no-match", "insufficient"]) -> IdentityVerified:
    return IdentityVerified(outcome=outcome, similarity=0.5, threshold=0.35, frames=5, model="m@1")


def checked(state: Literal["same", "different"]) -> IdentityChecked:
    return IdentityChecked(result=state, state=state, similarity=0.1, threshold=0.35, model="m@1")


def folded(*payloads: Payload) -> Identity:
    events = [
        Event(session="s", seq=n, media_time=n, at=datetime.now(UTC), data=payload)
        for n, payload in enumerate(payloads, 1)
    ]
    return SessionState.of(events).identity


def test_statuses_follow_the_log() -> None:
    assert folded().status == "none"
    assert folded(ENROLLED).status == "enrolled"
    assert folded(ENROLLED, verified("match")).status == "match"
    assert folded(ENROLLED, verified("no-match"), HUMAN).status == "human"
    rejected = IdentityHuman(decision="rejected", actor="hr", reason="another name on the card")
    assert folded(ENROLLED, verified("match"), rejected).status == "rejected"
    assert folded(ENROLLED, rejected, HUMAN).status == "rejected"


def test_another_photo_takes_back_what_was_found_with_the_first() -> None:
    assert folded(ENROLLED, verified("match"), ENROLLED).status == "enrolled"


def test_a_withdrawal_takes_the_comparison_back_and_retention_does_not() -> None:
    gone = IdentityWithdrawn(actor="candidate", deleted=("face-reference",))
    kept = IdentityWithdrawn(actor="retention", deleted=("face-reference",))
    assert folded(ENROLLED, verified("match"), gone).status == "none"
    after = folded(ENROLLED, verified("match"), kept)
    assert (after.status, after.enrolled) == ("match", False)


def test_standing_follows_the_checks_and_never_the_outcome() -> None:
    identity = folded(ENROLLED, verified("match"), checked("different"))
    assert (identity.standing, identity.status) == ("different", "match")


def test_a_candidate_is_shown_no_similarity() -> None:
    assert not {"identity.verified", "identity.checked"} & CANDIDATE_TYPES


@given(st.lists(st.sampled_from([ENROLLED, HUMAN, verified("match"), checked("different")]), max_size=12))
def test_no_order_of_events_raises(payloads: list[Payload]) -> None:
    identity = folded(*payloads)
    assert identity.attempts == sum(isinstance(payload, IdentityVerified) for payload in payloads)
