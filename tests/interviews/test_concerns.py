"""What a person should look at, as the log says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from interviews.concerns import Concern
from interviews.events import (
    Event,
    IdentityChecked,
    IdentityEnrolled,
    IdentityHuman,
    IdentityVerified,
    IdentityWithdrawn,
    LivenessObserved,
    Payload,
)
from interviews.presence import HumanCheckRequested
from interviews.state import SessionState

ASKED = IdentityHuman(decision="requested", actor="candidate")
CONFIRMED = IdentityHuman(decision="confirmed", actor="hr")
ENROLLED = IdentityEnrolled(source="photo", card=True, model="m")
OTHER = IdentityChecked(result="different", state="different", threshold=0.4, model="m")
SAME = IdentityChecked(result="same", state="same", threshold=0.4, model="m")
ATTACK, LIVE = (
    LivenessObserved(track=1, score=0.1, decision=decision, frames=9, threshold=0.5, model="m")
    for decision in ("attack", "bona-fide")
)
MATCH, NO_MATCH, UNCLEAR = (
    IdentityVerified(outcome=outcome, threshold=0.4, frames=5, model="m")
    for outcome in ("match", "no-match", "insufficient")
)


@pytest.mark.parametrize(
    ("payloads", "concerns"),
    [
        ([], []),
        ([ASKED], ["human-check"]),
        ([HumanCheckRequested()], ["human-check"]),
        ([ASKED, CONFIRMED], []),
        ([ASKED, IdentityHuman(decision="rejected", actor="hr")], []),
        ([NO_MATCH], ["no-match"]),
        ([NO_MATCH, MATCH], []),
        ([NO_MATCH, UNCLEAR], []),
        ([NO_MATCH, ENROLLED], []),
        ([NO_MATCH, IdentityWithdrawn(actor="candidate", deleted=())], []),
        ([NO_MATCH, IdentityWithdrawn(actor="retention", deleted=())], ["no-match"]),
        ([NO_MATCH, ASKED], ["human-check", "no-match"]),
        ([MATCH, SAME, OTHER], ["somebody-else"]),
        ([MATCH, OTHER, SAME], []),
        ([MATCH, OTHER, CONFIRMED, OTHER], []),  # it is what the person has looked at
        ([MATCH, OTHER, CONFIRMED, SAME, OTHER], ["somebody-else"]),
        ([ATTACK], ["attack"]),
        ([ATTACK, LIVE], []),
        ([ATTACK, CONFIRMED, ATTACK], []),
        ([ATTACK, OTHER, NO_MATCH, ASKED], ["human-check", "no-match", "attack"]),
    ],
)
def test_concerns_stand_until_they_are_settled(
    payloads: Sequence[Payload], concerns: Sequence[Concern]
) -> None:
    at = datetime(2026, 6, 1, tzinfo=UTC)
    events = [
        Event(session="s", seq=n, media_time=n, at=at, data=payload) for n, payload in enumerate(payloads, 1)
    ]
    assert list(SessionState.of(events).concerns.now) == concerns
