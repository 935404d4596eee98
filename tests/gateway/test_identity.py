"""The rules of looking again: hysteresis, pace, and whose looks count."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from pydantic import ValidationError

from gateway.identity import FRAMES, IdentityVerifier, _Collecting, false_match_rate
from gateway.identity_standing import PATIENCE, Standing
from gateway.membership import Membership
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.shared import Shared
from interviews.events import Event, FaceState, IdentityChecked, IdentityEnrolled, IdentityVerified, Payload
from interviews.state import SessionState
from media.items import FaceSample, FaceUnclear, Usable
from storage.faces import FaceReference
from tests.gateway.fakes import FakeInference

BOX = (0.3, 0.2, 0.3, 0.4)
CROP = np.zeros((112, 112, 3), np.uint8)


def sample(time: float, *, track: int = 1, crop: bool = True, usable: Usable | None = None) -> FaceSample:
    return FaceSample(
        media_time=time,
        track=track,
        box=BOX,
        yaw=0,
        pitch=0,
        roll=0,
        eyes_open=1,
        brightness=0.5,
        sharpness=50,
        affect_crop=CROP,
        liveness_crop=np.zeros((128, 128, 3), np.uint8),
        usable=usable or Usable(),
        identity_crop=CROP if crop else None,
    )


def test_one_different_look_is_a_note_and_three_in_a_row_a_state() -> None:
    standing = Standing()
    told = [(standing.add(s, 0.35), standing.state) for s in (0.6, 0.1, 0.5, 0.1, None, 0.2, 0.0, 0.1, 0.35)]
    assert told == [
        ("same", "same"),
        ("different", "same"),
        ("same", "same"),
        ("different", "same"),
        ("insufficient", "same"),  # says nothing either way, and does not break the row
        ("different", "same"),
        ("different", "different"),
        ("different", "different"),
        ("same", "same"),
    ]
    assert PATIENCE == 3


def test_looks_are_judged_every_ten_seconds_and_a_new_face_at_once() -> None:
    standing = Standing()
    assert not standing.due(sample(100))
    assert not standing.due(sample(101))
    assert standing.due(sample(109.5))
    assert not standing.due(sample(112))
    assert standing.due(sample(113, track=2))
    blurred = sample(122, track=2, crop=False, usable=Usable(identity="blurred"))
    assert not standing.due(blurred)
    assert standing.due(FaceUnclear(124.1, 2, BOX, "turned-away"))
    assert not standing.due(FaceUnclear(126, 2, BOX, "turned-away"))
    assert not standing.due(sample(140, track=2, crop=False))  # fit to be compared: its crop will come


def test_a_mean_never_mixes_two_people() -> None:
    collecting = _Collecting()
    collecting.take(sample(1), alone=True)
    collecting.take(sample(2), alone=True)
    collecting.take(sample(3, track=2), alone=True)
    assert len(collecting.crops) == 1
    collecting.take(sample(4, track=2), alone=False)
    assert collecting.crops == []
    assert collecting.reasons["several"] == 1
    for n in range(FRAMES):
        assert not collecting.enough.is_set()
        collecting.take(sample(5 + n, track=2), alone=True)
    assert collecting.enough.is_set()


def test_the_false_match_rate_is_the_cards_and_none_where_not_measured() -> None:
    assert false_match_rate("faceplugin-fr-feature@0.0.1", 0.35) == 0.0016
    assert false_match_rate("faceplugin-fr-feature@0.0.1", 0.4) is None
    assert false_match_rate("unknown@1", 0.35) is None


def test_the_key_comes_from_the_environment_and_must_be_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIVA_FACE_KEY", "k" * 32)
    key = Settings(data=tmp_path).face_key
    assert key is not None
    assert key.get_secret_value() == "k" * 32
    monkeypatch.setenv("VIVA_FACE_KEY", "short")
    with pytest.raises(ValidationError, match="32"):
        Settings(data=tmp_path)


class _References:
    """One reference that points along the first axis."""

    def __init__(self, model: str) -> None:
        self.model = model

    async def get(self, session: str) -> FaceReference:
        return FaceReference(np.array([1, 0], np.float32), self.model, datetime.now(UTC))


class Session:
    """What a verifier lives in: a fold, notes, and an inference under the test's control."""

    def __init__(self, folder: Path, *, reference: str = "fake-faces@1") -> None:
        self.state = SessionState()
        self.inference = FakeInference(lambda *_: None)
        unused = cast(Any, None)
        shared = Shared(
            settings=Settings(data=folder),
            events=unused,
            sessions=unused,
            metrics=Metrics(),
            membership=Membership("test", Settings(data=folder).gateways, unused),
            references=cast(Any, _References(reference)),
            inviting=unused,
            designs=unused,
            code=unused,
            inference=self.inference,
        )
        self.verifier = IdentityVerifier(
            "s",
            shared,
            "CN",
            state=lambda: self.state,
            record=self.record,
            note=self.note,
            live=lambda: True,
            want=lambda: None,
        )
        self.checked: list[IdentityChecked] = []

    def note(self, media_time: float, payload: Payload) -> Event:
        event = Event(
            session="s", seq=1, media_time=media_time, at=datetime.now(UTC), data=cast(Any, payload)
        )
        self.state.apply(event)
        if isinstance(payload, IdentityChecked):
            self.checked.append(payload)
        return event

    async def record(self, payload: Payload) -> Event:
        return self.note(0.0, payload)

    def matched(self) -> None:
        self.note(0.0, IdentityEnrolled(source="photo", card=False, model="fake-faces@1"))
        matched = IdentityVerified(
            outcome="match", similarity=0.7, threshold=0.35, frames=5, model="fake-faces@1"
        )
        self.note(0.0, matched)

    async def look(self, time: float, **of: Any) -> None:
        self.verifier.see(sample(time, **of))
        await asyncio.sleep(0.01)


async def test_somebody_else_is_told_by_the_third_look(tmp_path: Path) -> None:
    session = Session(tmp_path)
    await session.look(0)
    session.matched()
    session.inference.embeddings = [[0.9, 0.1], [0, 1], [0, 1], [-1, 0]]
    for time in range(0, 50, 10):
        await session.look(time)
    assert [(one.result, one.state) for one in session.checked] == [
        ("same", "same"),
        ("different", "same"),
        ("different", "same"),
        ("different", "different"),
    ]
    assert session.checked[1].similarity == 0.0
    assert session.state.identity.standing == "different"
    assert session.state.state == "created"  # nothing else follows from it


async def test_looks_that_cannot_tell_say_why(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.matched()
    await session.look(0)
    session.note(1.0, FaceState(state="several", faces=2))
    await session.look(10)
    session.note(11.0, FaceState(state="one", faces=1))
    session.inference.embed_fails = True
    await session.look(20)
    session.inference.embed_fails, session.inference.embedder = False, "other@2"
    await session.look(30)
    assert [(one.result, one.reason) for one in session.checked] == [
        ("insufficient", "several"),
        ("insufficient", "unavailable"),
        ("insufficient", "other-model"),
    ]


@pytest.mark.parametrize("outcome", ["no-match", "insufficient"])
async def test_without_a_match_nobody_is_looked_at_again(tmp_path: Path, outcome: Any) -> None:
    session = Session(tmp_path)
    session.matched()
    session.note(0.0, IdentityVerified(outcome=outcome, threshold=0.35, frames=5, model="fake-faces@1"))
    for time in (0, 10, 20):
        await session.look(time)
    assert session.checked == []
