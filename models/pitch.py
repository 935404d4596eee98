"""Pitch of a voice: SwiftF0 by onnxruntime, one value for each 16 ms of 16 kHz sound.

The network (https://github.com/lars76/swift-f0, MIT, arXiv 2508.18440, 14,386 parameters) takes the samples
themselves; a frame is voiced where its confidence is at least 0.5. Praat's method is as good and quicker, but
its licence is the GPL; librosa's and WORLD's either bring a compiler or need one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models import store

SAMPLE_RATE = 16_000
HOP = 256  # samples a frame, 16 ms
CONTEXT = 11  # frames on either side that a frame's value depends on
LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0  # of adults' speech
NAME = "swift-f0@0.3.0"

Float32 = NDArray[np.float32]
_SILENT = 1e-3  # a frame whose peak is lower is no sound: the network would answer at random


class Pitch:
    """Pitch of one voice. Stateless and safe to call from several threads."""

    name = NAME

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._range = {"fmin": np.array(LOWEST_HZ, np.float32), "fmax": np.array(HIGHEST_HZ, np.float32)}

    @classmethod
    def load(cls) -> Pitch:
        """Raises `models.store.WeightsMissing` when the weights were not fetched."""
        return cls(store.file("swift-f0/model.onnx"))

    def __call__(self, wave: Float32) -> tuple[Float32, Float32]:
        """Samples in -1..1 → pitch in Hz and confidence in 0..1, both float32[len(wave) // 256].

        Frame n is about sample 256 n. Raises `ValueError` for less than one frame and for samples that are
        not finite.
        """
        frames = len(wave) // HOP
        if wave.ndim != 1 or frames == 0 or not np.isfinite(wave).all():
            raise ValueError(f"needs at least {HOP} finite samples of one channel")
        wave = wave.astype(np.float32, copy=False)
        pitch, confidence = self._session.run(["pitch", "confidence"], {"audio": wave[None], **self._range})
        silent = np.abs(wave[: frames * HOP].reshape(frames, HOP)).max(axis=1) < _SILENT
        voiced = np.where(silent, 0, confidence[0][:frames])
        return pitch[0][:frames].astype(np.float32), voiced.astype(np.float32)
