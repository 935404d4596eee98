"""A real causal language model, tiny and untrained: it speaks gibberish, and the embedded rating counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from models.answers import AnswerRater
from models.llm.backend import BackendFailed, ChatMessage
from models.llm.load import load
from models.llm.local import LocalModel
from models.llm.rater import FALLBACK, LlmRater
from models.llm.sampler import Sampling
from tests.models.answer_material import KEY_POINTS, ON_TOPIC, QUESTION

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SAID: list[ChatMessage] = [
    {"role": "system", "content": "Rate."},
    {"role": "user", "content": "I wrote a test."},
]


def _made(folder: Path, template: str | None) -> Path:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([*ON_TOPIC["en"], *ON_TOPIC["zh"]], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>")
    fast.chat_template = template
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    config = Qwen2Config(vocab_size=len(fast), max_position_embeddings=8192, **sizes, **heads)
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("tiny"), TEMPLATE)


def test_a_seed_draws_the_same_and_another_differs(folder: Path) -> None:
    model = LocalModel.load(str(folder), temperature=1.0, max_tokens=24)
    first, again, other = (model.complete(SAID, {}, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert model.name.startswith(f"{folder.name}@")


def test_without_temperature_it_is_greedy(folder: Path) -> None:
    model = LocalModel.load(str(folder), temperature=0.0, max_tokens=16)
    assert model.complete(SAID, {}, 1) == model.complete(SAID, {}, 2)


def test_other_draws_of_the_process_are_left_alone(folder: Path) -> None:
    model = LocalModel.load(str(folder), max_tokens=8)
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    model.complete(SAID, {}, 99)
    assert torch.equal(torch.rand(4), expected)


def test_a_prompt_longer_than_the_model_reads_is_refused(folder: Path) -> None:
    model = LocalModel.load(str(folder), max_tokens=8)
    with pytest.raises(BackendFailed, match="tokens"):
        model.complete([{"role": "user", "content": "word " * 9000}], {}, 0)


def test_a_template_that_knows_no_system_role_gets_it_with_the_question(tmp_path: Path) -> None:
    """As Gemma's does."""
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    model = LocalModel.load(str(_made(tmp_path / "gemma", refusing + TEMPLATE)), max_tokens=8)
    merged: list[ChatMessage] = [{"role": "user", "content": "Rate.\n\nI wrote a test."}]
    assert model.complete(SAID, {}, 1) == model.complete(merged, {}, 1)


def test_a_model_that_cannot_be_instructed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="chat template"):
        LocalModel.load(str(_made(tmp_path / "bare", None)))


def test_there_must_be_a_model(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        load(str(tmp_path / "nothing"))


def test_gibberish_leaves_the_embedded_rating(folder: Path, embedded: AnswerRater) -> None:
    backend = load(str(folder), max_tokens=32, timeout_s=10)
    rater = LlmRater(embedded, backend, Sampling(samples=2, budget_s=60))
    rating = rater.rate(QUESTION["zh"], KEY_POINTS["zh"], ON_TOPIC["zh"], "zh")
    rater.close()
    assert rating.measures == embedded.rate(QUESTION["zh"], KEY_POINTS["zh"], ON_TOPIC["zh"], "zh").measures
    assert [flag.name for flag in rating.flags] == [FALLBACK]
