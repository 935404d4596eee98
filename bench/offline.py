"""The same recording through the same weights without network, clock or endpointing: what streaming costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console

from bench import virtual_camera
from bench.core.error_rates import Language, error_rate
from bench.recognisers import EMBEDDED, load
from bench.sound import read_sound
from inference.messages import SAMPLE_RATE


def transcribe(media: Path | None, language: Language) -> str:
    """The words of a file, or of the default candidate, by the speech model that the server would load."""
    from inference.settings import InferenceSettings

    settings = InferenceSettings().speech
    recogniser = load(settings.model or EMBEDDED, settings, device=settings.torch_device)
    sound = np.concatenate(list(read_sound(media or virtual_camera.default_sound(), SAMPLE_RATE)))
    return recogniser.whole(sound, language).text


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
