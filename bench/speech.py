"""Error rates of speech recognition on labelled clips, and what a clip costs.

The folder holds `en.csv` and `zh.csv` with the columns path, text, tier (A: reference of a corpus, B:
published text, C: corrected draft), and the clips that they name.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.core.error_rates import Language, error_rate, normalise
from bench.offline import windows
from bench.sound import read_sound
from models.whisper.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from models.whisper import Whisper


@dataclass(frozen=True, slots=True)
class Labelled:
    path: Path
    text: str
    tier: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip's outcome; `errors` and `reference` count words or characters."""

    label: Labelled
    text: str
    errors: int
    reference: int
    sound_s: float
    compute_s: float


def read_labels(folder: Path, language: Language) -> list[Labelled]:
    """The rows of `<language>.csv` whose text holds words."""
    with (folder / f"{language}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    labels = [Labelled(folder / row["path"], row["text"], row["tier"]) for row in rows]
    return [label for label in labels if normalise(label.text, language)]


def read_clip(path: Path) -> NDArray[np.float32]:
    """Any recording as float32 mono at 16 kHz."""
    samples: NDArray[np.int16] = np.concatenate(list(read_sound(path, SAMPLE_RATE)))
    return np.divide(samples, 32768, dtype=np.float32)


def hear(whisper: Whisper, label: Labelled, language: Language, beams: int = 1) -> Heard:
    """One clip by itself; what is longer than 30 s is cut at quiet moments."""
    sound = read_clip(label.path)
    begin = time.perf_counter()
    texts = [
        whisper.transcribe([window], [language], word_times=False, beams=beams)[0].text
        for window in windows(sound)
    ]
    spent = time.perf_counter() - begin
    text = ("" if language == "zh" else " ").join(texts)
    counted = error_rate(label.text, text, language)
    errors = counted.substitutions + counted.deletions + counted.insertions
    return Heard(label, text, errors, counted.reference, len(sound) / SAMPLE_RATE, spent)


def rate(heard: Sequence[Heard]) -> float:
    """Errors per word or character over all clips together."""
    return sum(clip.errors for clip in heard) / sum(clip.reference for clip in heard)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder with en.csv and zh.csv")
    parser.add_argument("--language", choices=("en", "zh"), required=True)
    parser.add_argument("--model", help="folder or Hugging Face id; without: the embedded weights")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--errors", action="store_true", help="print the clips that were heard wrongly")


def main(options: argparse.Namespace) -> int:
    from models.whisper import Whisper

    whisper = Whisper.load(options.model, device=options.device, dtype=options.dtype, threads=options.threads)
    clips = []
    for label in read_labels(options.data, options.language):
        clips.append(hear(whisper, label, options.language, options.beams))
        if options.errors and clips[-1].errors:
            print(f"{rate(clips[-1:]):.3f} {label.tier} {label.path.name}: {clips[-1].text}")
    print(f"{whisper.name} {options.dtype} on {options.device}, beams {options.beams}, {options.language}")
    for tiers in ("ABC", *sorted({clip.label.tier for clip in clips})):
        chosen = [clip for clip in clips if clip.label.tier in tiers]
        print(f"  tier {tiers:3}  {len(chosen):4} clips  error rate {rate(chosen):.3f}")
    spent, sound = sum(clip.compute_s for clip in clips), sum(clip.sound_s for clip in clips)
    print(f"  {1000 * spent / len(clips):.0f} ms per clip, real-time factor {spent / sound:.3f}")
    return 0
