"""Voice activity: silero-vad by onnxruntime, one decision for each 32 ms of 16 kHz sound.

The network (https://github.com/snakers4/silero-vad, MIT) is recurrent and wants the last 4 ms of the chunk
before in front of each chunk; both are its state. Beside sound and state it needs nothing, so one instance
serves every session of a process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models import store

SAMPLE_RATE = 16_000
CHUNK = 512  # samples, 32 ms
NAME = "silero-vad@6.2.3"

Float32 = NDArray[np.float32]
_CONTEXT = 64
_WIDTH = 128


@dataclass(frozen=True, slots=True)
class VoiceState:
    """What the network remembers of one stream, 1.3 kB: `hidden` (2, 128) and the last 64 samples."""

    hidden: Float32
    context: Float32


class VoiceActivity:
    """Probability that somebody speaks. Safe to call from several threads."""

    name = NAME

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)

    @classmethod
    def load(cls) -> VoiceActivity:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        return cls(store.file("silero-vad/silero_vad.onnx"))

    def new_state(self) -> VoiceState:
        """The state of a stream that has not begun."""
        return VoiceState(np.zeros((2, _WIDTH), np.float32), np.zeros(_CONTEXT, np.float32))

    def __call__(self, chunk: Float32, state: VoiceState) -> tuple[float, VoiceState]:
        """512 samples in -1..1 of one stream → probability of speech in them, and the stream's next state."""
        probabilities, states = self.step(chunk[None], [state])
        return float(probabilities[0]), states[0]

    def step(self, chunks: Float32, states: Sequence[VoiceState]) -> tuple[Float32, list[VoiceState]]:
        """The next chunks (streams, 512) of several streams at once → probabilities (streams,), next states.

        Raises `ValueError` for other shapes and for samples that are not finite, which would stay in a state.
        """
        if chunks.shape != (len(states), CHUNK):
            raise ValueError(
                f"{len(states)} streams need chunks of shape {(len(states), CHUNK)}, not {chunks.shape}"
            )
        if not np.isfinite(chunks).all():
            raise ValueError("the chunks hold samples that are not finite")
        if not states:
            return np.zeros(0, np.float32), []
        chunks = chunks.astype(np.float32, copy=False)
        context = np.stack([state.context for state in states])
        hidden = np.stack([state.hidden for state in states], axis=1)
        probabilities, hidden = self._session.run(
            None, {"input": np.concatenate([context, chunks], axis=1), "state": hidden, "sr": self._rate}
        )
        after = [
            VoiceState(hidden[:, row].copy(), chunks[row, -_CONTEXT:].copy()) for row in range(len(states))
        ]
        return probabilities[:, 0], after
