"""One fixed-shape computation as a CUDA graph: a single launch instead of some thousand small ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_WARM_UPS = 3  # libraries choose their algorithms and take their workspaces in the first runs


class Graphed:
    """`step(*inputs)` captured once and replayed. The result is overwritten by the next call.

    `examples` give shapes and dtypes of the inputs. The warm-up runs the step on zeros, outside the graph:
    with no slot active it must leave its state as it was. All state lies in buffers that are changed in
    place, so that a slot may be reset between two replays.
    """

    def __init__(self, step: Callable[..., Tensor], *examples: Tensor, device: torch.device) -> None:
        self._inputs = [torch.zeros_like(example, device=device) for example in examples]
        side: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream(device))
        with torch.inference_mode():
            with torch.cuda.stream(side):
                for _ in range(_WARM_UPS):
                    step(*self._inputs)
            torch.cuda.current_stream(device).wait_stream(side)
            self._graph = torch.cuda.CUDAGraph()
            # Other threads of the process may use the device while this one captures.
            with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
                self._output = step(*self._inputs)

    def __call__(self, *inputs: Tensor) -> Tensor:
        for static, given in zip(self._inputs, inputs, strict=True):
            static.copy_(given, non_blocking=True)
        self._graph.replay()
        return self._output
