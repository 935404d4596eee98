"""`python -m bench spoken`: questions read aloud by the embedded voices, heard by the embedded recogniser.

Twelve questions of the starter bank in both languages, of every role, with numbers and role play among them.
The recogniser's own errors count too.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.signal import resample_poly

from bench.core.error_rates import count_errors
from bench.core.manifest import SAMPLE_RATE
from bench.core.metrics import Item, Metric
from bench.core.result import Result, build
from bench.core.tables import print_result
from bench.recognisers import EMBEDDED, TimedRecogniser, load
from inference.settings import SpeechSettings
from interviews.starter_bank import starter_bank
from models.speaking.speech import NAMES, Language, Sound
from models.speaking.voices import Voices

QUESTIONS = (
    "explain-to-layperson",
    "own-mistake",
    "three-deadlines",
    "merge-two-tables",
    "find-a-bug",
    "data-structure-choice",
    "design-short-links",
    "angry-caller",
    "privacy-request",
    "falling-pressure",
    "who-first",
    "refusal-price",
)
LANGUAGES: tuple[Language, ...] = ("en", "zh")
METRICS = (
    Metric(name="error_rate", key="error_rate", about="errors per word (English) or character (Mandarin)"),
    Metric(name="real_time_factor", key="real_time_factor", about="time to speak per second of sound"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=("en", "zh"), help="one of them (both)")
    parser.add_argument("--errors", action="store_true", help="print what was heard")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the result there")


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 2: weights are missing."""
    from models.store import WeightsMissing

    languages = (options.language,) if options.language else LANGUAGES
    try:
        result = measure(languages)
    except WeightsMissing as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    console = Console(soft_wrap=True)
    if options.errors:
        for item in result.items:
            heard = (item.model_extra or {})["hypothesis"]
            console.print(f"{item.name}: {heard}", highlight=False, markup=False)
    print_result(result, console, columns=("error_rate", "real_time_factor"))
    if options.json:
        result.write(options.json)
    return 0


def measure(languages: tuple[Language, ...]) -> Result:
    """One thread for each engine, as the server has it. Raises WeightsMissing."""
    voices, recogniser, bank = Voices(), load(EMBEDDED, SpeechSettings()), starter_bank()
    items = []
    for language in languages:
        voices.speak({"en": "Welcome.", "zh": "欢迎。"}[language], language)  # loading is not speaking
        for id_ in QUESTIONS:
            items.append(_item(voices, recogniser, f"{id_}/{language}", bank[id_].text[language], language))
    names = " + ".join(NAMES[language] for language in languages)
    return build(names, {"recogniser": recogniser.name}, METRICS, items, ("language",))


def _item(voices: Voices, recogniser: TimedRecogniser, name: str, text: str, language: Language) -> Item:
    began = time.perf_counter()
    sound = voices.speak(text, language)
    took_s = time.perf_counter() - began
    heard = recogniser.whole(heard_at(sound), language).text
    errors, reference = count_errors(text, heard, language)
    return Item.model_validate(
        {
            "name": name,
            "cluster": name,
            "ratios": {"error_rate": (errors, reference), "real_time_factor": (took_s, sound.seconds)},
            "groups": {"language": language},
            "hypothesis": heard,
            "reference": text,
            "errors": errors,
            "reference_units": reference,
            "sound_s": round(sound.seconds, 3),
        }
    )


def heard_at(sound: Sound) -> NDArray[np.int16]:
    """At the recogniser's rate."""
    wave: NDArray[np.float64] = resample_poly(sound.samples.astype(np.float64), SAMPLE_RATE, sound.rate)
    clipped: NDArray[np.int16] = np.clip(np.round(wave), -32768, 32767).astype(np.int16)
    return clipped
