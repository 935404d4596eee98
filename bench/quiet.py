"""`python -m bench quiet`: silence, noise and music through the server's speech path: no word may come."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from bench import nonspeech
from bench.core.manifest import Clip, ManifestError
from bench.core.result import Result, build
from bench.core.tables import print_result
from bench.recognisers import EMBEDDED, TimedRecogniser, load
from bench.speech_items import OFFLINE, streamed
from bench.stream_session import Pcm, Recording, Spoken
from bench.streaming import SpeechPath, StreamingFailed
from inference.settings import SpeechSettings
from media.settings import EndpointingSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    defaults = SpeechSettings()
    parser.add_argument("--noise", type=Path, metavar="FILE.csv", help="recordings too: CSV with path")
    parser.add_argument("--minutes", type=float, default=5.0, help="of each sound (5)")
    parser.add_argument("--engine", default=EMBEDDED, help="whisper: embedded; or a folder or model id")
    parser.add_argument("--language", choices=("auto", "en", "zh"), default="auto", help="told to the model")
    parser.add_argument("--speed", type=float, default=20.0, help="pace of the sound (20)")
    parser.add_argument("--sessions", type=int, default=1, metavar="N", help="streams at once (1)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--dtype", default=defaults.dtype, help=f"of the weights ({defaults.dtype})")
    parser.add_argument("--json", type=Path, metavar="OUT")


def main(options: argparse.Namespace) -> int:
    """Exit status 0: no word; 1: words came, or streaming failed; 2: something asked for cannot be."""
    from models.store import WeightsMissing

    seconds = 60 * options.minutes
    try:
        sounds = nonspeech.synthesised(seconds)
        if options.noise:
            sounds |= nonspeech.recorded(options.noise, seconds)
        settings = SpeechSettings(dtype=options.dtype, slots=max(16, options.sessions))
        recogniser = load(options.engine, settings, device=options.device)
        result = measure(sounds, recogniser, options.language, speed=options.speed, sessions=options.sessions)
    except (ManifestError, WeightsMissing, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except StreamingFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    console = Console(soft_wrap=True)
    print_result(result, console, columns=("words_without_reference",))
    for item in result.items:
        told = item.model_extra or {}
        line = (
            f"{item.name}: {len(told['utterances'])} utterances, {told['errors']} words {told['hypothesis']}"
        )
        console.print(line, highlight=False, markup=False)
    if options.json:
        result.write(options.json)
    return 1 if result.metrics["words_without_reference"] else 0


def measure(
    sounds: dict[str, Pcm], recogniser: TimedRecogniser, language: Spoken, *, speed: float, sessions: int
) -> Result:
    """int16 mono at 16 kHz by name. Every word that comes is counted in `words_without_reference`."""
    from models.vad import VoiceActivity

    path = SpeechPath(
        recogniser,
        VoiceActivity.load(),
        SpeechSettings(),
        EndpointingSettings(),
        sessions=sessions,
        speed=speed,
    )
    results = path.run([Recording(name, pcm, language) for name, pcm in sounds.items()])
    clips = [Clip(name, (), "", "zh" if language == "zh" else "en", {}) for name in sounds]
    items = [streamed(clip, result, (), timed=False) for clip, result in zip(clips, results, strict=True)]
    settings = {"language": language, "speed": speed, "sessions": sessions}
    return build(recogniser.name, settings, OFFLINE[1:], items)
