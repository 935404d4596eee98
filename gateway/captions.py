"""One session's words: sound on its way to recognition, captions on their way back, on the media clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import structlog

from gateway.metrics import Metrics
from gateway.ports import Speech
from inference.messages import SAMPLE_RATE, Caption
from interviews import speech as delivery
from interviews.events import Payload, Spoken, TranscriptFinal, TranscriptPartial, Word
from media.items import UtteranceEnded, UtteranceSound

log = structlog.get_logger("viva.captions")


@dataclass(slots=True)
class _Utterance:
    start: float  # media time of its first sample
    end: float
    voice: delivery.Voice | None = None  # once it has ended
    finished_at: float | None = None  # monotonic


class Captioner:
    """Opens the session at `speech`. An utterance is remembered until its final text has come."""

    def __init__(
        self,
        session: str,
        spoken: Spoken,
        speech: Speech,
        metrics: Metrics,
        now: Callable[[], float],
        note: Callable[[float, Payload], None],
    ) -> None:
        self._session = session
        self._speech = speech
        self._metrics = metrics
        self._now = now
        self._note = note
        self._utterances: dict[int, _Utterance] = {}
        speech.open(session, spoken, self._captioned)

    @property
    def waiting(self) -> int:
        """Utterances whose final text has not come, the one that is being spoken included."""
        return len(self._utterances)

    def hear(self, item: UtteranceSound) -> None:
        utterance = self._utterances.get(item.utterance)
        if utterance is None:
            start = item.media_time - item.offset / SAMPLE_RATE
            utterance = self._utterances[item.utterance] = _Utterance(start, start)
        utterance.end = utterance.start + (item.offset + len(item.pcm)) / SAMPLE_RATE
        self._speech.hear(self._session, item.utterance, item.offset, item.pcm)

    def finish(self, item: UtteranceEnded) -> None:
        utterance = self._utterances.setdefault(item.utterance, _Utterance(item.start, item.end))
        utterance.start, utterance.end = item.start, item.end
        utterance.voice = delivery.Voice(item.dbfs, **asdict(item.signal))
        utterance.finished_at = time.monotonic()
        self._speech.finish(self._session, item.utterance)

    async def drain(self, timeout_s: float) -> bool:
        """Wait for the final texts of what was finished, then free the slot. True when all have come."""
        drained = await self._speech.drain(self._session, timeout_s)
        self._speech.close(self._session)
        return drained

    def stop(self) -> None:
        """Free the slot; texts that have not come are not waited for."""
        self._speech.close(self._session)

    def _captioned(self, caption: Caption) -> None:
        utterance = self._utterances.get(caption.utterance)
        if utterance is None:
            log.warning("caption of an unknown utterance", session=self._session, utterance=caption.utterance)
        elif caption.final:
            del self._utterances[caption.utterance]
            self._final(caption, utterance)
        else:
            self._note(
                self._now(),
                TranscriptPartial(
                    utterance=caption.utterance,
                    text=caption.text,
                    stable=min(caption.stable, len(caption.text)),
                    language=caption.language,
                    start=round(utterance.start, 3),
                    end=round(utterance.start + caption.heard / SAMPLE_RATE, 3),
                ),
            )

    def _final(self, caption: Caption, utterance: _Utterance) -> None:
        start, end = round(utterance.start, 3), round(utterance.end, 3)
        words = tuple(
            Word(
                text=word.text,
                start=round(min(start + word.start, end), 3),
                end=round(min(start + word.end, end), 3),
                probability=min(1.0, max(0.0, word.probability)),
            )
            for word in caption.words
        )
        final = TranscriptFinal(
            utterance=caption.utterance,
            text=caption.text,
            language=caption.language,
            start=start,
            end=end,
            words=words,
            model=self._speech.model,
        )
        if utterance.finished_at is not None:
            self._metrics.captions.observe(time.monotonic() - utterance.finished_at)
        self._note(self._now(), final)
        if words and utterance.voice:
            voice = utterance.voice
            measured = delivery.measure(
                caption.utterance, words, caption.language, voice, start=start, end=end
            )
            self._note(self._now(), measured)


class CaptionPace:
    """Says when partials become rarer or quicker again. Asked once a second; a change must last `HOLD` s."""

    HOLD = 5

    def __init__(self, base_s: float) -> None:
        self._base = base_s
        self._told = base_s
        self._lasted = 0

    def change(self, interval_s: float) -> tuple[float, bool] | None:
        """(interval, slower than before) to tell now, or None. `interval_s` is the present one."""
        slower = interval_s > 1.5 * self._told
        quicker = self._told > self._base and interval_s < max(1.2 * self._base, self._told / 2)
        self._lasted = self._lasted + 1 if slower or quicker else 0
        if self._lasted < self.HOLD:
            return None
        self._lasted = 0
        self._told = interval_s if interval_s > 1.2 * self._base else self._base
        return round(interval_s, 2), slower
