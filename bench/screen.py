"""One interview as it happens, in a terminal: captions, face, liveness, affect, link and loop lag.

On a terminal the picture is redrawn in place; elsewhere (a log, a pipe) the same things come as plain lines.
"""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bench.server import Json, Received
from interviews.events import (
    AffectObserved,
    Alarm,
    AnyPayload,
    CaptionsPaced,
    Event,
    FaceFault,
    FaceMeasured,
    FaceState,
    FaceUnclear,
    FramingHint,
    InferenceGap,
    LinkMeasured,
    LivenessObserved,
    PictureState,
    QuestionStarted,
    SoundLevel,
    SoundState,
    SpeechMeasured,
    TranscriptFinal,
    TranscriptPartial,
)

LINES = 7  # final texts kept in sight
PLAIN_EVERY_S = 5.0  # measures in plain lines


class Screen:
    """Takes events as they come and shows the state they make. `with` it while the interview runs."""

    def __init__(self, console: Console, title: str) -> None:
        self._console, self._title = console, title
        self._finals: deque[str] = deque(maxlen=LINES)
        self._partial: TranscriptPartial | None = None
        self._measures: dict[str, str] = {}
        self._media_time = 0.0
        self._plain_at = time.monotonic()
        self._live = Live(self, console=console, refresh_per_second=8) if console.is_terminal else None

    def __enter__(self) -> Screen:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def take(self, received: Received) -> None:
        """One event of the session."""
        event = Event.model_validate(received.event)
        self._media_time = max(self._media_time, event.media_time)
        self._note(event.data)
        if self._live is None:
            self._say(event)

    def take_server(self, answer: Json) -> None:
        """What /api/v1/server says."""
        lag = answer["loop_lag_ms"]
        self._measures["event loop"] = f"lag p50 {lag['p50']:.1f} ms, p99 {lag['p99']:.1f} ms"
        self._measures["memory"] = f"{answer['memory']['pss_mb']:.0f} MB (PSS, all processes)"

    def _note(self, data: AnyPayload) -> None:
        match data:
            case TranscriptPartial():
                self._partial = data
            case TranscriptFinal():
                if data.text:
                    self._finals.append(f"[{data.start:5.1f} s] {data.text}")
                if self._partial and self._partial.utterance <= data.utterance:
                    self._partial = None
            case _:
                self._measures |= measures(data)

    def _say(self, event: Event) -> None:
        if isinstance(event.data, TranscriptFinal) and event.data.text:
            self._console.print(
                f"[{event.data.start:6.1f} s] {event.data.text}", markup=False, highlight=False
            )
        if time.monotonic() - self._plain_at >= PLAIN_EVERY_S and self._measures:
            self._plain_at = time.monotonic()
            line = "; ".join(f"{name}: {value}" for name, value in self._measures.items())
            self._console.print(f"  at {self._media_time:.0f} s  {line}", markup=False, highlight=False)

    def __rich__(self) -> Group:
        captions = Text("\n".join(self._finals))
        if self._partial:
            settled, loose = (
                self._partial.text[: self._partial.stable],
                self._partial.text[self._partial.stable :],
            )
            captions.append("\n" if self._finals else "")
            captions.append(settled, style="cyan")
            captions.append(loose, style="dim cyan")
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        for name, value in self._measures.items():
            table.add_row(name, Text(value))
        return Group(
            Panel(captions, title=f"{self._title} · {self._media_time:.0f} s", height=LINES + 4),
            Panel(table, title="observed, never scored"),
        )


def measures(data: AnyPayload) -> dict[str, str]:
    """What an event says about the picture, the person and the machine, by the name it is shown under."""
    match data:
        case QuestionStarted():
            return {"question": data.question}
        case SoundLevel():
            return {"sound": f"{data.dbfs:.0f} dBFS, {'speaking' if data.speaking else 'quiet'}"}
        case SoundState() if data.state != "ok":
            return {"sound": data.state}
        case PictureState():
            return {"picture": data.state}
        case FaceState():
            return {"faces": data.state}
        case FaceMeasured():
            angles = f"yaw {data.yaw:+.0f}°, pitch {data.pitch:+.0f}°, roll {data.roll:+.0f}°"
            height = f"{100 * data.box[3]:.0f} % of the picture's height"
            eyes = "not told" if data.eyes_open is None else f"{data.eyes_open:.2f}"
            return {"face": f"{height}; {angles}; eyes open {eyes}"}
        case FaceUnclear():
            return {"face": f"not measured: {data.insufficient}"}
        case FaceFault():
            return {"fault": f"{data.fault}{'' if data.present else ' no more'}"}
        case FramingHint():
            return {"hint": data.hint or "none"}
        case LivenessObserved():
            share = f"{data.score:.2f} over {data.frames} frames, threshold {data.threshold:.2f}"
            return {"liveness": f"{data.decision} ({share})"}
        case AffectObserved():
            return {"affect": f"{data.valence}, confidence {data.confidence:.2f}"}
        case SpeechMeasured() if data.words_per_minute:
            return {"delivery": f"{data.words_per_minute:.0f} words a minute, pauses {data.pause_ratio:.0%}"}
        case LinkMeasured():
            quality = f"loss {data.loss:.1%}, jitter {data.jitter_ms:.0f} ms, {data.kbps:.0f} kb/s"
            lost = f"sound lost {data.sound_lost_ms:.0f} ms, frames dropped {data.frames_dropped}"
            return {"link": f"{quality}, {data.fps:.0f} fps; {lost}"}
        case CaptionsPaced():
            return {"captions": f"every {data.interval_s:.1f} s"}
        case InferenceGap():
            return {data.deployment: data.state}
        case Alarm():
            return {f"alarm {data.code}": data.detail}
        case _:
            return {}
