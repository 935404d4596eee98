"""A transducer's folder in the settings: the speech deployment and the bench serve it like any model."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.__main__ import main
from inference.deployments import SpeechRecognition
from inference.messages import Caption, SpeechBatch
from inference.settings import SpeechSettings
from models import recognizers
from tests.inference.gateways import chunk
from tests.models.transducer_models import Sound, library_chunks, library_labels, lively_model, saved, speech


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(lively_model(), tmp_path_factory.mktemp("transducer"))


def words(sound: Sound) -> list[int]:
    """What the library's one-session path says of it."""
    return [label for label, _ in library_labels(lively_model(), list(library_chunks(sound, 3)), 3)]


def labels(text: str) -> list[int]:
    return [int(word[1:]) for word in text.split()]


def test_recordings_of_any_length_at_once_say_what_the_library_says(folder: Path) -> None:
    sounds = [speech()[:48_000], speech()[16_000:91_000], speech()[:5_120], speech()[:1_000]]
    recognizer = recognizers.load(str(folder), slots=4)
    assert recognizer.capabilities.mode == "streaming"
    finals = recognizers.whole(recognizer, sounds, "en")
    assert [labels(final.text) for final in finals] == [words(sound) for sound in sounds]


async def test_the_deployment_captions_two_sessions(folder: Path) -> None:
    replica = SpeechRecognition(SpeechSettings(model=str(folder), slots=2))
    assert await replica.ping() == recognizers.load(str(folder), slots=1).name
    sounds = {"a": speech()[:48_000], "b": speech()[16_000:91_000]}
    captions: list[Caption] = []
    batch = SpeechBatch("gateway", 1, tuple(chunk(name, pcm) for name, pcm in sounds.items()))
    async with asyncio.timeout(20):
        while sum(caption.final for caption in captions) < 2:
            captions += (await replica.exchange(batch)).captions
            batch = SpeechBatch("gateway", batch.tick + 1, ())
    replica.check_health()
    finals = {caption.session: labels(caption.text) for caption in captions if caption.final}
    assert finals == {name: words(pcm) for name, pcm in sounds.items()}


def test_the_bench_measures_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.flac", speech()[:48_000], 16_000)
    (tmp_path / "set.csv").write_text("path,text,language\na.flac,anything,en\n", "utf-8")
    command = ["bench", "speech", "--manifest", tmp_path / "set.csv", "--engine", folder]
    for name, more in (("whole", []), ("streamed", ["--streaming", "--speed", "4"])):
        out = tmp_path / f"{name}.json"
        monkeypatch.setattr("sys.argv", [*map(str, command), *more, "--json", str(out)])
        assert main() == 0
        (item,) = json.loads(out.read_text())["items"]
        assert item["hypothesis"]


def test_neither_whisper_nor_a_transducer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no \*\.safetensors"):
        recognizers.load(str(tmp_path), slots=1)
    (tmp_path / "model.safetensors").write_bytes(np.zeros(8, np.uint8).tobytes())
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ValueError, match="'bert' model, not Whisper"):
        recognizers.load(str(tmp_path), slots=1)
