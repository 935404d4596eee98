"""The same recording through the same weights without network, clock or endpointing: what streaming may cost.

The whole file is cut at its quietest moments into windows of at most 30 s (what Whisper was trained on), each
transcribed on its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bench import virtual_camera
from bench.core.error_rates import Language, error_rate
from bench.sound import read_sound
from inference.messages import SAMPLE_RATE

WINDOW_S = 30.0
SEARCH_S = 6.0  # the last part of a window, in which the quietest moment is sought
QUIET_S = 0.2


def transcribe(media: Path | None, language: Language) -> str:
    """The words of a file, or of the default candidate, by the speech model that the server would load."""
    from inference.settings import InferenceSettings
    from models.whisper import Whisper

    settings = InferenceSettings().speech
    whisper = Whisper.load(settings.model, device=settings.torch_device, dtype=settings.dtype, threads=1)
    blocks = list(read_sound(media or virtual_camera.default_sound(), SAMPLE_RATE))
    sound = np.divide(np.concatenate(blocks), 32768, dtype=np.float32)
    texts = [
        whisper.transcribe([window], [language], word_times=True, beams=settings.beams)[0].text.strip()
        for window in windows(sound)
    ]
    return ("" if language == "zh" else " ").join(texts)


def windows(sound: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Mono at 16 kHz, cut into pieces of at most 30 s at the quietest moments."""
    pieces = []
    window, search, quiet = (round(s * SAMPLE_RATE) for s in (WINDOW_S, SEARCH_S, QUIET_S))
    while len(sound) > window:
        energy = np.convolve(sound[window - search : window] ** 2, np.ones(quiet), "valid")
        cut = window - search + int(np.argmin(energy)) + quiet // 2
        pieces.append(sound[:cut])
        sound = sound[cut:]
    return [*pieces, sound]


def print_comparison(
    media: Path | None, language: Language, streamed: str, reference: str | None, console: Console
) -> None:
    """Streamed against offline, both against the reference when there is one."""
    offline = transcribe(media, language)
    console.print(f"offline transcript: {offline}", markup=False, highlight=False)
    between = error_rate(offline, streamed, language)
    console.print(
        f"streamed against offline: {100 * between.rate:.1f} % of {between.unit} differ", highlight=False
    )
    if reference:
        live, whole = error_rate(reference, streamed, language), error_rate(reference, offline, language)
        console.print(
            f"error rate: streamed {100 * live.rate:.1f} %, offline {100 * whole.rate:.1f} %,"
            f" difference {100 * (live.rate - whole.rate):+.1f} points",
            highlight=False,
        )
