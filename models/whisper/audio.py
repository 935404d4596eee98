"""Log-mel features as Whisper was trained on: 25 ms windows every 10 ms, 80 or 128 mel bands to 8 kHz.

Radford et al. 2022 (arXiv:2212.04356), section 2.2; the mel scale and its area normalisation are those of
Slaney's Auditory Toolbox (1998).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SAMPLE_RATE = 16_000
HOP = 160
WINDOW = 400
FRAMES = 3000  # 30 s, the most that Whisper sees
TAIL = 1.5  # seconds of silence after the sound: without it the last word may be lost
LEAST = 4.0  # seconds: on less context the model was never trained and errs
LEAST_FINAL = 12.0  # short utterances are said several times over on less: 4 s costs Mandarin 3.7 points more


def mel_filters(bands: int) -> Tensor:
    """Triangular filters, float32 (bands, 201), over the bins of a 400-point transform at 16 kHz."""
    points = _from_mel(np.linspace(0.0, _to_mel(np.array(SAMPLE_RATE / 2)), bands + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    slopes = points[:, None] - bins[None, :]
    widths = np.diff(points)
    rising = -slopes[:-2] / widths[:-1, None]
    falling = slopes[2:] / widths[1:, None]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    filters *= (2.0 / (points[2:] - points[:-2]))[:, None]
    return torch.from_numpy(filters.astype(np.float32))


def context_frames(samples: int, least: float = LEAST) -> int:
    """Frames of 10 ms that the encoder sees of a clip: its length and `TAIL`, at least `least` seconds.

    Rounded up to whole seconds: oneDNN keeps buffers for every shape that it has met, and with free lengths a
    process grows by megabytes per utterance.
    """
    wanted = max(samples / SAMPLE_RATE + TAIL, least)
    return min(FRAMES, 100 * math.ceil(wanted))


def log_mel(clips: Sequence[NDArray[np.float32]], filters: Tensor, frames: int) -> Tensor:
    """Clips of 16 kHz mono sound in -1..1 → float32 (clips, bands, frames), silence after each clip's end.

    `filters` decides the device. `frames` must hold the longest clip, or it is cut.
    """
    sound = torch.zeros(len(clips), frames * HOP)
    for row, clip in zip(sound, clips, strict=True):
        piece = torch.from_numpy(np.ascontiguousarray(clip[: frames * HOP], dtype=np.float32))
        row[: len(piece)] = piece
    window = torch.hann_window(WINDOW, device=filters.device)
    spectrum = torch.stft(sound.to(filters.device), WINDOW, HOP, window=window, return_complex=True)
    power = torch.view_as_real(spectrum[..., :-1]).square().sum(-1)
    bands = (filters @ power).clamp_(min=1e-10).log10_()
    loudest = bands.amax(dim=(1, 2), keepdim=True)
    return torch.maximum(bands, loudest - 8.0).add_(4.0).div_(4.0)


def _to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear below 1 kHz, logarithmic above."""
    above = 15.0 + np.log(np.maximum(hertz, 1000.0) / 1000.0) * (27.0 / np.log(6.4))
    return np.asarray(np.where(hertz < 1000.0, hertz * 3.0 / 200.0, above))


def _from_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = 1000.0 * np.exp((np.log(6.4) / 27.0) * (np.maximum(mel, 15.0) - 15.0))
    return np.asarray(np.where(mel < 15.0, mel * 200.0 / 3.0, above))
