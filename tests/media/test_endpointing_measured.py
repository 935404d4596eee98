"""Endpointing of labelled recordings with the real voice activity: what of the speech is handed on."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from media.endpointing import CHUNK_S, Endpointer
from media.items import UtteranceEnded
from media.settings import EndpointingSettings
from media.sound import SAMPLE_RATE, SoundBlock
from models.vad import VoiceActivity
from tests.models import eval_set

STEP_S = 0.01
Spans = list[tuple[float, float]]


def utterances(pcm: NDArray[np.int16], vad: VoiceActivity) -> Spans:
    endpointer = Endpointer(EndpointingSettings(), vad)
    items = endpointer.hear(SoundBlock(0.0, pcm, restarted=True)) + endpointer.finish()
    return [(item.start, item.end) for item in items if isinstance(item, UtteranceEnded)]


def inside(time: float, spans: Spans) -> bool:
    return any(begin <= time < end for begin, end in spans)


@pytest.mark.eval
def test_labelled_speech_is_covered_and_no_first_syllable_clipped() -> None:
    folder = eval_set.folder("speech")
    vad = VoiceActivity.load()
    covered = total = first = clipped = 0
    with (folder / "vad.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            pcm, rate = soundfile.read(folder / row["path"], dtype="int16")
            assert rate == SAMPLE_RATE
            spans = utterances(pcm, vad)
            labels = [tuple(map(float, text.split("-"))) for text in row["speech_segments"].split()]
            for begin, end in labels:
                hits = [inside(time, spans) for time in np.arange(begin, end, STEP_S)]
                covered, total = covered + sum(hits), total + len(hits)
                if any(hits):  # an utterance belongs to it: does it begin in time?
                    first += 1
                    late = STEP_S * hits.index(True)
                    if late > CHUNK_S:  # labels are no finer than the steps of voice activity
                        clipped += 1
                        print(f"\n{row['path']}: speech at {begin:.2f} s begins {late:.2f} s late")
    print(f"\n{covered / total:.4f} of {total * STEP_S:.1f} s covered; {clipped} of {first} parts begin late")
    assert covered / total >= 0.97
    assert clipped == 0
