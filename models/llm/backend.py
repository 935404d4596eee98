"""What a language model is to the rater: messages in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypedDict


class ChatMessage(TypedDict):
    role: Literal["system", "user"]
    content: str


class BackendFailed(Exception):
    """No text came: the endpoint is down, refuses or is too slow, or the model cannot read so much.

    The message holds neither the answer nor a key.
    """


class Backend(Protocol):
    """`name` is what results state; `concurrency`: how many calls may run at a time, a thread each."""

    name: str
    concurrency: int

    def complete(self, messages: Sequence[ChatMessage], schema: dict[str, Any], seed: int) -> str:
        """The model's reply, which should be JSON of `schema` and may be anything. Raises `BackendFailed`."""

    def close(self) -> None:
        """Frees connections; calls that run end by themselves."""
