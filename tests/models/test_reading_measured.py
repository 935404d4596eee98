"""How often the hint that an answer was read aloud is given, on recordings of which it is known."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

from interviews.events import Language, Word
from interviews.reading import WRITTEN, looks_read, reading_figures, register
from models import recognizers
from models.streaming import StreamingRecognizer

EVAL = Path(os.environ.get("VIVA_EVAL", Path(__file__).parents[2].parent / "shared" / "eval")) / "speech"
GAP_S = 0.4
# Read, beside the joined utterances of longform.csv: documentation, a novel (labelled spontaneous), a reader.
READ: dict[str, tuple[Language, tuple[str, ...]]] = {
    "azure-en": ("en", ("az_en-US_general_training_audio1", "az_en-US_general_training_audio2")),
    "azure-sdk": ("en", ("az_aboutSpeechSdk",)),
    "novel": ("en", ("sx_long",)),
    "azure-zh": ("zh", ("az_zh-CN_training_audio1", "az_zh-CN_training_audio2")),
    "autumn-zh": ("zh", ("az_zhcn_continuous",)),
}
# Not read: the one recording of half a minute and more. Nobody is heard to speak Mandarin freely.
FREE: dict[str, tuple[Language, tuple[str, ...]]] = {"interview": ("en", ("ws_en-US_Broadband_sample1",))}


def _pieces() -> Iterator[tuple[str, bool, Language, list[Path]]]:
    with (EVAL / "longform.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            yield row["name"], True, "en", [EVAL / path for path in row["paths"].split()]
    for read, pieces in ((True, READ), (False, FREE)):
        for name, (language, stems) in pieces.items():
            yield name, read, language, [EVAL / language / f"{stem}.flac" for stem in stems]


def _words(recognizer: StreamingRecognizer, paths: list[Path], language: Language) -> list[Word]:
    import soundfile

    words: list[Word] = []
    offset = 0.0
    for path in paths:
        pcm, rate = soundfile.read(path, dtype="int16")
        assert rate == 16_000
        for word in recognizers.whole(recognizer, [np.asarray(pcm)], language)[0].words:
            start, end = word.start + offset, word.end + offset
            words.append(Word(text=word.text, start=start, end=end, probability=word.probability))
        offset += len(pcm) / rate + GAP_S
    return words


def _interval(count: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson, 95 %."""
    low = float(beta.ppf(0.025, count, of - count + 1)) if count else 0.0
    return low, float(beta.ppf(0.975, count + 1, of - count)) if count < of else 1.0


@pytest.mark.eval
def test_mock_answers_are_not_worded_like_writing() -> None:
    path = EVAL.parent / "text" / "mock_answers_levels.json"
    if not path.is_file():
        pytest.skip(f"{path} is missing: the register of mock answers is not measured")
    told = [
        one["candidate_answer_text"]
        for level in json.loads(path.read_text("utf-8")).values()
        for one in level
    ]
    most = max(register(text, "en") for text in told)
    print(f"\n{len(told)} mock answers, register up to {most:.3f}")
    assert most < WRITTEN


@pytest.mark.eval
@pytest.mark.timeout(1800)
def test_reading_is_seen_in_some_of_what_was_read() -> None:
    if not (EVAL / "longform.csv").is_file():
        pytest.skip(f"{EVAL} is missing: the hint is not measured")
    recognizer = recognizers.load(None, slots=1, threads=1)
    flagged: dict[bool, list[bool]] = {True: [], False: []}
    for name, read, language, paths in _pieces():
        figures = reading_figures(_words(recognizer, paths, language), language)
        assert figures is not None, f"{name} is long enough"
        flagged[read].append(looks_read(figures))
        print(f"\n{name}: {figures} {'flagged' if flagged[read][-1] else 'not flagged'}", end="")
    for read, found in flagged.items():
        low, high = _interval(sum(found), len(found))
        print(f"\n{'read' if read else 'not read'}: {sum(found)} of {len(found)}, {low:.2f} to {high:.2f}")
    assert sum(flagged[True]) >= 4
    assert not any(flagged[False])
