"""Streaming speech recognition for many sessions on one device.

Slots are allocated at start and one thread owns the device. Each step runs one batch across sessions: the
utterances that ended, oldest first; when there are none, those with new sound (see `speech_schedule`).
Nothing here knows Ray, nor which model it is: a deployment feeds `accept` and empties `collect`, and the
model is a `StreamingRecognizer`.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from inference.messages import Caption, Language, SpeechBatch, SpeechReply, Spoken, UtteranceChunk
from inference.settings import SpeechSettings
from inference.speech_schedule import Item, Step, schedule_for
from inference.speech_slots import Slot, Slots, take
from models.streaming import FinalText, PartialText, SlotChunk, StreamingRecognizer

_FAILURES_UNHEALTHY = 5


@dataclass(slots=True)
class Outbox:
    """What one gateway is owed. Of several captions of one utterance only the newest is kept."""

    seen: float
    tick: int = -1
    captions: dict[tuple[str, int], Caption] = field(default_factory=dict)
    resend: set[tuple[str, int]] = field(default_factory=set)
    refused: set[tuple[str, int]] = field(default_factory=set)
    markers: list[tuple[str, int]] = field(default_factory=list)

    def put(self, caption: Caption) -> None:
        key = (caption.session, caption.utterance)
        self.captions.pop(key, None)
        self.captions[key] = caption

    def __bool__(self) -> bool:
        return bool(self.captions or self.resend or self.refused or self.markers)


class Failed:
    """The recognizer raised on this item alone."""


Result = PartialText | FinalText | Failed | None


class SpeechEngine:
    """Thread-safe. `on_ready(gateway)` is called, from any thread, when `collect` has something for it."""

    def __init__(
        self,
        recognizer: StreamingRecognizer,
        settings: SpeechSettings,
        on_ready: Callable[[str], None],
        *,
        on_thread: Callable[[], None] = lambda: None,
        on_error: Callable[[Exception], None] = lambda error: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._id = uuid.uuid4().hex
        self._recognizer = recognizer
        self._lease_s = settings.lease_s
        self._on_ready = on_ready
        self._on_thread = on_thread
        self._on_error = on_error
        self._clock = clock
        segments = recognizer.capabilities.mode == "segment"
        self._slots = Slots(recognizer.slots, settings.context_s if segments else 0.0)
        self._opened: dict[int, tuple[Slot, Spoken]] = {}  # the device's thread alone uses it
        self._outboxes: dict[str, Outbox] = {}
        self._schedule = schedule_for(recognizer, settings)
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
            raise RuntimeError(f"the recognizer failed on {self._failing} clips in a row")

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
            for known in batch.known:
                slot = self._slots.lease(known.session, batch.gateway)
                if slot is not None:
                    slot.context.add(known.utterance, known.said)
            for chunk in batch.chunks:
                self._accept(chunk, batch.gateway, outbox, now)
            self._accept_markers(batch, outbox)
            self._work.notify()
        self._on_ready(batch.gateway)  # wakes a wait that this message replaces

    def _accept(self, chunk: UtteranceChunk, gateway: str, outbox: Outbox, now: float) -> None:
        key = (chunk.session, chunk.utterance)
        slot = self._slots.lease(chunk.session, gateway)
        if slot is None:
            outbox.refused.add(key)
            return
        try:
            answer = take(slot, chunk, now, self._recognizer.capabilities.languages)
        except ValueError as error:
            self._errors += 1
            self._on_error(error)
            # One utterance that cannot be heard: no reason to doubt the recognizer, nor to try again.
            given_up = slot.utterances.get(chunk.utterance)
            slot.stale |= given_up is not None and given_up is slot.current
            answer = _caption(slot, chunk.utterance, 0, _nothing(chunk.language), 0.0)
            slot.finish(answer)
        if answer == "resend":
            outbox.resend.add(key)
        elif answer is not None:
            outbox.put(answer)

    def _accept_markers(self, batch: SpeechBatch, outbox: Outbox) -> None:
        without = {session for session, _ in (*outbox.refused, *outbox.resend)}
        for marker in batch.markers:
            slot = self._slots.get(marker.session)
            missing = slot.lacks(marker) if slot else [number for number, _ in marker.utterances]
            if missing and marker.session not in without:
                outbox.resend.update((marker.session, number) for number in missing)
            elif slot is None and not missing:
                outbox.markers.append((marker.session, marker.number))
            elif slot is not None and marker.session not in without:
                slot.markers[marker.number] = marker
                self._settle_markers(slot, outbox)

    def ready(self, gateway: str, tick: int) -> bool:
        """Whether the call with this tick need not wait: something is ready, or a newer call has come."""
        with self._work:
            outbox = self._outboxes.get(gateway)
            return outbox is None or outbox.tick != tick or bool(outbox)

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
                partial_interval_s=round(self._schedule.interval_s(self._slots.all(), self._clock()), 3),
                model=self._recognizer.name,
                engine=self._id,
                errors=self._errors,
                markers=tuple(outbox.markers),
            )
            outbox.captions.clear()
            outbox.resend.clear()
            outbox.refused.clear()
            outbox.markers.clear()
            return reply

    # --- the device's side ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._on_thread()
        while True:
            with self._work:
                step = self._next()
                while step is None and not self._stopped:
                    self._work.wait(self._schedule.pause_s(self._slots.all(), self._clock()))
                    step = self._next()
                if self._stopped or step is None:
                    return
            self._do(step)

    def _next(self) -> Step | None:
        now = self._clock()
        self._end_leases(now)
        self._close_freed()
        step = self._schedule.next(self._slots.all(), now)
        if step is not None:
            for item in step.items:
                item.utterance.tried = item.heard
        return step

    def _end_leases(self, now: float) -> None:
        for gateway, outbox in list(self._outboxes.items()):
            if now - outbox.seen > self._lease_s:
                del self._outboxes[gateway]
                self._slots.free_gateway(gateway)

    def _close_freed(self) -> None:
        for slot, _ in list(self._opened.values()):
            if self._slots.get(slot.session) is not slot or slot.stale:
                self._close(slot)

    def _close(self, slot: Slot) -> None:
        if self._opened.pop(slot.index, None) is not None:
            self._recognizer.close(slot.index)
        slot.stale = False

    def _do(self, step: Step) -> None:
        began, began_at = time.perf_counter(), self._clock()
        results = self._attempt(step)
        seconds = time.perf_counter() - began
        ready: set[str] = set()
        with self._work:
            self._schedule.took(step.kind, sum(r is not None for r in results), seconds, self._clock())
            for item, result in zip(step.items, results, strict=True):
                # The slot may have been freed, or given to the same session anew, while the device worked.
                if self._current(item) and self._settle(item, step, result, began_at, seconds):
                    ready.add(item.slot.gateway)
        for gateway in ready:
            self._on_ready(gateway)

    def _current(self, item: Item) -> bool:
        return (
            self._slots.get(item.slot.session) is item.slot
            and item.slot.utterances.get(item.utterance.number) is item.utterance
        )

    def _settle(self, item: Item, step: Step, result: Result, began_at: float, seconds: float) -> bool:
        """Books a step for one of its slots. Whether its gateway has something to collect."""
        slot, utterance = item.slot, item.utterance
        outbox = self._outboxes.get(slot.gateway)
        if not isinstance(result, Failed) or self._recognizer.capabilities.mode == "streaming":
            utterance.feed(item.pcm.size)  # a streaming model skips what it fails on: it cannot hear it again
        utterance.heard = item.heard
        if result is not None:
            utterance.partial_at = began_at
        if step.kind == "final":
            text = result if isinstance(result, FinalText) else _nothing(utterance.language)
            caption = _caption(slot, utterance.number, item.heard, text, seconds)
            slot.finish(caption)
        elif isinstance(result, PartialText):
            caption = _caption(slot, utterance.number, item.heard, result, seconds)
        else:
            caption = None
        if outbox is None:
            return False
        if caption is not None:
            outbox.put(caption)
        self._settle_markers(slot, outbox)
        return bool(outbox)

    def _settle_markers(self, slot: Slot, outbox: Outbox) -> None:
        through = slot.come_through(self._recognizer.capabilities.chunk or 1)
        outbox.markers += [(slot.session, marker.number) for marker in through]

    def _attempt(self, step: Step) -> list[Result]:
        """The results of a step. When the recognizer fails, each slot is tried alone: one harms no other."""
        try:
            for item in step.items:
                self._open(item)
            chunks = [SlotChunk(item.slot.index, item.pcm, item.before) for item in step.items]
            run = self._recognizer.flush if step.kind == "final" else self._recognizer.step
            results: list[Result] = list(run(chunks))
        except Exception as error:
            if len(step.items) > 1:
                return [result for item in step.items for result in self._attempt(Step(step.kind, (item,)))]
            self._errors += 1
            self._failing += 1
            self._on_error(error)
            if step.kind == "final":
                self._close(step.items[0].slot)
            return [Failed()]
        self._failing = 0
        return results

    def _open(self, item: Item) -> None:
        """Sees to it that the session has its slot in the recognizer, in the utterance's language."""
        slot, language = item.slot, item.utterance.language
        opened, spoken = self._opened.get(slot.index, (None, None))
        if opened is slot and (item.utterance.fed or spoken == language):
            return
        if opened is not None:
            self._close(opened)
        self._recognizer.open(slot.index, language)
        self._opened[slot.index] = (slot, language)


def _nothing(wanted: Spoken) -> FinalText:
    language: Language = "zh" if wanted == "zh" else "en"
    return FinalText("", language)


def _caption(
    slot: Slot, utterance: int, heard: int, text: PartialText | FinalText, seconds: float
) -> Caption:
    final = isinstance(text, FinalText)
    return Caption(
        session=slot.session,
        utterance=utterance,
        final=final,
        text=text.text,
        stable=len(text.text) if isinstance(text, FinalText) else text.stable,
        language=text.language,
        words=text.words if isinstance(text, FinalText) else (),
        heard=heard,
        compute_ms=round(seconds * 1000, 1),
    )
