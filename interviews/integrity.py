"""Facts that a person should weigh: who was in the picture, what broke, and when. Not scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from interviews.events import (
    Alarm,
    Event,
    FaceState,
    InferenceGap,
    LinkMeasured,
    LivenessObserved,
    PictureState,
    SessionConnected,
    SessionDisconnected,
    SessionEnded,
    SoundState,
)
from interviews.live_events import PageHidden
from interviews.parts import Part
from interviews.spans import spans
from interviews.wording import Message, message


class Fact(Part):
    """Something that held from `start` to `end`, in seconds on the media clock. `detail` names the cause."""

    what: Message
    start: float
    end: float
    detail: str = ""


class LinkQuality(Part):
    """The receiver's side over the whole session; None where nothing was measured."""

    measurements: int
    loss: float | None
    loss_worst: float | None
    jitter_ms: float | None
    rtt_ms: float | None
    kbps: float | None
    fps: float | None
    sound_lost_ms: float
    frames_dropped: int
    disconnections: int
    disconnected_s: float


def integrity(events: Sequence[Event], end: float) -> tuple[Fact, ...]:
    """All facts in the order in which they began."""
    facts = [
        *_held(events, _connection, {"lost": "disconnected"}, end),
        *_held(events, _faces, {"several": "several-people", "none": "no-face"}, end),
        *_held(events, _picture, {"black": "picture-black", "missing": "picture-missing"}, end),
        *_held(events, _sound, {"silent": "sound-silent", "missing": "sound-missing"}, end),
        *_held(events, _liveness, {"attack": "liveness-attack"}, end),
        *_gaps(events, end),
        *(
            Fact(
                what=message("page-hidden"),
                start=round(max(0.0, e.media_time - e.data.hidden_s), 3),
                end=e.media_time,
            )
            for e in events
            if isinstance(e.data, PageHidden)
        ),
        *(
            Fact(what=message("alarm"), start=e.media_time, end=e.media_time, detail=e.data.code)
            for e in events
            if isinstance(e.data, Alarm)
        ),
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end, fact.what.code, fact.detail)))


def link_quality(events: Sequence[Event], end: float) -> LinkQuality:
    measured = [event.data for event in events if isinstance(event.data, LinkMeasured)]
    rtts = [m.rtt_ms for m in measured if m.rtt_ms is not None]
    lost = [span for span in spans(events, _connection, end) if span[0] == "lost"]

    def mean(values: Sequence[float]) -> float | None:
        return round(sum(values) / len(values), 4) if values else None

    return LinkQuality(
        measurements=len(measured),
        loss=mean([m.loss for m in measured]),
        loss_worst=max((m.loss for m in measured), default=None),
        jitter_ms=mean([m.jitter_ms for m in measured]),
        rtt_ms=round(median(rtts), 1) if rtts else None,
        kbps=mean([m.kbps for m in measured]),
        fps=mean([m.fps for m in measured]),
        sound_lost_ms=round(_grown([m.sound_lost_ms for m in measured]), 1),
        frames_dropped=int(_grown([m.frames_dropped for m in measured])),
        disconnections=len(lost),
        disconnected_s=round(sum(end - start for _, start, end in lost), 3),
    )


def _grown(counts: Sequence[float]) -> float:
    """The sum of a counter's growth; a process that takes the session up counts from zero again."""
    grown = last = 0.0
    for count in counts:
        grown += count - last if count >= last else count
        last = count
    return grown


def _held(
    events: Sequence[Event], key: Callable[[Event], str | None], codes: dict[str, str], end: float
) -> list[Fact]:
    return [
        Fact(what=message(codes[state]), start=round(start, 3), end=round(stop, 3))
        for state, start, stop in spans(events, key, end)
        if state in codes
    ]


def _connection(event: Event) -> str | None:
    match event.data:
        case SessionConnected() | SessionEnded():
            return "fine"
        case SessionDisconnected():
            return "lost"
    return None


def _faces(event: Event) -> str | None:
    return event.data.state if isinstance(event.data, FaceState) else None


def _picture(event: Event) -> str | None:
    return event.data.state if isinstance(event.data, PictureState) else None


def _sound(event: Event) -> str | None:
    return event.data.state if isinstance(event.data, SoundState) else None


def _liveness(event: Event) -> str | None:
    return event.data.decision if isinstance(event.data, LivenessObserved) else None


def _gaps(events: Sequence[Event], end: float) -> list[Fact]:
    facts = []
    open_since: dict[str, float] = {}
    for event in events:
        if not isinstance(event.data, InferenceGap):
            continue
        deployment = event.data.deployment
        if event.data.state == "lost":
            open_since.setdefault(deployment, event.media_time)
        else:
            start = open_since.pop(deployment, max(0.0, event.media_time - event.data.gap_s))
            facts.append(_gap(deployment, start, max(start, event.media_time)))
    return facts + [_gap(deployment, start, max(start, end)) for deployment, start in open_since.items()]


def _gap(deployment: str, start: float, end: float) -> Fact:
    return Fact(what=message("inference-gap"), start=round(start, 3), end=round(end, 3), detail=deployment)
