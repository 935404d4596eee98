"""Streaming speech recognition for many sessions on one device.

Slots are allocated at start and one thread owns the device. Each step decodes one batch across sessions:
the utterances that ended, oldest first; when there are none, those with enough new sound for a partial.
Nothing here knows Ray: a deployment feeds `accept` and empties `collect`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from inference.batching import Pace, choose
from inference.messages import SAMPLE_RATE, Caption, Pcm, SpeechBatch, SpeechReply
from inference.settings import SpeechSettings
from inference.speech_slots import Slot, Slots, Utterance, take
from inference.speech_work import DETECTABLE, LONGEST_S, Recogniser, Text, language_of, transcribe

_NEW_SOUND = int(0.35 * SAMPLE_RATE)  # less new sound than this is not worth a partial
_FAILURES_UNHEALTHY = 5
_IDLE_S = 1.0

Kind = Literal["final", "partial"]


@dataclass(slots=True)
class Outbox:
    """What one gateway is owed. Of several captions of one utterance only the newest is kept."""

    seen: float
    tick: int = -1
    captions: dict[tuple[str, int], Caption] = field(default_factory=dict)
    resend: set[tuple[str, int]] = field(default_factory=set)
    refused: set[tuple[str, int]] = field(default_factory=set)

    def put(self, caption: Caption) -> None:
        key = (caption.session, caption.utterance)
        self.captions.pop(key, None)
        self.captions[key] = caption


@dataclass(frozen=True, slots=True)
class Step:
    """One batch for the device. The sound is a view that later appends leave alone."""

    kind: Kind
    items: tuple[tuple[Slot, Utterance, Pcm], ...]


class SpeechEngine:
    """Thread-safe. `on_ready(gateway)` is called, from any thread, when `collect` has something for it."""

    def __init__(
        self,
        recogniser: Recogniser,
        settings: SpeechSettings,
        on_ready: Callable[[str], None],
        *,
        on_thread: Callable[[], None] = lambda: None,
        on_error: Callable[[Exception], None] = lambda error: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recogniser = recogniser
        self._settings = settings
        self._on_ready = on_ready
        self._on_thread = on_thread
        self._on_error = on_error
        self._clock = clock
        self._slots = Slots(settings.slots)
        self._outboxes: dict[str, Outbox] = {}
        self._pace = Pace(settings.partial_interval_s, settings.partial_interval_max_s, settings.device_share)
        self._work = threading.Condition()
        self._stopped = False
        self._errors = 0
        self._failing = 0  # clips in a row
        self._thread = threading.Thread(target=self._run, name="speech-device", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._work:
            self._stopped = True
            self._work.notify()
        self._thread.join()

    def check(self) -> None:
        """Raises RuntimeError when the device no longer does its work."""
        if not self._thread.is_alive():
            raise RuntimeError("the speech device's thread is gone")
        if self._failing >= _FAILURES_UNHEALTHY:
            raise RuntimeError(f"the recogniser failed on {self._failing} clips in a row")

    # --- the gateways' side --------------------------------------------------------------------------

    def accept(self, batch: SpeechBatch) -> None:
        """Takes one gateway's sound. A message older than one already taken changes nothing."""
        now = self._clock()
        with self._work:
            outbox = self._outboxes.setdefault(batch.gateway, Outbox(now))
            if batch.tick <= outbox.tick:
                return
            outbox.tick, outbox.seen = batch.tick, now
            for session in batch.closed:
                self._slots.free(session)
            for chunk in batch.chunks:
                key = (chunk.session, chunk.utterance)
                slot = self._slots.lease(chunk.session, batch.gateway)
                if slot is None:
                    outbox.refused.add(key)
                    continue
                answer = take(slot, chunk, now)
                if answer == "resend":
                    outbox.resend.add(key)
                elif answer is not None:
                    outbox.put(answer)
            self._work.notify()
        self._on_ready(batch.gateway)  # wakes a wait that this message replaces

    def ready(self, gateway: str, tick: int) -> bool:
        """Whether the call with this tick need not wait: something is ready, or a newer call has come."""
        with self._work:
            outbox = self._outboxes.get(gateway)
            if outbox is None or outbox.tick != tick:
                return True
            return bool(outbox.captions or outbox.resend or outbox.refused)

    def collect(self, gateway: str, tick: int) -> SpeechReply:
        """What became ready for this gateway; empty for a call that a newer one has replaced."""
        with self._work:
            outbox = self._outboxes.get(gateway)
            if outbox is None or outbox.tick != tick:
                outbox = Outbox(0.0)
            reply = SpeechReply(
                captions=tuple(outbox.captions.values()),
                resend=tuple(sorted(outbox.resend)),
                refused=tuple(sorted(outbox.refused)),
                partial_interval_s=round(self._pace.interval_s(self._clock(), self._speaking()), 3),
                model=self._recogniser.name,
                errors=self._errors,
            )
            outbox.captions.clear()
            outbox.resend.clear()
            outbox.refused.clear()
            return reply

    # --- the device's side ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._on_thread()
        while True:
            with self._work:
                step = self._next()
                while step is None and not self._stopped:
                    self._work.wait(self._pause())
                    step = self._next()
                if self._stopped or step is None:
                    return
            self._do(step)

    def _speaking(self) -> int:
        return sum(u.ended_at is None for slot in self._slots.all() for u in slot.utterances.values())

    def _next(self) -> Step | None:
        now = self._clock()
        self._end_leases(now)
        # Only the first ended utterance of each session: its finals leave in the order it spoke them.
        ended = [
            (first.ended_at, slot, first)
            for slot in self._slots.all()
            if (first := next((u for u in slot.utterances.values() if u.ended_at is not None), None))
            and first.ended_at is not None
        ]
        if ended:
            return self._step("final", [(s, u) for _, s, u in sorted(ended, key=lambda e: e[0])])
        interval = self._pace.interval_s(now, self._speaking())
        waiting = sorted(self._growing(), key=lambda item: item[1].partial_at)
        if not waiting or now - waiting[0][1].partial_at < interval:
            return None
        # One is due: those that will be soon come along, for a clip costs less in a batch than alone.
        return self._step("partial", [(s, u) for s, u in waiting if now - u.partial_at >= interval / 2])

    def _growing(self) -> list[tuple[Slot, Utterance]]:
        """Utterances with enough new sound for a partial, and not longer than one clip."""
        return [
            (slot, u)
            for slot in self._slots.all()
            for u in slot.utterances.values()
            if u.sound.length - u.heard >= _NEW_SOUND
            and u.sound.length <= LONGEST_S * SAMPLE_RATE
            and (u.sound.length >= DETECTABLE or language_of(u.language, slot.language) is not None)
        ]

    def _pause(self) -> float:
        """Seconds until the next partial is due; new sound wakes the thread by itself."""
        now = self._clock()
        interval = self._pace.interval_s(now, self._speaking())
        return min((max(u.partial_at + interval - now, 0.005) for _, u in self._growing()), default=_IDLE_S)

    def _end_leases(self, now: float) -> None:
        for gateway, outbox in list(self._outboxes.items()):
            if now - outbox.seen > self._settings.lease_s:
                del self._outboxes[gateway]
                self._slots.free_gateway(gateway)

    def _step(self, kind: Kind, among: list[tuple[Slot, Utterance]]) -> Step:
        chosen = choose(
            [u.sound.length / SAMPLE_RATE for _, u in among], self._pace.clips_per_step(self._settings.batch)
        )
        items = [among[i] for i in chosen]
        for _, utterance in items:
            utterance.partial_at = self._clock()
            utterance.heard = utterance.sound.length
        return Step(kind, tuple((slot, u, u.sound.view()) for slot, u in items))

    def _do(self, step: Step) -> None:
        began = time.perf_counter()
        texts = self._attempt(step)
        seconds = time.perf_counter() - began
        ready: set[str] = set()
        with self._work:
            if step.kind == "final":
                self._pace.finals(self._clock(), len(step.items), seconds)
            else:
                self._pace.partials(len(step.items), seconds)
            for (slot, utterance, pcm), text in zip(step.items, texts, strict=True):
                # The slot may have been freed, or given to the same session anew, while the device worked.
                if self._slots.get(slot.session) is not slot or utterance.number not in slot.utterances:
                    continue
                outbox = self._outboxes.get(slot.gateway)
                if outbox is None or text is None:
                    continue
                if pcm.size >= DETECTABLE and utterance.language == "auto":
                    slot.language = text.language
                caption = _caption(step.kind, slot, utterance, pcm.size, text, seconds)
                if caption.final:
                    slot.finish(caption)
                outbox.put(caption)
                ready.add(slot.gateway)
        for gateway in ready:
            self._on_ready(gateway)

    def _attempt(self, step: Step) -> list[Text | None]:
        """The texts of a step. When the recogniser fails, each clip is tried alone: one harms no other."""
        wanted = [language_of(u.language, slot.language) for slot, u, _ in step.items]
        try:
            texts = transcribe(
                self._recogniser,
                [pcm for _, _, pcm in step.items],
                wanted,
                final=step.kind == "final",
                beams=self._settings.beams,
            )
        except Exception as error:
            if len(step.items) > 1:
                return [text for item in step.items for text in self._attempt(Step(step.kind, (item,)))]
            self._errors += 1
            self._failing += 1
            self._on_error(error)
            return [Text("", (), wanted[0] or "en")] if step.kind == "final" else [None]
        self._failing = 0
        return list(texts)


def _caption(
    kind: Kind,
    slot: Slot,
    utterance: Utterance,
    heard: int,
    text: Text,
    seconds: float,
) -> Caption:
    shown, stable = (text.text, len(text.text)) if kind == "final" else utterance.prefix.update(text.text)
    return Caption(
        session=slot.session,
        utterance=utterance.number,
        final=kind == "final",
        text=shown,
        stable=stable,
        language=text.language,
        words=text.words,
        heard=heard,
        compute_ms=round(seconds * 1000, 1),
    )
