"""`python -m bench speech --manifest FILE.csv`: error rates, and how late captions come.

Without `--streaming` each clip is decoded as a whole; with it, clips are spoken at their own pace into the
server's own path from samples on (endpointing, then the speech engine), several sessions at once. With
`--loss` every clip goes over a connection first, at its own pace (`bench.lossy`); compare with `--loss 0`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench import lossy, soak, speech_items
from bench.compare import print_compared
from bench.core.manifest import Clip, ManifestError, joined, read_clips
from bench.core.metrics import Item
from bench.core.plots import plot
from bench.core.result import Result, build
from bench.core.tables import print_result
from bench.load_sender import JITTER_S
from bench.recognisers import EMBEDDED, TimedRecogniser, load
from bench.stream_session import Recording
from bench.streaming import SpeechPath, StreamingFailed
from inference.deployments import warm_up
from inference.settings import SpeechSettings
from media.settings import EndpointingSettings

SENT_AT_ONCE = 12  # they are few packets a second; the recogniser comes after them
LATENCIES = {"partial_latency": "word's end → shown", "final_latency": "speech's end → final"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    defaults = SpeechSettings()
    parser.add_argument("--manifest", type=Path, help="CSV with path (or paths), text, language, …")
    parser.add_argument(
        "--engine",
        default=EMBEDDED,
        help="whisper: embedded weights; or a folder or id of a Whisper or transducer",
    )
    parser.add_argument("--streaming", action="store_true", help="through the server's path, at its own pace")
    parser.add_argument("--sessions", type=int, default=1, metavar="N", help="streams at once (1)")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="pace; not 1: finals alone, no latencies (1)"
    )
    parser.add_argument(
        "--loss", type=float, help="share of packets lost on a connection before; 0: none of them"
    )
    parser.add_argument(
        "--jitter", type=float, help=f"seconds, of that connection; {JITTER_S} with loss, else 0"
    )
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="clips joined to one recording so long")
    parser.add_argument(
        "--language", choices=("manifest", "auto", "en", "zh"), default="manifest", help="told to the model"
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--dtype", default=defaults.dtype, help=f"of the weights ({defaults.dtype})")
    parser.add_argument("--beams", type=int, default=defaults.beams, help=f"of finals ({defaults.beams})")
    parser.add_argument("--batch", type=int, default=defaults.batch, help=f"of a step ({defaults.batch})")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lookahead", type=int, help="of a transducer, in frames of 80 ms (the model's own)")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N rows")
    parser.add_argument("--by", default="language,tier,category", help="columns to group by")
    parser.add_argument("--errors", action="store_true", help="print the clips that were heard wrongly")
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="the result; the plot goes to OUT.png beside it"
    )
    parser.add_argument(
        "--compare", type=Path, nargs=2, metavar=("A", "B"), help="measure nothing: see `bench compare`"
    )


def main(options: argparse.Namespace) -> int:
    """Exit status 0; 1: streaming failed; 2: something that was asked for cannot be."""
    from models.store import WeightsMissing

    if options.compare:
        return print_compared(*options.compare)
    if options.manifest is None:
        print("error: --manifest is needed (or --compare A.json B.json)", file=sys.stderr)
        return 2
    if options.sessions < 1 or options.speed <= 0 or (options.soak and not options.streaming):
        print("error: --sessions and --speed are positive, --soak needs --streaming", file=sys.stderr)
        return 2
    if options.loss is not None and not (options.streaming and 0 <= options.loss < 1):
        print("error: --loss needs --streaming, and is a share", file=sys.stderr)
        return 2
    try:
        clips = read_clips(options.manifest, options.limit)
        if options.soak:
            clips = [joined(clips, 60 * options.soak)]
        settings = _speech(options)
        recogniser = load(options.engine, settings, device=options.device)
        if options.streaming:
            result = _stream(options, settings, clips, recogniser)
        else:
            result = _decode(options, clips, recogniser)
    except (ManifestError, WeightsMissing, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except StreamingFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return _tell(options, result)


def _speech(options: argparse.Namespace) -> SpeechSettings:
    asked = {name: getattr(options, name) for name in ("dtype", "beams", "batch", "threads", "lookahead")}
    if options.streaming and options.speed != 1:
        # At another pace partials mean nothing, and the device's time is better spent on finals.
        asked |= {"partial_interval_s": 1e6, "partial_interval_max_s": 1e6}
    return SpeechSettings(slots=max(SpeechSettings().slots, options.sessions), **asked)


def _decode(options: argparse.Namespace, clips: list[Clip], recogniser: TimedRecogniser) -> Result:
    by = tuple(options.by.split(","))
    items = [speech_items.offline(recogniser, clip, options.language, by) for clip in clips]
    unmeasured = dict.fromkeys(metric.name for metric in speech_items.STREAMING)
    definitions = (*speech_items.OFFLINE, speech_items.COST)
    return build(recogniser.name, _settings(options), definitions, items, by, unmeasured)


def _stream(
    options: argparse.Namespace, settings: SpeechSettings, clips: list[Clip], recogniser: TimedRecogniser
) -> Result:
    from models.vad import VoiceActivity

    by = tuple(options.by.split(","))
    timed = options.speed == 1
    watch = soak.Memory()
    path = SpeechPath(
        recogniser,
        VoiceActivity.load(),
        settings,
        EndpointingSettings(),
        sessions=options.sessions,
        speed=options.speed,
        on_tick=watch.look,
    )
    recordings = [speech_items.recording(clip, options.language) for clip in clips]
    sent: dict[str, float | None] = {}
    if options.loss is not None:
        recordings, sent = _sent(options, clips, recordings)
    # As the server does before it takes candidates: the first clip must not pay for caches and buffers.
    warm_up(recogniser, settings.batch)
    recogniser.seconds = 0.0
    streamed = path.run(recordings)
    items: list[Item] = [
        speech_items.streamed(clip, result, by, timed=timed)
        for clip, result in zip(clips, streamed, strict=True)
    ]
    sound_s = sum(recording.pcm.size for recording in recordings) / 16_000
    run: dict[str, float | None] = {
        speech_items.COST.name: recogniser.seconds / sound_s,
        "pacer_lag_p95_ms": path.lag_p95_ms if timed else None,
        **sent,
    }
    if options.soak:
        run |= soak.figures(items[0], watch)
        items[0] = items[0].model_copy(update={"memory_mb_by_minute": watch.by_minute()})
    return build(
        recogniser.name, _settings(options), (*speech_items.OFFLINE, *speech_items.STREAMING), items, by, run
    )


def _sent(
    options: argparse.Namespace, clips: list[Clip], recordings: list[Recording]
) -> tuple[list[Recording], dict[str, float | None]]:
    """The recordings as they arrive, and what became of the packets."""
    jitter_s = options.jitter if options.jitter is not None else (JITTER_S if options.loss else 0.0)
    arrived = lossy.over_link(clips, options.loss, jitter_s, SENT_AT_ONCE)
    sound_ms = sum(recording.pcm.size for recording in recordings) / 16
    figures: dict[str, float | None] = {
        "packets_dropped_share": sum(one.dropped for one in arrived)
        / max(1, sum(one.sent for one in arrived)),
        "sound_made_up_share": sum(one.lost_ms for one in arrived) / sound_ms,
    }
    return [replace(r, pcm=one.pcm) for r, one in zip(recordings, arrived, strict=True)], figures


def _settings(options: argparse.Namespace) -> dict[str, object]:
    left_out = ("command", "json", "compare", "errors", "by", "limit")
    told = {name: value for name, value in vars(options).items() if name not in left_out}
    return {**told, "manifest": options.manifest.name, "limit": options.limit}


def _tell(options: argparse.Namespace, result: Result) -> int:
    console = Console(soft_wrap=True)
    if options.errors:
        for item in result.items:
            told = item.model_extra or {}
            if told["errors"]:
                line = f"{item.name}: {told['errors']} of {told['reference_units']}: {told['hypothesis']}"
                console.print(line, highlight=False, markup=False)
    columns = (
        "error_rate",
        *(["partial_latency_p95_ms"] if options.streaming and options.speed == 1 else []),
    )
    print_result(result, console, columns=columns)
    if options.json:
        result.write(options.json)
        plot(
            result, options.json.with_name(options.json.name + ".png"), metric="error_rate", samples=LATENCIES
        )
    return 0
