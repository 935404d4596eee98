"""What a gateway holds of its sessions' sound until the final texts have come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from inference.messages import Caption, Known, Marker, Pcm, Spoken, UtteranceChunk
from inference.speech_context import Context


@dataclass(slots=True)
class HeldUtterance:
    """Every sample since its start, and how many of them are on their way or there."""

    pieces: list[Pcm] = field(default_factory=list)
    length: int = 0
    sent: int = 0
    finished: bool = False
    end_sent: bool = False
    refused: bool = False
    not_before: float = 0.0

    def hear(self, offset: int, pcm: Pcm) -> bool:
        """Adds what is new of `pcm`, a hole before it as silence. Whether there was anything new."""
        if offset > self.length:
            pcm, offset = np.concatenate([np.zeros(offset - self.length, np.int16), pcm]), self.length
        new = pcm[self.length - offset :]
        if new.size == 0 or self.finished:
            return False
        self.pieces.append(new)
        self.length += new.size
        return True

    def take(self, session: str, number: int, language: Spoken) -> UtteranceChunk | None:
        """What was not sent yet; it counts as sent from now on."""
        if len(self.pieces) > 1:
            self.pieces = [np.concatenate(self.pieces)]
        pcm = self.pieces[0][self.sent :] if self.pieces else np.empty(0, np.int16)
        if time.monotonic() < self.not_before or not (pcm.size or self.finished > self.end_sent):
            return None
        chunk = UtteranceChunk(session, number, language, self.sent, pcm, self.finished)
        self.sent, self.end_sent = self.length, self.finished
        return chunk

    @property
    def sound(self) -> Pcm:
        return np.concatenate(self.pieces) if self.pieces else np.empty(0, np.int16)

    def again(self) -> None:
        self.sent, self.end_sent = 0, False


@dataclass(slots=True)
class HeldMarker:
    """`done` gets True when the marker has come back, False when the session is closed before."""

    marker: Marker
    done: asyncio.Future[bool]
    sent: bool = False


@dataclass(slots=True)
class HeldSession:
    """`line`: the number of the replica that has its slot, None before it has spoken."""

    language: Spoken
    on_caption: Callable[[Caption], None]
    context: Context
    line: int | None = None
    utterances: dict[int, HeldUtterance] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    markers: dict[int, HeldMarker] = field(default_factory=dict)
    context_told: bool = True  # to the replica that listens
    answered: asyncio.Event = field(default_factory=asyncio.Event)  # set while nothing is owed

    def __post_init__(self) -> None:
        self.answered.set()

    def utterance(self, number: int) -> HeldUtterance:
        self.answered.clear()
        return self.utterances.setdefault(number, HeldUtterance())

    def settle(self, number: int) -> HeldUtterance:
        """Takes the utterance out: its final has come, or never will."""
        self.done.add(number)
        utterance = self.utterances.pop(number)
        if not self.utterances:
            self.answered.set()
        return utterance

    def take_known(self, session: str) -> list[Known]:
        """What the replica has not heard of the utterances before those that it is told now."""
        if self.context_told:
            return []
        self.context_told = True
        return [Known(session, number, said) for number, said in self.context.items()]

    def take_markers(self) -> list[Marker]:
        """Those not sent yet, after all the sound they are about."""
        if any(u.sent < u.length for u in self.utterances.values()):
            return []
        unsent = [held for held in self.markers.values() if not held.sent]
        for held in unsent:
            held.sent = True
        # An utterance whose final has come since is none to wait for.
        return [
            Marker(
                held.marker.session,
                held.marker.number,
                tuple(at for at in held.marker.utterances if at[0] in self.utterances),
            )
            for held in unsent
        ]

    def again(self) -> None:
        """Tells everything from the start of each utterance, to whichever replica listens."""
        for utterance in self.utterances.values():
            utterance.again()
        self.context_told = False
        self.markers_again()

    def markers_again(self) -> None:
        for held in self.markers.values():
            held.sent = False

    def close(self) -> None:
        self.answered.set()
        for held in self.markers.values():
            if not held.done.done():
                held.done.set_result(False)
