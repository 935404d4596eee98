"""Error rate of speech recognition on labelled clips: `python -m bench.speech --data FOLDER [--language en]`.

FOLDER holds `en.csv` and `zh.csv` with the columns path, text, tier, and the clips they name. English is
compared as words, Mandarin as characters, both after whisper-normalizer's text normalisation.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import cast

import jiwer
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

from models.whisper import Language, Whisper
from models.whisper.tokens import simplify

RATE = 16_000
LONGEST = 15.0  # seconds per clip, as the speech deployment cuts them

_english = EnglishTextNormalizer()
_basic = BasicTextNormalizer()


@dataclass(frozen=True, slots=True)
class Labelled:
    path: Path
    text: str
    language: Language
    tier: str


def read_labels(folder: Path, language: Language, tiers: str) -> list[Labelled]:
    """Rows of `<language>.csv` whose tier is one of the letters of `tiers`."""
    with (folder / f"{language}.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [
        Labelled(folder / row["path"], row["text"], language, row["tier"])
        for row in rows
        if row["tier"] in tiers
    ]


def read_sound(path: Path) -> NDArray[np.float32]:
    """Any sound file as 16 kHz mono float32."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE:
        common = gcd(rate, RATE)
        mono = resample_poly(mono, RATE // common, rate // common)
    return np.asarray(mono, dtype=np.float32)


def cut(sound: NDArray[np.float32], longest: float = LONGEST) -> list[NDArray[np.float32]]:
    """Pieces of at most `longest` seconds, cut at the quietest 0.2 s of the last third of each."""
    most, window = int(longest * RATE), RATE // 5
    pieces = []
    while len(sound) > most:
        begin = most * 2 // 3
        energy = np.convolve(np.square(sound[begin:most]), np.ones(window), "valid")
        place = begin + int(np.argmin(energy)) + window // 2
        pieces.append(sound[:place])
        sound = sound[place:]
    return [*pieces, sound]


def normalise(text: str, language: Language) -> str:
    if language == "en":
        return str(_english(text))
    return re.sub(r"\s", "", str(_basic(simplify(text))))


def error_rate(references: Sequence[str], heard: Sequence[str], language: Language) -> float:
    """Word error rate for English, character error rate for Mandarin."""
    pairs = [(normalise(a, language), normalise(b, language)) for a, b in zip(references, heard, strict=True)]
    kept = [(a, b) for a, b in pairs if a]
    measure = jiwer.wer if language == "en" else jiwer.cer
    return float(measure([a for a, _ in kept], [b for _, b in kept]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.speech", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--language", choices=("en", "zh"), action="append")
    parser.add_argument("--tiers", default="ABC")
    parser.add_argument("--model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--errors", action="store_true", help="print what was heard wrongly")
    options = parser.parse_args(arguments)
    whisper = Whisper.load(options.model, device=options.device, dtype=options.dtype, threads=options.threads)
    for language in cast("list[Language]", options.language or ["en", "zh"]):
        labels = read_labels(options.data, language, options.tiers)
        heard, seconds, spent = [], 0.0, 0.0
        for label in labels:
            pieces = cut(read_sound(label.path))
            begin = time.perf_counter()
            texts = [
                whisper.transcribe([piece], [language], word_times=False, beams=options.beams)[0].text
                for piece in pieces
            ]
            spent += time.perf_counter() - begin
            seconds += sum(map(len, pieces)) / RATE
            heard.append(" ".join(texts))
            if options.errors and (rate := error_rate([label.text], heard[-1:], language)):
                print(f"  {rate:.3f} {label.tier} {label.path.name}: {heard[-1]}")
        for tier in ["ABC", *sorted({label.tier for label in labels})]:
            chosen = [place for place, label in enumerate(labels) if label.tier in tier]
            rate = error_rate([labels[i].text for i in chosen], [heard[i] for i in chosen], language)
            print(
                f"{whisper.name} {options.dtype} {language} tier {tier}: {len(chosen)} clips, "
                f"error {rate:.3f}"
            )
        print(
            f"{whisper.name} {options.dtype} {language}: {1000 * spent / len(labels):.0f} ms per clip, "
            f"real-time factor {spent / seconds:.3f}, beams {options.beams}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
