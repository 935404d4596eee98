"""The embedded Whisper weights in transformers' own classes, to compare with."""

from __future__ import annotations

import itertools
from typing import Any

from models.whisper.weights import load


def twin() -> Any:
    """`WhisperForConditionalGeneration`, float32: the inverse of what our reader does."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    checkpoint = load(None)
    shape, state = checkpoint.shape, {name: tensor.float() for name, tensor in checkpoint.state.items()}
    config = WhisperConfig(
        vocab_size=shape.vocabulary,
        num_mel_bins=shape.mels,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.encoder_heads,
        decoder_attention_heads=shape.decoder_heads,
        encoder_ffn_dim=4 * shape.width,
        decoder_ffn_dim=4 * shape.width,
    )
    renamed = {
        "model.encoder.embed_positions.weight": state["encoder.positions"],
        "model.decoder.embed_positions.weight": state["decoder.positions"],
        "model.decoder.embed_tokens.weight": state["decoder.embedding"],
        "proj_out.weight": state["decoder.embedding"],
    }
    names = {
        "attention.out": "self_attn.out_proj",
        "attention_norm": "self_attn_layer_norm",
        "mlp.up": "fc1",
        "mlp.down": "fc2",
        "mlp_norm": "final_layer_norm",
        "cross.q": "encoder_attn.q_proj",
        "cross.out": "encoder_attn.out_proj",
        "cross_norm": "encoder_attn_layer_norm",
    }
    fused = {"attention.qkv": ("self_attn", "qkv"), "cross.kv": ("encoder_attn", "kv")}
    for side, kind in itertools.product(("encoder", "decoder"), ("weight", "bias")):
        renamed[f"model.{side}.layer_norm.{kind}"] = state[f"{side}.norm.{kind}"]
        for conv in ("conv1", "conv2"):
            renamed[f"model.encoder.{conv}.{kind}"] = state[f"encoder.{conv}.{kind}"]
        for index in range(shape.encoder_layers if side == "encoder" else shape.decoder_layers):
            layer = f"{side}.layers.{index}"
            for our_name, their_name in names.items():
                if f"{layer}.{our_name}.{kind}" in state:
                    renamed[f"model.{layer}.{their_name}.{kind}"] = state[f"{layer}.{our_name}.{kind}"]
            for our_name, (their_name, parts) in fused.items():
                if f"{layer}.{our_name}.{kind}" in state:
                    pieces = state[f"{layer}.{our_name}.{kind}"].chunk(len(parts))
                    for part, piece in zip(parts, pieces, strict=True):
                        if (part, kind) != ("k", "bias"):  # Whisper has none: zero in the fused matrix
                            renamed[f"model.{layer}.{their_name}.{part}_proj.{kind}"] = piece
    theirs = WhisperForConditionalGeneration(config).eval()
    theirs.load_state_dict(renamed)
    return theirs


def pipeline() -> Any:
    """The automatic-speech-recognition pipeline around the twin, on the CPU."""
    from transformers import AutomaticSpeechRecognitionPipeline, WhisperFeatureExtractor, WhisperTokenizerFast

    checkpoint, model = load(None), twin()
    tokenizer = WhisperTokenizerFast(tokenizer_file=str(checkpoint.tokenizer))
    ids = tokenizer.convert_tokens_to_ids
    config = model.generation_config
    config.decoder_start_token_id = ids("<|startoftranscript|>")
    config.eos_token_id = config.pad_token_id = ids("<|endoftext|>")
    config.no_timestamps_token_id = ids("<|notimestamps|>")
    config.is_multilingual = True
    config.lang_to_id = {f"<|{code}|>": ids(f"<|{code}|>") for code in ("en", "zh")}
    config.task_to_id = {"transcribe": ids("<|transcribe|>"), "translate": ids("<|translate|>")}
    config.suppress_tokens = list(checkpoint.suppress)
    config.begin_suppress_tokens = list(checkpoint.begin_suppress)
    config.max_length = model.config.max_target_positions
    extractor = WhisperFeatureExtractor(feature_size=checkpoint.shape.mels)
    return AutomaticSpeechRecognitionPipeline(
        model=model, tokenizer=tokenizer, feature_extractor=extractor, device="cpu"
    )
