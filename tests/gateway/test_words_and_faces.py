"""What recognition and the picture models say, as events: times, finals, windows, decisions, ratings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from gateway import rating
from gateway.captions import Captioner, CaptionPace
from gateway.metrics import Metrics
from gateway.observing import MAX_IN_FLIGHT, AffectWindow, FaceObserver, LivenessTrack
from inference.calls import InferenceFailed
from inference.messages import AffectResult, AnswerRequest, AnswerResult, Caption, LivenessResult, TimedWord
from inference.settings import LivenessSettings
from interviews.events import (
    AnswerScored,
    Event,
    FaceMeasured,
    LivenessObserved,
    QuestionStarted,
    ResultReady,
    SessionConnected,
    SessionCreated,
    SessionEnded,
    SpeechMeasured,
    TranscriptFinal,
    TranscriptPartial,
    Word,
)
from interviews.plan import Question
from interviews.state import SessionState
from media.items import FaceSample, FaceUnclear, Usable, UtteranceEnded, UtteranceSound
from tests.gateway.fakes import FakeInference, FakeSpeech


class Notes:
    def __init__(self) -> None:
        self.events: list[tuple[float, Any]] = []

    def __call__(self, media_time: float, payload: Any) -> None:
        self.events.append((media_time, payload))

    def all(self, kind: type) -> list[Any]:
        return [payload for _, payload in self.events if isinstance(payload, kind)]


def _sound(seconds: float, utterance: int, offset: int, at: float) -> UtteranceSound:
    return UtteranceSound(at, utterance, offset, np.zeros(int(seconds * 16_000), np.int16))


async def test_words_are_put_on_the_media_clock() -> None:
    notes, speech = Notes(), FakeSpeech()
    captioner = Captioner("s", "en", speech, Metrics(), lambda: 99.0, notes)
    captioner.hear(_sound(1.0, 7, 0, 42.0))
    captioner.hear(_sound(2.0, 7, 16_000, 43.0))
    captioner.finish(UtteranceEnded(45.7, 7, 42.0, 45.0, -22.04))
    assert await captioner.drain(1.0)
    first, second = notes.all(TranscriptPartial)
    assert (first.text, first.start, first.end) == ("word0", 42.0, 43.0)
    assert (second.text, second.end) == ("word0 word1 word2", 45.0)
    [final] = notes.all(TranscriptFinal)
    assert (final.start, final.end, final.model) == (42.0, 45.0, "fake-speech@1")
    assert [(w.text, w.start, w.end) for w in final.words][1:] == [
        ("word1", 43.0, 43.5),
        ("word2", 44.0, 44.5),
    ]
    [measured] = notes.all(SpeechMeasured)
    assert (measured.utterance, measured.dbfs) == (7, -22.0)
    assert speech.closed == ["s"]


async def test_a_noise_has_a_final_and_no_measures() -> None:
    notes, speech = Notes(), FakeSpeech()
    captioner = Captioner("s", "en", speech, Metrics(), lambda: 1.0, notes)
    captioner.hear(_sound(0.4, 1, 0, 0.0))
    captioner.finish(UtteranceEnded(1.0, 1, 0.0, 0.4, -40))
    speech.hold = True
    speech.sessions["s"](Caption("s", 1, True, "", 0, "en", (), 6400, 1.0))
    speech.sessions["s"](Caption("s", 1, True, "again", 5, "en", (), 6400, 1.0))  # a second final is none
    assert [final.text for final in notes.all(TranscriptFinal)] == [""]
    assert not notes.all(SpeechMeasured)


async def test_words_never_leave_their_utterance() -> None:
    notes, speech = Notes(), FakeSpeech()
    captioner = Captioner("s", "en", speech, Metrics(), lambda: 1.0, notes)
    captioner.hear(_sound(1.0, 1, 0, 10.0))
    captioner.finish(UtteranceEnded(12.0, 1, 10.0, 11.0, -20))
    words = (TimedWord("a", 0.9, 1.4, 1.2),)
    speech.sessions["s"](Caption("s", 1, True, "a", 1, "en", words, 16_000, 1.0))
    assert notes.all(TranscriptFinal)[0].words == (Word(text="a", start=10.9, end=11.0, probability=1.0),)


async def test_late_words_are_reported_as_such() -> None:
    speech = FakeSpeech()
    speech.hold = True
    captioner = Captioner("s", "en", speech, Metrics(), lambda: 1.0, Notes())
    captioner.hear(_sound(1.0, 1, 0, 0.0))
    captioner.finish(UtteranceEnded(1.0, 1, 0.0, 1.0, -20))
    assert not await captioner.drain(0.05)
    assert speech.closed == ["s"]


def test_the_pace_is_told_once_each_way_and_only_when_it_lasts() -> None:
    pace = CaptionPace(0.7)
    held = [x for x in (0.7, 0.9, 1.2, 1.3, 3.0, 2.0, 1.4, 0.8, 0.7) for _ in range(CaptionPace.HOLD)]
    told = [pace.change(x) for x in held]
    assert [t for t in told if t] == [(1.2, True), (3.0, True), (1.4, False), (0.8, False)]
    flapping = [pace.change(x) for x in (0.7, 0.7, 5.0, 5.0, 5.0, 0.7) * 5]
    assert not any(flapping)


def test_affect_is_smoothed_over_frames() -> None:
    window = AffectWindow(3)
    happy = AffectResult({"happy": 0.9, "sad": 0.1}, "positive", 0.9, "m@1")
    sad = AffectResult({"happy": 0.2, "sad": 0.8}, "negative", 0.8, "m@1")
    assert window.add(happy).confidence == 0.9
    observed = [window.add(result) for result in (happy, happy, sad)][-1]
    assert (observed.valence, observed.frames, observed.track) == ("positive", 4, 3)
    assert observed.confidence == pytest.approx(0.675)
    assert observed.probabilities == {"happy": pytest.approx(0.725), "sad": pytest.approx(0.275)}
    for _ in range(8):
        observed = window.add(sad)
    assert (observed.valence, observed.frames) == ("negative", 8)


@pytest.mark.parametrize(
    ("score", "border", "within", "decision"),
    [
        (0.999, 0.0, 0.01, "bona-fide"),
        (0.01, 2.0, 0.01, "attack"),
        (0.9, 2.5, 0.001, "attack"),  # a framed print on which the frame model errs
        (0.999, 2.0, 0.01, "undecided"),  # a shelf behind a person, or a good screen
        (0.999, None, None, "undecided"),  # the frame model alone never suffices for bona fide
        (0.66, 0.0, 0.01, "undecided"),
    ],
)
def test_liveness_decides_after_two_seconds_and_by_all_its_cues(
    score: float, border: float | None, within: float | None, decision: str
) -> None:
    track = LivenessTrack(1)
    told = [
        track.add(LivenessResult(score, "m@1"), replace(_face(i / 4), border=border, motion_within=within))
        for i in range(30)
    ]
    assert [one.decision for one in told[:7]] == ["undecided"] * 7
    assert told[-1].decision == decision
    assert told[-1].score == pytest.approx(score)
    assert (told[-1].bpcer, told[-1].apcer) == (0.05, 0.10)
    assert set(told[11].ratios) <= {"frames", "border", "stillness"}
    assert any("stillness" in one.ratios for one in told) == (within is not None)


def test_the_targets_of_the_test_come_from_the_settings() -> None:
    def told(bpcer: float, apcer: float) -> LivenessObserved:
        track = LivenessTrack(1, LivenessSettings(bpcer=bpcer, apcer=apcer, threshold=0.5))
        seen = replace(_face(0), border=0.0, motion_within=0.01)
        return [track.add(LivenessResult(0.99, "m@1"), replace(seen, media_time=i / 4)) for i in range(30)][
            -1
        ]

    strict, usual = told(0.01, 0.01), told(0.05, 0.10)
    assert (strict.decision, usual.decision) == ("undecided", "bona-fide")
    assert (strict.bpcer, strict.apcer, strict.threshold) == (0.01, 0.01, 0.5)


def test_who_keeps_still_for_a_moment_is_no_print_yet() -> None:
    track = LivenessTrack(1)
    still = replace(_face(0), border=0.0, motion_within=0.001)
    told = [track.add(LivenessResult(0.999, "m@1"), replace(still, media_time=i / 4)) for i in range(12)]
    assert [one.decision for one in told] == ["undecided"] * 12
    assert "stillness" not in told[8].ratios
    assert told[-1].ratios["stillness"] < -2
    moved = track.add(LivenessResult(0.999, "m@1"), replace(still, media_time=3.0, motion_within=0.03))
    assert moved.decision == "undecided"


def test_a_face_exchanged_for_a_picture_is_tested_again() -> None:
    track = LivenessTrack(1)
    real, fake = (replace(_face(0), border=b, motion_within=0.01) for b in (0.0, 2.5))
    for i in range(20):
        told = track.add(LivenessResult(0.999, "m@1"), replace(real, media_time=i / 4))
    assert told.decision == "bona-fide"
    for i in range(20, 60):
        told = track.add(LivenessResult(0.01, "m@1"), replace(fake, media_time=i / 4))
    assert told.decision == "attack"


def _face(at: float, track: int = 1) -> FaceSample:
    zeros = np.zeros
    return FaceSample(
        at,
        track,
        (0.3, 0.2, 0.2, 0.4),
        1.234,
        0,
        0,
        1.2,
        0.5,
        30.0,
        zeros((112, 112, 3), np.uint8),
        zeros((128, 128, 3), np.uint8),
    )


async def test_faces_are_told_once_a_second_and_a_new_face_starts_anew() -> None:
    notes, inference = Notes(), FakeInference(lambda *_: None)
    observer = FaceObserver(inference, Metrics(), notes, affect=True)
    for frame in range(40):
        observer.see(_face(frame / 4))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    kinds = [payload.type for _, payload in notes.events]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "face.measured": 10,
        "affect.observed": 10,
        "liveness.observed": 10,
    }
    faces = [payload for _, payload in notes.events if payload.type == "face.measured"]
    assert (faces[0].yaw, faces[0].eyes_open) == (1.2, 1.0)
    observer.see(_face(11.0, track=2))
    await asyncio.sleep(0.01)
    last = [payload for _, payload in notes.events if payload.type == "liveness.observed"][-1]
    assert (last.track, last.frames, last.decision) == (2, 1, "undecided")


async def test_a_crop_that_cannot_tell_is_not_asked_and_the_reason_is_told() -> None:
    notes, inference = Notes(), FakeInference(lambda *_: None)
    observer = FaceObserver(inference, Metrics(), notes, affect=True)
    observer.see(replace(_face(0.0), usable=Usable("blurred", "too-small", "blurred", "covered")))
    observer.see(FaceUnclear(2.0, 1, (0.1, 0.1, 0.2, 0.3), "turned-away"))
    await asyncio.sleep(0.01)
    measured, unclear = (payload for _, payload in notes.events)
    assert isinstance(measured, FaceMeasured)
    assert measured.eyes_open is None
    assert measured.insufficient == {
        "affect": "blurred",
        "liveness": "too-small",
        "identity": "blurred",
        "eyes": "covered",
    }
    assert (unclear.type, unclear.insufficient) == ("face.unclear", "turned-away")


async def test_pictures_never_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    inference, metrics = FakeInference(lambda *_: None), Metrics()

    async def stuck(crop: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(inference, "liveness", stuck)
    observer = FaceObserver(inference, metrics, Notes(), affect=False)
    for frame in range(20):
        observer.see(_face(frame / 4))
    assert metrics.by_label("viva_dropped_total", "kind") == {"picture": 20 - MAX_IN_FLIGHT}
    observer.stop()
    await asyncio.sleep(0)


def _ended(texts: dict[str, str]) -> SessionState:
    """A session whose questions were asked ten seconds apart and answered with these texts."""
    questions = tuple(Question(id=id_, text={"en": id_}) for id_ in (*texts, "never-asked"))
    payloads: list[tuple[float, Any]] = [
        (0, SessionCreated(candidate="a", language="en", policy="CN", questions=questions)),
        (0, SessionConnected()),
    ]
    for number, (id_, text) in enumerate(texts.items()):
        at = 10.0 * number
        payloads.append((at, QuestionStarted(question=id_)))
        words = tuple(
            Word(text=w, start=at + 1 + i, end=at + 1.5 + i, probability=0.9)
            for i, w in enumerate(text.split())
        )
        if words:
            final = TranscriptFinal(
                utterance=number, text=text, language="en", start=at + 1, end=at + 9, words=words, model="m"
            )
            payloads.append((at + 9, final))
    payloads.append((30, SessionEnded(reason="hr")))
    now = datetime.now(UTC)
    return SessionState.of(
        Event(session="s", seq=i, media_time=t, at=now, data=p) for i, (t, p) in enumerate(payloads, start=1)
    )


async def _rate(state: SessionState, inference: Any, patience_s: float = 30.0) -> list[Any]:
    recorded: list[Any] = []

    async def record(payload: Any) -> Any:
        recorded.append(payload)
        state.apply(Event(session="s", seq=99, media_time=30, at=datetime.now(UTC), data=payload))

    async def client() -> Any:
        return inference

    await rating.rate_session("s", state, client, record, Metrics(), patience_s)
    return recorded


async def test_answers_are_rated_with_evidence_on_the_media_clock() -> None:
    inference = FakeInference(lambda *_: None)
    recorded = await _rate(_ended({"one": "I built it. It works.", "two": ""}), inference)
    assert [type(payload) for payload in recorded] == [AnswerScored, AnswerScored, ResultReady]
    assert [sentence.text for sentence in inference.rated[0].sentences] == ["I built it.", "It works."]
    [measure] = recorded[0].rating.measures
    [evidence] = measure.evidence
    assert (evidence.quote, evidence.start, evidence.note) == ("I built it.", 1.0, "on-topic")
    assert recorded[1].rating.measures[0].insufficient == "no-answer"


async def test_rating_waits_for_the_deployment_and_says_so_once() -> None:
    inference = FakeInference(lambda *_: None)
    inference.ratings_fail = 2
    recorded = await _rate(_ended({"one": "I built it."}), inference)
    assert [payload.type for payload in recorded] == ["alarm", "answer.scored", "result.ready"]
    assert recorded[0].code == "inference.rating-unavailable"


async def test_rating_that_never_comes_still_ends_with_a_result() -> None:
    inference = FakeInference(lambda *_: None)
    inference.ratings_fail = 1000
    recorded = await _rate(_ended({"one": "I built it."}), inference, patience_s=0.6)
    assert [getattr(payload, "code", payload.type) for payload in recorded] == [
        "inference.rating-unavailable",
        "inference.rating-abandoned",
        "result.ready",
    ]
    assert recorded[-1].overall is None


async def test_an_answer_the_model_fails_on_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    inference = FakeInference(lambda *_: None)
    rate = inference.rate

    async def fails_on_one(request: AnswerRequest) -> AnswerResult:
        if request.question == "one":
            raise InferenceFailed("broken")
        return await rate(request)

    monkeypatch.setattr(inference, "rate", fails_on_one)
    recorded = await _rate(_ended({"one": "I built it.", "two": "So did I."}), inference)
    assert [payload.type for payload in recorded] == ["alarm", "answer.scored", "result.ready"]
    assert recorded[0].detail == "one"
