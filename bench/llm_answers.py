"""A language model as rater of graded answers, for `python -m bench answers --llm`: few items, each once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from models.graded_data import GradedSet
from models.llm.load import load
from models.llm.references import ReferenceJudge
from models.llm.sampler import Sampling

KEY = "ANSWER_LLM_API_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--llm", metavar="MODEL", help="rate with this language model instead")
    parser.add_argument(
        "--llm-endpoint", metavar="URL", help=f"OpenAI's protocol, key from {KEY}; without: run here"
    )
    parser.add_argument("--llm-items", type=int, default=100, help="answers per set at most (100)")
    parser.add_argument("--llm-samples", type=int, default=1, help="per answer, the median counts (1)")
    parser.add_argument("--llm-temperature", type=float, default=0.0)
    parser.add_argument("--llm-timeout", type=float, default=60.0, metavar="S", help="of one call (60)")
    parser.add_argument("--llm-max-tokens", type=int, default=600)


def judge(options: argparse.Namespace) -> ReferenceJudge:
    """Raises OSError or ValueError where there is no such model or endpoint."""
    backend = load(
        options.llm,
        endpoint=options.llm_endpoint,
        api_key=os.environ.get(KEY) or None,
        temperature=options.llm_temperature,
        max_tokens=options.llm_max_tokens,
        timeout_s=options.llm_timeout,
    )
    return ReferenceJudge(backend, Sampling(options.llm_samples, 0, 2.5 * options.llm_timeout))


def bounded(sets: Sequence[GradedSet], most: int) -> list[GradedSet]:
    """At most so many answers of each set, evenly spread over it. Raises `ValueError` for less than two."""
    if most < 2:
        raise ValueError("--llm-items must be at least 2")
    found = []
    for one in sets:
        step = max(1.0, len(one.answers) / most)
        chosen = [one.answers[int(n * step)] for n in range(min(most, len(one.answers)))]
        found.append(replace(one, answers=tuple(chosen)))
    return found


def shares(of: ReferenceJudge, sets: Sequence[GradedSet], at_a_time: int = 4) -> list[float | None]:
    """Of every answer; None where the model gave no valid level."""
    answers = [one for of_set in sets for one in of_set.answers]
    with ThreadPoolExecutor(at_a_time) as pool:
        return list(
            pool.map(lambda one: of.rate(one.question, one.references, one.answer, one.language), answers)
        )
