"""A causal language model of the transformers library, by Hugging Face id or folder, on this machine."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from models import hub
from models.llm.backend import BackendFailed, ChatMessage


class LocalModel:
    """Calls run one after the other. The schema is told in the prompt alone: decoding is not bound to it."""

    concurrency = 1

    def __init__(
        self,
        tokenizer: Any,
        network: Any,
        name: str,
        *,
        temperature: float = 0.7,
        max_tokens: int = 2000,
        timeout_s: float = 20.0,
    ) -> None:
        if not tokenizer.chat_template:
            raise ValueError(f"{name} has no chat template: it was not made to be instructed")
        self.name = name
        self._tokenizer, self._network = tokenizer, network
        self._temperature, self._max_tokens, self._timeout_s = temperature, max_tokens, timeout_s
        self._longest = int(getattr(network.config, "max_position_embeddings", 0) or 4096)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, model: str, *, device: str = "cpu", **sampling: Any) -> LocalModel:
        """Raises OSError where there is none, ValueError where it cannot be instructed. Code that comes with
        a model is not run, and only safetensors are read."""
        from transformers import AutoModelForCausalLM, AutoTokenizer  # seconds to import

        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
        network = AutoModelForCausalLM.from_pretrained(
            model, trust_remote_code=False, use_safetensors=True, dtype="auto"
        )
        folder = Path(model).expanduser()
        commit = getattr(network.config, "_commit_hash", None) or "local"
        name = hub.locate(model).name if folder.is_dir() else f"{model}@{commit[:12]}"
        return cls(tokenizer, network.eval().requires_grad_(False).to(device), name, **sampling)

    def complete(self, messages: Sequence[ChatMessage], schema: dict[str, Any], seed: int) -> str:
        """Greedy at temperature 0, else sampled from `seed`. Raises `BackendFailed`."""
        try:
            return self._complete(messages, seed)
        except (RuntimeError, ValueError, IndexError) as error:  # out of memory, or the model's own limits
            raise BackendFailed(f"{self.name}: {type(error).__name__}") from error

    @torch.inference_mode()
    def _complete(self, messages: Sequence[ChatMessage], seed: int) -> str:
        row = self._row(messages).to(self._network.device)
        length = row["input_ids"].shape[1]
        if length + self._max_tokens > self._longest:
            raise BackendFailed(f"a prompt of {length} tokens leaves too little of {self._longest}")
        drawn: dict[str, Any] = {"do_sample": False}
        if self._temperature > 0:
            drawn = {"do_sample": True, "temperature": self._temperature}
        with self._lock, torch.random.fork_rng():
            torch.manual_seed(seed)
            out = self._network.generate(
                **row,
                **drawn,
                max_new_tokens=self._max_tokens,
                max_time=self._timeout_s,
                pad_token_id=self._tokenizer.eos_token_id,
            )
        text: str = self._tokenizer.decode(out[0, length:], skip_special_tokens=True)
        return text

    def _row(self, messages: Sequence[ChatMessage]) -> Any:
        """Templates that know no system role (Gemma's) refuse it: then it opens the user's message."""
        from jinja2 import TemplateError

        how: dict[str, Any] = {
            "add_generation_prompt": True,
            "return_tensors": "pt",
            "return_dict": True,
        }
        try:
            return self._tokenizer.apply_chat_template(list(messages), **how)
        except TemplateError:
            whole = "\n\n".join(one["content"] for one in messages)
            return self._tokenizer.apply_chat_template([{"role": "user", "content": whole}], **how)

    def close(self) -> None:
        """Nothing is held but memory."""
