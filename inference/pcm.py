"""The one form in which sound travels: int16 samples, one row."""

from __future__ import annotations

import numpy as np

from inference.messages import Pcm


def as_pcm(samples: object) -> Pcm:
    """int16 as it is; floats in -1 … 1 are rounded to it, clipped beyond that, silence where not finite.

    Raises ValueError for other types and for anything but one row of samples.
    """
    if not isinstance(samples, np.ndarray) or samples.ndim != 1:
        raise ValueError("sound is one row of samples")
    if samples.dtype == np.int16:
        return samples
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"sound is int16 or float, not {samples.dtype}")
    finite = np.nan_to_num(samples.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    pcm: Pcm = np.rint(np.clip(np.clip(finite, -1, 1) * 32768, -32768, 32767)).astype(np.int16)
    return pcm
