"""What `bench speech` measures of each clip, and the figures that are made of it."""

from __future__ import annotations

from typing import Literal

from bench.caption_timing import Timing
from bench.core.error_rates import count_errors
from bench.core.manifest import SAMPLE_RATE, Clip
from bench.core.metrics import Item, Metric
from bench.recognisers import TimedRecogniser
from bench.stream_session import Recording, Spoken, Streamed, Utterance

Told = Literal["manifest", "auto", "en", "zh"]

OFFLINE = (
    Metric(name="error_rate", key="error_rate", about="errors per word (English) or character (Mandarin)"),
    Metric(
        name="words_without_reference",
        key="unasked",
        kind="total",
        about="words heard in clips in which nobody speaks",
    ),
)
COST = Metric(name="real_time_factor", key="real_time_factor", about="device time per second of sound")
_LATENCIES = (
    ("first_partial", "speech's begin to the first text shown of the utterance"),
    ("partial_latency", "word's end to the first caption that shows it"),
    ("final_latency", "end of speech to the final, the silence that endpointing waits for included"),
    ("final_after_endpoint", "endpointing's decision to the final"),
)
STREAMING = (
    Metric(name="first_partial_ms", key="first_partial", kind="quantile", share=0.5, about=_LATENCIES[0][1]),
    *(
        Metric(name=f"{key}_p{round(100 * share)}_ms", key=key, kind="quantile", share=share, about=about)
        for key, about in _LATENCIES[1:]
        for share in (0.5, 0.95)
    ),
    Metric(name="rolled_back_share", key="rolled_back", about="words shown by partials that changed later"),
    Metric(
        name="rolled_back_stable_share",
        key="rolled_back_stable",
        about="words told stable that changed later",
    ),
    Metric(
        name="rolled_back_unstable_share",
        key="rolled_back_unstable",
        about="words that never were stable and changed later",
    ),
    Metric(
        name="shown_first_by_final_share",
        key="first_by_final",
        about="words of finals that no partial had shown",
    ),
)


def item(clip: Clip, hypothesis: str, sound_s: float, by: tuple[str, ...]) -> Item:
    """Text against reference; what else was measured is added by the caller."""
    errors, reference = count_errors(clip.text, hypothesis, clip.language)
    columns = {"language": clip.language, **clip.columns}
    return Item.model_validate(
        {
            "name": clip.name,
            "cluster": clip.speaker,
            "ratios": {"error_rate": (errors, reference), "unasked": (0 if reference else errors, 0)},
            "groups": {column: columns[column] for column in by if columns.get(column)},
            "hypothesis": hypothesis,
            "reference": clip.text,
            "language": clip.language,
            "errors": errors,
            "reference_units": reference,
            "sound_s": round(sound_s, 3),
            "columns": clip.columns,
        }
    )


def offline(recogniser: TimedRecogniser, clip: Clip, told: Told, by: tuple[str, ...]) -> Item:
    """The whole clip as one utterance, without endpointing."""
    pcm = clip.sound()
    before = recogniser.seconds
    text = recogniser.whole(pcm, spoken(clip, told)).text
    found = item(clip, text, pcm.size / SAMPLE_RATE, by)
    found.ratios["real_time_factor"] = (recogniser.seconds - before, pcm.size / SAMPLE_RATE)
    return found


def spoken(clip: Clip, told: Told) -> Spoken:
    """What the recogniser is told: `manifest` stands for the clip's own language."""
    return clip.language if told == "manifest" else told


def recording(clip: Clip, told: Told) -> Recording:
    return Recording(clip.name, clip.sound(), spoken(clip, told))


def streamed(clip: Clip, result: Streamed, by: tuple[str, ...], *, timed: bool) -> Item:
    """`timed`: the recording was spoken at its own speed, so latencies mean something."""
    found = item(clip, result.text, result.recording.pcm.size / SAMPLE_RATE, by)
    timing = Timing()
    for utterance in result.utterances.values():
        timing.add(utterance)
    if timed:
        found.samples = {
            "first_partial": _rounded(timing.first_partial_ms),
            "partial_latency": _rounded(timing.word_ms),
            "final_latency": _rounded(timing.final_ms),
            "final_after_endpoint": _rounded(timing.after_endpoint_ms),
            "word_end_s": [round(end, 3) for end in timing.word_ends_s],
        }
        found.ratios |= {
            "rolled_back": (timing.rolled_back, timing.shown),
            "rolled_back_stable": (timing.stable_rolled_back, timing.stable),
            "rolled_back_unstable": (
                timing.rolled_back - timing.stable_rolled_back,
                timing.shown - timing.stable,
            ),
            "first_by_final": (timing.first_by_final, len(timing.word_ms)),
        }
    return found.model_copy(update={"utterances": [_told(u) for u in result.utterances.values()]})


def _told(utterance: Utterance) -> dict[str, str | float | int]:
    final = utterance.final
    return {
        "start_s": round(utterance.start, 3),
        "end_s": round(utterance.end, 3),
        "text": final.text if final else "",
        "partials": len(utterance.captions) - 1,
    }


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 1) for value in values]
