"""Our module against transformers' `WhisperForConditionalGeneration` with the same weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bench.hugging_face import twin
from bench.sound import read_clip
from models import store
from models.whisper import Whisper
from models.whisper.audio import FRAMES, SAMPLE_RATE, context_frames, log_mel
from models.whisper.network import Cache, causal_mask
from models.whisper.weights import load


def test_embedded_weights_give_the_same_logits_and_text() -> None:
    ours = Whisper.load(None)
    theirs = twin()
    sound = read_clip(store.file("demo/two_cities.wav"))
    clips = [sound[: SAMPLE_RATE * 6], sound[SAMPLE_RATE * 9 : SAMPLE_RATE * 18]]
    mel = log_mel(clips[:1], ours.filters, FRAMES)
    with torch.inference_mode():
        expected = theirs.model.encoder(mel).last_hidden_state
        torch.testing.assert_close(ours.encoder(mel), expected, atol=1e-4, rtol=0)
        for clip, transcript in zip(clips, ours.transcribe(clips, ["en"] * 2, word_times=False), strict=True):
            assert len(transcript.text.split()) > 10
            encoded = ours.encoder(log_mel([clip], ours.filters, context_frames(len(clip))))
            prompt = ours.vocabulary.prompt("en")
            tokens = torch.tensor([[*prompt, *transcript.tokens]])
            output = theirs.model.decoder(input_ids=tokens, encoder_hidden_states=encoded)
            logits = theirs.proj_out(output.last_hidden_state)
            torch.testing.assert_close(our_logits(ours, tokens, encoded), logits, atol=1e-4, rtol=1e-5)
            scores = logits[0, len(prompt) - 1 :] + ours.rules.never
            assert scores.argmax(-1).tolist() == [*transcript.tokens, ours.vocabulary.end]
            logprobs = scores.log_softmax(-1).amax(-1)
            assert logprobs.mean().item() == pytest.approx(transcript.avg_logprob, abs=1e-3)


def test_hugging_face_folder_loads_and_agrees(tmp_path: Path) -> None:
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=51_866,
        num_mel_bins=128,
        d_model=64,
        encoder_layers=2,
        decoder_layers=3,
        encoder_attention_heads=2,
        decoder_attention_heads=4,
        encoder_ffn_dim=256,
        decoder_ffn_dim=256,
        suppress_tokens=[1, 2],
        begin_suppress_tokens=[220, 50_257],
    )
    theirs = WhisperForConditionalGeneration(config).eval()
    theirs.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        load(str(tmp_path))
    shutil.copy(store.file("whisper-base/tokenizer.json"), tmp_path)
    ours = Whisper.load(str(tmp_path))
    assert ours.name.startswith(f"{tmp_path.name}@")
    assert len(ours.name.split("@")[1]) == 12
    mel = torch.randn(2, 128, FRAMES)
    tokens = torch.tensor([[50_258, 50_259, 50_360, 5, 6], [50_258, 50_260, 50_360, 7, 8]])
    with torch.inference_mode():
        encoded = ours.encoder(mel)
        torch.testing.assert_close(encoded, theirs.model.encoder(mel).last_hidden_state, atol=1e-4, rtol=0)
        expected = theirs(input_features=mel, decoder_input_ids=tokens).logits
        torch.testing.assert_close(our_logits(ours, tokens, encoded), expected, atol=1e-4, rtol=1e-4)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ValueError, match="not Whisper"):
        load(str(tmp_path))


def our_logits(ours: Whisper, tokens: Tensor, encoded: Tensor) -> Tensor:
    rows, length = tokens.shape
    cache = Cache(ours.decoder.shape, rows, length, encoded)
    mask = causal_mask(length, torch.zeros(rows, dtype=torch.long), encoded.dtype)
    positions = torch.arange(length).expand(rows, -1)
    return ours.decoder.logits(ours.decoder(tokens, positions, ours.decoder.memory(encoded), cache, mask))
