"""Which language model: behind an endpoint, or of the transformers library on this machine."""

from __future__ import annotations

from models.llm.backend import Backend
from models.llm.endpoint import OpenAIEndpoint


def load(
    model: str,
    *,
    endpoint: str | None = None,
    api_key: str | None = None,
    device: str = "cpu",
    temperature: float = 0.7,
    max_tokens: int = 2000,
    timeout_s: float = 20.0,
    attempts: int = 3,
    concurrency: int = 4,
) -> Backend:
    """With `endpoint` nothing is loaded and nothing called yet. Raises as `LocalModel.load` without one."""
    if endpoint is not None:
        return OpenAIEndpoint(
            endpoint,
            model,
            api_key=api_key,
            temperature=temperature,
            max_tokens=max_tokens,
            timeout_s=timeout_s,
            attempts=attempts,
            concurrency=concurrency,
        )
    from models.llm.local import LocalModel  # torch and transformers: only for those who have it here

    return LocalModel.load(
        model, device=device, temperature=temperature, max_tokens=max_tokens, timeout_s=timeout_s
    )
