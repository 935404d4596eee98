"""A streaming transducer behind the `StreamingRecognizer` interface: what the slot engine drives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.streaming import (
    SAMPLE_RATE,
    Capabilities,
    FinalText,
    Language,
    PartialText,
    SlotChunk,
    Spoken,
)
from models.transducer.checkpoint import Checkpoint, read
from models.transducer.decoder import SlotDecoder
from models.transducer.encoder import SlotEncoder
from models.transducer.features import SlotFeatures
from models.transducer.graph import Graphed
from models.transducer.text import Wording

_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


@dataclass(slots=True)
class Utterance:
    """What a slot's utterance said so far; `frames` encoder frames of it are decoded."""

    language: Language
    wording: Wording
    samples: int = 0
    frames: int = 0


class Transducer:
    """N slots of one model. Chunks of `lookahead + 1` frames of 80 ms, each sample heard once.

    Raises `ValueError` for a lookahead that the model was not trained with. Faults in what a call is given
    are found before any slot changes. After a failure of the device itself the caches hold nobody knows what:
    every later call raises `RuntimeError`.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        slots: int,
        lookahead: int | None = None,
        languages: tuple[Language, ...] = ("en",),
    ) -> None:
        if slots < 1 or not languages:
            raise ValueError("a recogniser needs a slot and a language")
        chosen = checkpoint.lookaheads[0] if lookahead is None else lookahead
        if chosen not in checkpoint.lookaheads:
            known = ", ".join(map(str, sorted(checkpoint.lookaheads)))
            raise ValueError(f"the model was trained with lookaheads of {known} frames, not {chosen}")
        model, self._tokenizer = checkpoint.model, checkpoint.tokenizer
        device = model.encoder_projector.weight.device
        self.name = checkpoint.name
        self.slots = slots
        self._encoder = SlotEncoder(model, slots=slots, lookahead=chosen)
        self._decoder = SlotDecoder(model, slots=slots, frames=self._encoder.tokens)
        self._features = SlotFeatures(
            checkpoint.extractor,
            slots=slots,
            frames=self._encoder.frames,
            first_pad=self._encoder.first_pad,
            device=device,
        )
        self._encode: Callable[[Tensor, Tensor], Tensor] = self._encoder
        if device.type == "cuda":
            mel = torch.zeros(slots, self._encoder.frames, self._encoder.mel_bins)
            self._encode = Graphed(self._encoder, mel, torch.zeros(slots, dtype=torch.bool), device=device)
            self._decoder.capture()
        self._frame_s = (
            self._encoder.frames / self._encoder.tokens * checkpoint.extractor.hop_length / SAMPLE_RATE
        )
        self._open: dict[int, Utterance] = {}
        self._broken = False
        self.capabilities = Capabilities(
            mode="streaming",
            languages=languages,
            word_times=True,
            chunk_s=round(self._frame_s * self._encoder.tokens, 6),
        )

    @classmethod
    def load(
        cls,
        model: str,
        *,
        device: str = "cpu",
        dtype: str = "auto",
        slots: int = 8,
        lookahead: int | None = None,
        languages: tuple[Language, ...] = ("en",),
        threads: int = 1,
    ) -> Transducer:
        """A folder or Hugging Face id of a `NemotronAsrStreamingForRNNT`.

        `dtype` auto is bfloat16 on a GPU and float32 on a CPU, where nothing else is offered. `lookahead`
        None is the model's own default. `threads` holds for the whole process, on a CPU alone. Raises
        `ValueError` for what is not such a model, and for settings that it cannot have.
        """
        on_cpu = torch.device(device).type == "cpu"
        if dtype == "auto":
            dtype = "float32" if on_cpu else "bfloat16"
        if dtype not in _DTYPES or (on_cpu and dtype != "float32"):
            allowed = "float32" if on_cpu else ", ".join(_DTYPES)
            raise ValueError(f"dtype on {device} must be {allowed} or auto, not {dtype!r}")
        if on_cpu:
            torch.set_num_threads(threads)
        checkpoint = read(model, device=device, dtype=_DTYPES[dtype])
        return cls(checkpoint, slots=slots, lookahead=lookahead, languages=languages)

    def open(self, slot: int, language: Spoken) -> None:
        """A session takes the slot; `auto` is the model's first language, for it detects none.

        Raises `ValueError` for a slot that is not there or taken, and for a language the model does not know.
        """
        if not 0 <= slot < self.slots or slot in self._open:
            raise ValueError(f"slot {slot} is taken or not one of 0 to {self.slots - 1}")
        known = self.capabilities.languages
        if language != "auto" and language not in known:
            raise ValueError(f"the model knows {', '.join(known)}, not {language}")
        self._begin(slot, known[0] if language == "auto" else language)

    def step(self, chunks: Sequence[SlotChunk]) -> Sequence[PartialText | None]:
        """Hears more of each slot's utterance; what is less than a chunk waits for the rest of it."""
        self._take(chunks)
        self._run()
        return [self._partial(chunk.slot) for chunk in chunks]

    def flush(self, rests: Sequence[SlotChunk]) -> Sequence[FinalText]:
        """Ends each slot's utterance: the last chunk is filled up with silence."""
        self._take(rests)
        for rest in rests:
            if self._open[rest.slot].samples:
                self._features.finish(rest.slot)
        self._run()
        finals = [self._final(rest.slot) for rest in rests]
        self._reset([rest.slot for rest in rests])
        for rest in rests:
            self._begin(rest.slot, self._open[rest.slot].language)
        return finals

    def close(self, slot: int) -> None:
        """The session is over. A slot that is not open stays so."""
        if self._open.pop(slot, None) is not None:
            self._reset([slot])

    def work_s(self, heard_s: float) -> float:
        """A chunk costs the same whatever came before it."""
        return self.capabilities.chunk_s or 0.0

    def _begin(self, slot: int, language: Language) -> None:
        self._open[slot] = Utterance(language, Wording(self._tokenizer, self._frame_s))

    def _reset(self, slots: Sequence[int]) -> None:
        self._encoder.reset(*slots)
        self._decoder.reset(*slots)
        for slot in slots:
            self._features.reset(slot)

    def _take(self, chunks: Sequence[SlotChunk]) -> None:
        """Checks everything, then keeps the sound."""
        if self._broken:
            raise RuntimeError("the device failed in an earlier step, and the slots' caches with it")
        if len({chunk.slot for chunk in chunks}) < len(chunks):
            raise ValueError("a slot is named twice")
        for chunk in chunks:
            if chunk.slot not in self._open:
                raise ValueError(f"slot {chunk.slot} is not open")
            if chunk.pcm.dtype != np.int16 or chunk.pcm.ndim != 1:
                raise ValueError(f"sound is one row of int16, not {chunk.pcm.dtype} {chunk.pcm.shape}")
        for chunk in chunks:
            self._features.push(chunk.slot, chunk.pcm.astype(np.float32) / 32768.0)
            self._open[chunk.slot].samples += len(chunk.pcm)

    def _run(self) -> None:
        """Works off all whole chunks: usually one round over the slots, more after a stall."""
        try:
            while any(self._features.ready(slot) for slot in self._open):
                features, active = self._features.take()
                labels = self._decoder(self._encode(features, active), active)
                self._note(active.tolist(), labels.tokens.tolist(), labels.frames, labels.probabilities)
        except Exception:
            self._broken = True
            raise

    def _note(self, active: list[bool], tokens: list[list[int]], frames: Tensor, chances: Tensor) -> None:
        at, sure = frames.tolist(), chances.tolist()
        for slot, utterance in self._open.items():
            if not active[slot]:
                continue
            for token, frame, chance in zip(tokens[slot], at[slot], sure[slot], strict=True):
                if token >= 0:
                    utterance.wording.add(token, utterance.frames + frame, chance)
            utterance.frames += self._encoder.tokens

    def _partial(self, slot: int) -> PartialText | None:
        utterance = self._open[slot]
        text = utterance.wording.text
        return PartialText(text, len(text), utterance.language) if text else None

    def _final(self, slot: int) -> FinalText:
        utterance = self._open[slot]
        text = utterance.wording.text.rstrip()
        words = utterance.wording.words(utterance.samples / SAMPLE_RATE) if text else ()
        return FinalText(text, utterance.language, words)
