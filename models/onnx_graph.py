"""A network that the operator gives as an `.onnx` file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.image_classifier import ModelError

Float32 = NDArray[np.float32]


def load(path: Path, side: int, device: str, threads: int) -> Callable[[Float32], Float32]:
    """The graph as a function: float32 n × 3 × `side` × `side` to float32 n × outputs.

    Raises `ModelError` for a file that onnxruntime cannot load, or a graph with other inputs.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    wanted = ["CUDAExecutionProvider"] if device.startswith("cuda") else []
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=[*wanted, "CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's exceptions share no base class of their own
        raise ModelError(f"{path}: not an ONNX model that onnxruntime can load: {error}") from error
    entry = session.get_inputs()[0]
    if len(session.get_inputs()) != 1 or list(entry.shape[1:]) != [3, side, side]:
        raise ModelError(f"{path}: wants one input n × 3 × {side} × {side}, not {entry.shape}")

    def run(x: Float32) -> Float32:
        # A graph with a fixed batch of one takes its images one by one.
        parts = [x] if not isinstance(entry.shape[0], int) else np.split(x, len(x))
        found = [session.run(None, {entry.name: part})[0].reshape(len(part), -1) for part in parts]
        return np.asarray(np.concatenate(found), np.float32)

    return run
