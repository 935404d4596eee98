"""From encoded sound to tokens: batched greedy and beam search, with guards against endless repetition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from models.whisper.network import Cache, Decoder, Memory, causal_mask

_LONGEST_PERIOD = 24
_LOOPS = 4
_LOOPED_TOKENS = 16


@dataclass(slots=True)
class Hypothesis:
    """Text tokens of one row, without prompt and end; `logprobs` has one more entry if it was reached."""

    no_speech: float
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    @property
    def avg_logprob(self) -> float:
        return sum(self.logprobs) / max(1, len(self.logprobs))


@dataclass(frozen=True, slots=True)
class Rules:
    """`never` and `at_first` are added to the vocabulary's scores (0 or minus infinity)."""

    start: int
    end: int
    no_speech: int
    never: Tensor
    at_first: Tensor

    @classmethod
    def build(
        cls,
        *,
        size: int,
        start: int,
        end: int,
        no_speech: int,
        suppress: Sequence[int],
        begin_suppress: Sequence[int],
    ) -> Rules:
        """Suppresses what the model's own settings say, and every special token but the end."""
        never = torch.zeros(size)
        never[[token for token in suppress if token < size]] = float("-inf")
        never[end + 1 :] = float("-inf")
        at_first = never.clone()
        at_first[list(begin_suppress)] = float("-inf")
        return cls(start, end, no_speech, never, at_first)

    def to(self, device: str) -> Rules:
        return replace(self, never=self.never.to(device), at_first=self.at_first.to(device))


class _Rows:
    """Rows that are decoded side by side: prompts of different length are padded on the left."""

    def __init__(
        self, decoder: Decoder, memory: Memory, prompts: Sequence[Sequence[int]], longest: int, rules: Rules
    ) -> None:
        like = decoder.embedding
        width = max(map(len, prompts))
        padded = [[rules.end] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        tokens = torch.tensor(padded, device=like.device)
        starts = torch.tensor([width - len(prompt) for prompt in prompts], device=like.device)
        size = min(width + longest, decoder.shape.text_positions)
        self.decoder, self.memory = decoder, memory
        self.cache = Cache(decoder.shape, len(prompts), size, like)
        positions = (torch.arange(width, device=like.device) - starts[:, None]).clamp_(min=0)
        hidden = decoder(tokens, positions, memory, self.cache, causal_mask(width, starts, like.dtype))
        begins = torch.tensor([row.index(rules.start) for row in padded], device=like.device)
        rows = torch.arange(len(prompts), device=like.device)
        scores = decoder.logits(torch.stack([hidden[rows, begins], hidden[:, -1]]))
        self.no_speech: list[float] = scores[0].softmax(-1)[:, rules.no_speech].tolist()
        self.scores = scores[1]
        self.position = positions[:, -1]
        self.mask: Tensor | None = None
        if width > min(map(len, prompts)):
            outside = torch.arange(size, device=like.device) < starts[:, None]
            mask = torch.zeros(outside.shape, dtype=like.dtype, device=like.device)
            self.mask = mask.masked_fill_(outside, float("-inf"))[:, None, None]

    def step(self, tokens: Tensor) -> None:
        """One more token per row (rows,); `scores` are then those of the next."""
        self.position = self.position + 1
        mask = None if self.mask is None else self.mask[..., : self.cache.length + 1]
        hidden = self.decoder(tokens[:, None], self.position[:, None], self.memory, self.cache, mask)
        self.scores = self.decoder.logits(hidden[:, -1])

    def select(self, rows: Tensor, *, memory: bool = True) -> None:
        """Keeps (or repeats) the rows named; `memory=False` where they all hear what they heard before."""
        self.cache.select(rows)
        self.position = self.position.index_select(0, rows)
        if memory:
            self.memory = self.memory.select(rows)
            self.mask = None if self.mask is None else self.mask.index_select(0, rows)


def first_scores(decoder: Decoder, memory: Memory, start: int, rows: int) -> Tensor:
    """Scores of the vocabulary (rows, vocabulary) after the start token alone, where the language comes."""
    tokens = torch.full((rows, 1), start, device=decoder.embedding.device)
    cache = Cache(decoder.shape, rows, 1, decoder.embedding)
    hidden = decoder(tokens, torch.zeros_like(tokens), memory, cache, None)
    return decoder.logits(hidden[:, -1])


def greedy(
    decoder: Decoder,
    memory: Memory,
    prompts: Sequence[Sequence[int]],
    limits: Sequence[int],
    rules: Rules,
) -> list[Hypothesis]:
    """The likeliest token at each step. A row stops by itself at its end, its limit or a loop."""
    rows = _Rows(decoder, memory, prompts, max(limits), rules)
    found = [Hypothesis(probability) for probability in rows.no_speech]
    active = list(range(len(prompts)))  # the batch's rows, as indices into `found`
    open_rows = set(active)
    scores = rows.scores + rules.at_first
    while True:
        best, chosen = scores.max(-1)
        logprobs: list[float] = (best - scores.logsumexp(-1)).tolist()
        tokens: list[int] = chosen.tolist()
        for row, token, logprob in zip(active, tokens, logprobs, strict=True):
            if row not in open_rows:
                continue
            hypothesis = found[row]
            hypothesis.logprobs.append(logprob)
            if token == rules.end:
                open_rows.discard(row)
                continue
            hypothesis.tokens.append(token)
            kept = without_loop(hypothesis.tokens)
            if kept < len(hypothesis.tokens):
                del hypothesis.tokens[kept:], hypothesis.logprobs[kept:]
                open_rows.discard(row)
            elif len(hypothesis.tokens) >= limits[row]:
                open_rows.discard(row)
        if not open_rows:
            return found
        if 2 * len(open_rows) <= len(active):  # copying the buffers pays once half of the rows are done
            places = [place for place, row in enumerate(active) if row in open_rows]
            keep = torch.tensor(places, device=chosen.device)
            active = [active[place] for place in places]
            rows.select(keep)
            chosen = chosen.index_select(0, keep)
        rows.step(chosen)
        scores = rows.scores + rules.never


def beam(
    decoder: Decoder,
    memory: Memory,
    prompts: Sequence[Sequence[int]],
    limits: Sequence[int],
    rules: Rules,
    beams: int,
) -> list[Hypothesis]:
    """Beam search; ended hypotheses compare by their mean log-probability per token.

    A row is done when it has `beams` ended hypotheses; all rows go on until the last is done.
    """
    rows = _Rows(decoder, memory, prompts, max(limits), rules)
    device = rows.scores.device
    count = len(prompts)
    ended: list[list[Hypothesis]] = [[] for _ in prompts]
    alive = [[Hypothesis(probability)] for probability in rows.no_speech]
    logprobs = (rows.scores + rules.at_first).log_softmax(-1)
    first = torch.arange(count, device=device).repeat_interleave(beams)
    rows.select(first)
    logprobs = logprobs.index_select(0, first).view(count, beams, -1)
    totals = torch.full((count, beams), float("-inf"), device=device)
    totals[:, 0] = 0.0  # all beams are the same prompt at first: only one may count
    alive = [[hypotheses[0]] * beams for hypotheses in alive]
    for step in range(max(limits)):
        best, flat = (totals[:, :, None] + logprobs).flatten(1).topk(2 * beams)
        size = logprobs.shape[-1]
        origins, tokens = (flat // size).tolist(), (flat % size).tolist()
        scores = best.tolist()
        parents, chosen, kept_totals = [], [], []
        for row in range(count):
            fresh: list[Hypothesis] = []
            for total, origin, token in zip(scores[row], origins[row], tokens[row], strict=True):
                old = alive[row][origin]
                logprob = total - sum(old.logprobs)
                longer = Hypothesis(old.no_speech, list(old.tokens), [*old.logprobs, logprob])
                if token == rules.end:
                    if len(ended[row]) < beams and len(fresh) < beams:
                        ended[row].append(longer)
                elif len(fresh) < beams:
                    longer.tokens.append(token)
                    fresh.append(longer)
                    parents.append(row * beams + origin)
                    chosen.append(token)
                    kept_totals.append(total)
            alive[row] = fresh
        done = [
            len(ended[row]) >= beams or step + 1 >= limits[row] or _loops(alive[row]) for row in range(count)
        ]
        for row in range(count):
            if step + 1 == limits[row] and len(ended[row]) < beams:
                ended[row].extend(alive[row])
        if all(done):
            break
        rows.select(torch.tensor(parents, device=device), memory=False)
        rows.step(torch.tensor(chosen, device=device))
        logprobs = (rows.scores + rules.never).log_softmax(-1).view(count, beams, -1)
        totals = torch.tensor(kept_totals, device=device).view(count, beams)
    return [_best(ended[row] or alive[row]) for row in range(count)]


def without_loop(tokens: Sequence[int]) -> int:
    """How many tokens to keep: all, or up to the first round where the tail goes round in circles.

    A loop is a group of up to 24 tokens said at least four times running, 16 tokens in all: no answer repeats
    itself so, Whisper on noise does.
    """
    for period in range(1, min(_LONGEST_PERIOD, len(tokens) // _LOOPS) + 1):
        tail = tokens[-period:]
        times = 1
        while tokens[len(tokens) - (times + 1) * period : len(tokens) - times * period] == tail:
            times += 1
        if times >= _LOOPS and times * period >= _LOOPED_TOKENS:
            return len(tokens) - (times - 1) * period
    return len(tokens)


def _loops(hypotheses: Sequence[Hypothesis]) -> bool:
    return all(without_loop(hypothesis.tokens) < len(hypothesis.tokens) for hypothesis in hypotheses)


def _best(hypotheses: Sequence[Hypothesis]) -> Hypothesis:
    best = max(hypotheses, key=lambda hypothesis: hypothesis.avg_logprob)
    kept = without_loop(best.tokens)
    if kept < len(best.tokens):
        del best.tokens[kept:], best.logprobs[kept:]
    return best
