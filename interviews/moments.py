"""The interview on one line of media time: questions, notes, pauses, the link, and facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from interviews.events import Event, LinkMeasured, QuestionStarted
from interviews.integrity import Fact
from interviews.live_events import QuestionInterjected, SessionPaused, SessionResumed
from interviews.parts import Part
from interviews.spans import spans
from interviews.state import SessionState
from interviews.wording import Message, message

POOR_LOSS = 0.05  # share of packets
POOR_RTT_MS = 400.0  # one way 200 ms: more is felt in a conversation (ITU-T G.114)
Kind = Literal["question", "annotation", "interjection", "pause", "link", "fact"]


class Moment(Part):
    """From `start` to `end`, seconds on the media clock; alike where it is a point in time.

    `text`: the question, the note or the detail in the words of whoever gave it. `ref`: id of the question
    or the annotation.
    """

    kind: Kind
    label: Message
    start: float
    end: float
    text: str = ""
    by: str = ""
    tags: tuple[str, ...] = ()
    ref: str = ""


def moments(events: Sequence[Event], state: SessionState, facts: Sequence[Fact]) -> tuple[Moment, ...]:
    """In the order in which they began."""
    end = state.media_time
    found = [
        *_questions(events, state, end),
        *(
            Moment(
                kind="annotation",
                label=message("annotation"),
                start=note.media_time,
                end=note.media_time,
                text=note.text,
                by=note.by,
                tags=note.tags,
                ref=note.id,
            )
            for note in state.annotations.current.values()
        ),
        *(
            Moment(
                kind="interjection",
                label=message("interjection"),
                start=event.media_time,
                end=event.media_time,
                text=event.data.text,
                by=event.data.by,
                ref=event.data.id,
            )
            for event in events
            if isinstance(event.data, QuestionInterjected)
        ),
        *(
            Moment(kind="pause", label=message("paused"), start=round(start, 3), end=round(stop, 3))
            for held, start, stop in spans(events, _pause, end)
            if held == "paused"
        ),
        *_link(events),
        *(
            Moment(kind="fact", label=fact.what, start=fact.start, end=fact.end, text=fact.detail)
            for fact in facts
        ),
    ]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.kind, one.label.code, one.text)))


def _questions(events: Sequence[Event], state: SessionState, end: float) -> Iterator[Moment]:
    """Each from when it was asked to the next one, or to the end of what was said to the last."""
    order = {id_: number for number, id_ in enumerate(state.questions, start=1)}
    asked = [
        (event.media_time, event.data.question)
        for event in events
        if isinstance(event.data, QuestionStarted) and event.data.question in order
    ]
    language = state.created.language if state.created else "zh"
    for index, (start, id_) in enumerate(asked):
        texts = state.questions[id_].text
        number = order[id_]
        yield Moment(
            kind="question",
            label=Message(code="question", zh=f"第 {number} 题", en=f"Question {number}"),
            start=round(start, 3),
            end=round(asked[index + 1][0] if index + 1 < len(asked) else end, 3),
            text=texts.get(language) or next(iter(texts.values())),
            ref=id_,
        )


def _pause(event: Event) -> str | None:
    if isinstance(event.data, SessionPaused):
        return "paused"
    return "running" if isinstance(event.data, SessionResumed) or event.data.type == "session.ended" else None


def _link(events: Sequence[Event]) -> Iterator[Moment]:
    """Where measurements in a row were poor. One says how the time since the one before it was."""
    begun: float | None = None
    worst: LinkMeasured | None = None
    last = 0.0
    for event in events:
        if not isinstance(event.data, LinkMeasured):
            continue
        poor = event.data.loss >= POOR_LOSS or (event.data.rtt_ms or 0.0) >= POOR_RTT_MS
        if poor:
            begun = last if begun is None else begun
            worst = event.data if worst is None or event.data.loss > worst.loss else worst
        elif begun is not None and worst is not None:
            yield _poor(begun, last, worst)
            begun = worst = None
        last = event.media_time
    if begun is not None and worst is not None:
        yield _poor(begun, last, worst)


def _poor(start: float, end: float, worst: LinkMeasured) -> Moment:
    rtt = "" if worst.rtt_ms is None else f", RTT {worst.rtt_ms:.0f} ms"
    return Moment(
        kind="link",
        label=message("poor-link"),
        start=round(start, 3),
        end=round(max(start, end), 3),
        text=f"{100 * worst.loss:.1f} %{rtt}",
    )
