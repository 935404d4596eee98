"""Which speech engine a model needs, read from the model itself; and whole recordings through any of them."""

from __future__ import annotations

from collections.abc import Sequence

from models.streaming import FinalText, Pcm, SlotChunk, Spoken, StreamingRecognizer


def load(
    model: str | None,
    *,
    slots: int,
    device: str = "cpu",
    dtype: str = "auto",
    threads: int = 1,
    beams: int = 1,
    lookahead: int | None = None,
) -> StreamingRecognizer:
    """None: the embedded Whisper; else a folder or Hugging Face id of a Whisper or a streaming transducer.

    `beams` is for Whisper's finals, `lookahead` (frames of 80 ms, None: the model's own) for transducers.
    Raises `models.store.WeightsMissing`, and `ValueError` for what is neither, or for a dtype it cannot have.
    """
    if model is not None:
        from models import hub
        from models.transducer import MODEL_TYPE, Transducer

        if hub.locate(model).model_type == MODEL_TYPE:
            return Transducer.load(
                model, device=device, dtype=dtype, slots=slots, lookahead=lookahead, threads=threads
            )
    from models.whisper import Whisper
    from models.whisper.streaming import WhisperStreaming

    whisper = Whisper.load(model, device=device, dtype=dtype, threads=threads)
    return WhisperStreaming(whisper, slots=slots, beams=beams)


def whole(recognizer: StreamingRecognizer, sounds: Sequence[Pcm], language: Spoken) -> Sequence[FinalText]:
    """Recordings as one utterance each, in slots that nobody uses, from 0 on."""
    chunk = recognizer.capabilities.chunk
    for slot in range(len(sounds)):
        recognizer.open(slot, language)
    if chunk is not None:
        for start in range(0, max(map(len, sounds)) - chunk + 1, chunk):
            whole_chunks = [(n, pcm[start : start + chunk]) for n, pcm in enumerate(sounds)]
            recognizer.step([SlotChunk(n, pcm) for n, pcm in whole_chunks if len(pcm) == chunk])
    rests = [pcm if chunk is None else pcm[len(pcm) - len(pcm) % chunk :] for pcm in sounds]
    finals = recognizer.flush([SlotChunk(slot, pcm) for slot, pcm in enumerate(rests)])
    for slot in range(len(sounds)):
        recognizer.close(slot)
    return finals
