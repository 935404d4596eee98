"""Media items that become events as they are: state of sound and picture, faces, hints, the link."""

from __future__ import annotations

from interviews import events
from interviews.events import Payload
from media import items


def payload_of(
    item: items.UtteranceStarted
    | items.SoundLevel
    | items.SoundChanged
    | items.PictureChanged
    | items.FacesChanged
    | items.HintChanged
    | items.FaultChanged
    | items.Blinked
    | items.LinkSample
    | items.ConnectionRerouted,
) -> Payload:
    match item:
        case items.UtteranceStarted():
            return events.UtteranceStarted(utterance=item.utterance)
        case items.SoundLevel():
            return events.SoundLevel(dbfs=round(item.dbfs, 1), speaking=item.speaking)
        case items.SoundChanged():
            return events.SoundState(state=item.state)
        case items.PictureChanged():
            return events.PictureState(state=item.state)
        case items.FacesChanged():
            state = "none" if item.faces == 0 else "one" if item.faces == 1 else "several"
            sure = None if item.confidence is None else round(min(1.0, item.confidence), 2)
            return events.FaceState(state=state, faces=item.faces, confidence=sure)
        case items.HintChanged():
            return events.FramingHint(hint=item.hint)
        case items.FaultChanged():
            return events.FaceFault(fault=item.fault, present=item.present)
        case items.Blinked():
            return events.FaceBlinked(track=item.track, start=round(item.start, 3))
        case items.ConnectionRerouted():
            return events.ConnectionRerouted(gap_s=round(item.gap_s, 3))
        case items.LinkSample():
            return events.LinkMeasured(
                loss=round(min(1.0, max(0.0, item.loss)), 4),
                jitter_ms=round(item.jitter_ms, 1),
                rtt_ms=None if item.rtt_ms is None else round(item.rtt_ms, 1),
                kbps=round(item.kbps, 1),
                fps=round(item.fps, 1),
                sound_lost_ms=round(item.sound_lost_ms, 1),
                sound_heard_ms=round(item.sound_heard_ms, 1),
                frames_dropped=item.frames_dropped,
                freezes=item.freezes,
                frozen_ms=round(item.frozen_ms),
            )
