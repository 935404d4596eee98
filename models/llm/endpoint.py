"""A language model behind an endpoint that speaks OpenAI's chat completions: vLLM, llama.cpp and others.

Candidates' words leave this process for the address that the administrator names. No other is called:
redirects are not followed and proxies of the environment are not used.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from models.llm.backend import BackendFailed, ChatMessage

MOST_BYTES = 256_000
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_NOT_UNDERSTOOD = frozenset({400, 404, 415, 422, 501})  # how servers refuse a response_format unknown to them
_FORMS = ("json_schema", "json_object", "none")
_JITTER = wait_random_exponential(multiplier=0.5, max=8)


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _TryAgain(Exception):
    def __init__(self, told: str, after_s: float | None = None) -> None:
        super().__init__(told)
        self.after_s = after_s


class OpenAIEndpoint:
    """`base`: the address up to `/chat/completions`, or without a path, which stands for `/v1`.

    Safe to call from several threads. `timeout_s` holds for one call with its retries and their waits.
    """

    def __init__(
        self,
        base: str,
        model: str,
        *,
        api_key: str | None = None,
        temperature: float = 0.7,
        max_tokens: int = 2000,
        timeout_s: float = 20.0,
        attempts: int = 3,
        concurrency: int = 4,
    ) -> None:
        url = httpx.URL(base)
        if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
            raise ValueError("the endpoint must be an http(s) address without credentials or query")
        path = url.path.rstrip("/") or "/v1"
        self._url = url.copy_with(path=f"{path}/chat/completions")
        self.name = f"{model}@{url.netloc.decode()}"
        self.concurrency = concurrency
        self._model, self._temperature, self._max_tokens = model, temperature, max_tokens
        self._timeout_s, self._attempts = timeout_s, attempts
        self._form = 0  # in _FORMS: the first that the server understood
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=concurrency),
        )

    def complete(self, messages: Sequence[ChatMessage], schema: dict[str, Any], seed: int) -> str:
        """Raises `BackendFailed`."""
        until = time.monotonic() + self._timeout_s

        def stop(state: RetryCallState) -> bool:
            late = time.monotonic() + state.upcoming_sleep >= until
            return late or state.attempt_number >= self._attempts

        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop,
            wait=_wait,
            reraise=True,
        )
        try:
            return retrying(self._with_form, messages, schema, seed, until)
        except _TryAgain as error:
            raise BackendFailed(str(error)) from None

    def close(self) -> None:
        self._client.close()

    def _with_form(
        self, messages: Sequence[ChatMessage], schema: dict[str, Any], seed: int, until: float
    ) -> str:
        status = 0
        for form in range(self._form, len(_FORMS)):
            status, headers, body = self._post(self._body(messages, schema, seed, form), until)
            if status == 200:
                self._form = form
                return _content(body)
            if status in _AGAIN:
                raise _TryAgain(f"status {status}", _retry_after(headers))
            if status not in _NOT_UNDERSTOOD:
                break
        raise BackendFailed(f"status {status}")

    def _body(
        self, messages: Sequence[ChatMessage], schema: dict[str, Any], seed: int, form: int
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": list(messages),
            "temperature": self._temperature,
            "max_tokens": self._max_tokens,
            "seed": seed,
        }
        if _FORMS[form] == "json_schema":
            wanted = {"name": "rating", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif _FORMS[form] == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def _post(self, body: dict[str, Any], until: float) -> tuple[int, httpx.Headers, bytes]:
        """The time is that of the whole answer, however slowly it drips; the size is bounded too."""
        left = until - time.monotonic()
        if left <= 0:
            raise _TryAgain("too slow")
        try:
            with self._client.stream("POST", self._url, json=body, timeout=left) as response:
                read = bytearray()
                for part in response.iter_bytes():
                    read += part
                    if len(read) > MOST_BYTES:
                        raise BackendFailed(f"a reply of more than {MOST_BYTES} bytes")
                    if time.monotonic() > until:
                        raise _TryAgain("too slow")
                return response.status_code, response.headers, bytes(read)
        except httpx.HTTPError as error:
            raise _TryAgain(type(error).__name__) from None


def _content(body: bytes) -> str:
    try:
        content = _Completion.model_validate(json.loads(body)).choices[0].message.content
    except (ValidationError, ValueError, RecursionError):
        raise BackendFailed("the reply is no chat completion") from None
    if not content:
        raise BackendFailed("an empty reply")
    return content


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds, given as such or as a date (RFC 9110, 10.2.3)."""
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    if told.isdecimal():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _TryAgain) and error.after_s is not None:
        return error.after_s
    return _JITTER(state)
