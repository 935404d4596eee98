"""One LiteRT network with one input, on one thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


class Network:
    """A `.tflite` file, ready to run.

    Not thread-safe: give each thread its own. `Interpreter.invoke` lets go of the GIL while it computes, so a
    worker thread does not hold up an event loop.
    """

    def __init__(self, path: Path) -> None:
        self._interpreter = Interpreter(str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        (entry,) = self._interpreter.get_input_details()
        self._input: int = entry["index"]
        self.side: int = int(entry["shape"][1])
        self._outputs = {d["name"]: d["index"] for d in self._interpreter.get_output_details()}

    def __call__(self, image: Float32) -> dict[str, Float32]:
        """`image` is float32 side × side × 3; the answer maps each output's name to a copy of its values."""
        self._interpreter.set_tensor(self._input, image[None])
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}
