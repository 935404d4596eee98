"""The sound of any recording as plain samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

OPUS_TICKS = 48_000  # the clock of Opus in RTP, and what a browser's microphone gives (RFC 7587)


def read_sound(
    media: Path, rate: int = OPUS_TICKS, seconds: float | None = None
) -> Iterator[NDArray[np.int16]]:
    """The first sound track as int16 mono at `rate`."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    left = round(seconds * rate) if seconds is not None else None
    with av.open(str(media)) as container:
        for frame in chain(container.decode(audio=0), [None]):
            for resampled in resampler.resample(frame):
                pcm = resampled.to_ndarray()[0]
                if left is not None:
                    pcm, left = pcm[:left], left - len(pcm[:left])
                yield pcm
            if left == 0:
                return


def read_clip(path: Path, rate: int = 16_000) -> NDArray[np.float32]:
    """Any recording as float32 mono in -1 … 1."""
    samples: NDArray[np.int16] = np.concatenate(list(read_sound(path, rate)))
    return np.divide(samples, 32768, dtype=np.float32)
