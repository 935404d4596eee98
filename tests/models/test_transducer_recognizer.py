"""The whole recogniser, from samples to text, against the library's one-session path on real sound."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders
from tokenizers.models import BPE

from models.streaming import FinalText, PartialText, SlotChunk, StreamingRecognizer
from models.transducer import Transducer
from models.transducer.text import Wording
from tests.models.transducer_models import (
    LABELS,
    Sound,
    checkpoint,
    library_chunks,
    library_labels,
    lively_model,
    saved,
    speech,
    tokenizer,
)

FRAME_S = 0.08


def recogniser(slots: int = 1, lookahead: int = 3, **changes: Any) -> Transducer:
    return Transducer(replace(checkpoint(lively_model()), **changes), slots=slots, lookahead=lookahead)


def expected(sound: Sound, lookahead: int = 3) -> list[tuple[int, int]]:
    return library_labels(lively_model(), list(library_chunks(sound, lookahead)), lookahead)


def hear(transducer: Transducer, slot: int, sound: Sound) -> FinalText:
    """In the chunks that the capabilities ask for."""
    chunk = transducer.capabilities.chunk
    assert chunk
    whole = len(sound) // chunk * chunk
    for start in range(0, whole, chunk):
        transducer.step([SlotChunk(slot, sound[start : start + chunk])])
    return transducer.flush([SlotChunk(slot, sound[whole:])])[0]


def labels(text: str) -> list[int]:
    return [int(word[1:]) for word in text.split()]


@pytest.mark.parametrize("lookahead", [0, 1, 3, 6, 13])
def test_equals_the_librarys_one_session_path(lookahead: int) -> None:
    sound = speech()
    transducer = recogniser(lookahead=lookahead)
    face: StreamingRecognizer = transducer
    assert face.capabilities.chunk == 1280 * (lookahead + 1)
    assert face.work_s(10.0) == face.capabilities.chunk_s
    transducer.open(0, "auto")
    final = hear(transducer, 0, sound)
    said = expected(sound, lookahead)
    assert labels(final.text) == [label for label, _ in said]
    assert len(set(labels(final.text))) >= 8
    begins = [round(min(frame * FRAME_S, len(sound) / 16_000), 2) for _, frame in said]
    assert [word.start for word in final.words] == begins
    assert all(word.start <= word.end <= len(sound) / 16_000 for word in final.words)
    assert all(0 < word.probability <= 1 for word in final.words)


def test_slots_share_steps_and_hear_nothing_of_each_other() -> None:
    """Three sessions begin at different times, one is given up half way, one speaks a second utterance."""
    whole = speech()
    sounds = [whole[:64_000], whole[20_000:90_000], whole[50_000:]]
    transducer = recogniser(slots=4)
    chunk, at = 5120, [0, 0, 0]
    stranger = np.random.default_rng(0).integers(-9_000, 9_000, 200_000).astype(np.int16)
    transducer.open(3, "en")
    finals: dict[int, FinalText] = {}
    partials: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for step in range(40):
        if step == 2 * min(step, 2):  # steps 0 and 4: sessions 0 and 1 come
            transducer.open(step // 4, "en")
        if step == 5:
            transducer.close(3)  # in the midst of its utterance: its slot must be clean for another
        if step == 6:
            transducer.open(2, "auto")
        going = [slot for slot, begin in enumerate((0, 4, 6)) if step >= begin and slot not in finals]
        chunks = [SlotChunk(slot, sounds[slot][at[slot] : at[slot] + chunk]) for slot in going]
        whole_ones = [piece for piece in chunks if len(piece.pcm) == chunk]
        rests = [piece for piece in chunks if len(piece.pcm) < chunk]
        if step < 5:
            whole_ones.insert(0, SlotChunk(3, stranger[step * chunk : (step + 1) * chunk]))
        for piece, partial in zip(whole_ones, transducer.step(whole_ones), strict=True):
            if piece.slot != 3:
                at[piece.slot] += chunk
                partials[piece.slot].append(partial.text if partial else "")
        for rest, final in zip(rests, transducer.flush(rests), strict=True):
            finals[rest.slot] = final
    assert len(finals) == 3
    for slot, final in finals.items():
        assert labels(final.text) == [label for label, _ in expected(sounds[slot])]
        assert final.text.startswith(partials[slot][-1])
        assert all(new.startswith(old) for old, new in zip(partials[slot], partials[slot][1:], strict=False))
    again = hear(transducer, 1, sounds[0])  # the slot's next utterance starts from nothing
    assert again.text == finals[0].text
    transducer.open(3, "en")
    assert hear(transducer, 3, sounds[2]).text == finals[2].text


def test_pieces_of_any_length_make_the_same_text() -> None:
    sound = speech()[:80_000]
    transducer = recogniser()
    transducer.open(0, "en")
    assert transducer.step([SlotChunk(0, sound[:1])]) == [None]
    place = 1
    for length in (1, 100, 40_000, 0, 7_777):
        transducer.step([SlotChunk(0, sound[place : place + length])])
        place += length
    final = transducer.flush([SlotChunk(0, sound[place:])])[0]
    assert labels(final.text) == [label for label, _ in expected(sound)]


def test_nothing_heard_is_nothing_said() -> None:
    transducer = recogniser(slots=2)
    transducer.open(0, "en")
    empty = np.zeros(0, np.int16)
    assert transducer.flush([SlotChunk(0, empty)]) == [FinalText("", "en")]
    assert transducer.flush([SlotChunk(0, empty + 0), *[]])[0].words == ()
    assert transducer.step([]) == []
    assert transducer.flush([]) == []
    transducer.close(1)


def test_partials_are_stable_to_their_end() -> None:
    transducer = recogniser()
    transducer.open(0, "en")
    partial = transducer.step([SlotChunk(0, speech()[:64_000])])[0]
    assert isinstance(partial, PartialText)
    assert partial.stable == len(partial.text) > 0


def test_faults_are_found_before_any_slot_changes() -> None:
    sound = speech()[:60_000]
    transducer = recogniser(slots=2)
    transducer.open(0, "en")
    for slot, words in ((0, "taken"), (2, "0 to 1"), (-1, "0 to 1")):
        with pytest.raises(ValueError, match=words):
            transducer.open(slot, "en")
    with pytest.raises(ValueError, match="knows en, not zh"):
        transducer.open(1, "zh")
    good = SlotChunk(0, sound[:30_000])
    wrong: Any = sound[:100].astype(np.float32)
    for bad, words in (
        (SlotChunk(1, sound), "not open"),
        (SlotChunk(0, sound), "twice"),
        (SlotChunk(1, wrong), "not open"),
    ):
        with pytest.raises(ValueError, match=words):
            transducer.step([good, bad])
    transducer.open(1, "en")
    for pcm in (wrong, sound[:100].reshape(2, 50)):
        with pytest.raises(ValueError, match="one row of int16"):
            transducer.step([good, SlotChunk(1, pcm)])
    assert labels(hear(transducer, 0, sound).text) == [label for label, _ in expected(sound)]


def test_a_device_that_failed_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    transducer = recogniser()
    transducer.open(0, "en")

    def fail(*arguments: Any) -> Any:
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patched:
        patched.setattr(transducer, "_encode", fail)
        with pytest.raises(RuntimeError, match="out of memory"):
            transducer.step([SlotChunk(0, speech()[:6_000])])
    with pytest.raises(RuntimeError, match="failed in an earlier step"):
        transducer.step([SlotChunk(0, speech()[:6_000])])


def test_labels_become_words_with_times() -> None:
    pieces = ["▁so", "▁be", "st", ",", "▁it", "'", "s", "▁", "最", "好", "<0xE7>", "<0x9A>", "<0x84>"]
    made = Tokenizer(BPE({piece: label for label, piece in enumerate(pieces)}, [], byte_fallback=True))
    made.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    wording = Wording(made, FRAME_S)
    for label, frame in enumerate([2, 5, 6, 6, 8, 8, 9, 12, 12, 13, 15, 15, 15]):
        wording.add(label, frame, 0.5 if label == 1 else 1.0)
    assert wording.text == "so best, it's 最好的"
    words = wording.words(longest_s=1.25)
    assert [word.text for word in words] == ["so", "best,", "it's", "最", "好", "的"]
    assert [(word.start, word.end) for word in words][:3] == [(0.16, 0.24), (0.4, 0.56), (0.64, 0.8)]
    assert words[-1].end == 1.25
    assert words[1].probability == pytest.approx(2.5 / 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(lively_model(), tmp_path)


def test_a_folder_is_read_by_the_librarys_own_loader(folder: Path) -> None:
    transducer = Transducer.load(str(folder), slots=2, languages=("en", "zh"))
    name, _, digest = transducer.name.partition("@")
    assert (name, len(digest)) == (folder.name, 12)
    assert transducer.slots == 2
    assert transducer.capabilities.chunk == 5120  # the folder's own default, lookahead 3
    sound = speech()[:64_000]
    transducer.open(1, "zh")
    final = hear(transducer, 1, sound)
    assert final.language == "zh"
    assert labels(final.text) == [label for label, _ in expected(sound)]
    assert Transducer.load(str(folder), lookahead=6).capabilities.chunk == 8960
    with pytest.raises(ValueError, match="lookaheads of 0, 3, 6 frames, not 1"):
        Transducer.load(str(folder), lookahead=1)


def test_what_is_no_such_model_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="dtype on cpu must be float32 or auto, not 'float16'"):
        Transducer.load(str(folder), dtype="float16")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"lacks tokenizer\.json"):
        Transducer.load(str(folder))
    tokenizer().save(str(folder / "tokenizer.json"))
    config = (folder / "config.json").read_text("utf-8")
    (folder / "config.json").write_text('{"model_type": "whisper"}', "utf-8")
    with pytest.raises(ValueError, match="'whisper' model, not 'nemotron_asr_streaming'"):
        Transducer.load(str(folder))
    (folder / "config.json").write_text(config, "utf-8")
    for weights in folder.glob("*.safetensors"):
        weights.unlink()
    with pytest.raises(ValueError, match="no \\*\\.safetensors"):
        Transducer.load(str(folder))
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match="neither a folder nor a model"):
        Transducer.load(str(folder))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT TESTED: CUDA graphs need a GPU")
def test_on_a_gpu_the_labels_are_the_same() -> None:
    sound = speech()
    said = expected(sound)
    try:
        transducer = Transducer(checkpoint(lively_model().to("cuda")), slots=3, lookahead=3)
        transducer.open(1, "en")
        found = labels(hear(transducer, 1, sound).text)
    finally:
        lively_model().to("cpu")
    assert found == [label for label, _ in said]
    assert LABELS not in found
