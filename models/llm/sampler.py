"""Several judgements of one text by one model, in parallel, each asked again once for what was not valid."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from models.lexical import Language
from models.llm.backend import Backend, BackendFailed
from models.llm.judgement import InvalidReply, Judgement, Judgements, read
from models.llm.prompt import messages, schema
from models.llm.scales import Scale

_AGAIN = 1_000_003  # added to a sample's seed when it is asked again


@dataclass(frozen=True, slots=True)
class Sampling:
    """`samples` of each rating, from `seed` on; `budget_s` for all calls of one answer together."""

    samples: int = 3
    seed: int = 0
    budget_s: float = 45.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model is asked: `known` are question and key points, whose wording is no aside."""

    question: str
    known: tuple[str, ...]
    scales: tuple[Scale, ...]
    language: Language


class Sampler:
    """May be used from several threads; calls wait their turn where the backend takes no more at a time."""

    def __init__(
        self, backend: Backend, sampling: Sampling, on_thread: Callable[[], None] | None = None
    ) -> None:
        self._backend, self._sampling = backend, sampling
        self._calls = ThreadPoolExecutor(backend.concurrency, "llm", initializer=on_thread)

    def deadline(self) -> float:
        """By the clock of `time.monotonic`, for an answer begun now."""
        return time.monotonic() + self._sampling.budget_s

    def samples(self, asked: Asked, texts: Sequence[str], until: float) -> list[Judgements]:
        """More than half of those asked for. Raises `BackendFailed` where that is not to be had."""
        futures: list[Future[Judgements]] = [
            self._calls.submit(self._sample, asked, texts, self._sampling.seed + number, until)
            for number in range(self._sampling.samples)
        ]
        done, late = wait(futures, max(0.0, until - time.monotonic()))
        for future in late:
            future.cancel()
        found, faults = [], ["too late" for _ in late]
        for future in futures:
            if future not in done:
                continue
            try:
                found.append(future.result())
            except (BackendFailed, InvalidReply) as error:
                faults.append(f"{type(error).__name__}: {error}")
        if 2 * len(found) <= len(futures):
            raise BackendFailed(f"{len(found)} of {len(futures)} samples; {'; '.join(sorted(set(faults)))}")
        return found

    def close(self) -> None:
        self._calls.shutdown(wait=False, cancel_futures=True)
        self._backend.close()

    def _sample(self, asked: Asked, texts: Sequence[str], seed: int, until: float) -> Judgements:
        """Raises BackendFailed, InvalidReply where neither turn gave anything."""
        fault: Exception = InvalidReply("no judgement with a valid quote")
        judged: dict[str, Judgement] = {}
        asides: frozenset[int] = frozenset()
        missing = asked.scales
        for turn in (0, 1):
            if not missing or time.monotonic() >= until:
                break
            try:
                reply = self._ask(asked, missing, texts, seed + turn * _AGAIN)
            except (BackendFailed, InvalidReply) as error:
                fault = error
                continue
            judged |= reply.by_scale
            asides |= reply.asides
            missing = tuple(scale for scale in missing if scale.key not in judged)
        if not judged:
            raise fault
        return Judgements(judged, asides)

    def _ask(self, asked: Asked, scales: Sequence[Scale], texts: Sequence[str], seed: int) -> Judgements:
        said = messages(asked.question, scales, texts, asked.language)
        reply = self._backend.complete(said, schema(scales, len(texts)), seed)
        return read(reply, scales, texts, asked.known, asked.language)
