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

    def first(self, begun: Sequence[bool]) -> Tensor:
        """For the first token of each row: one whose prompt is text already may end at once."""
        if not any(begun):
            return self.at_first
        return torch.stack([self.never if has_text else self.at_first for has_text in begun])

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
        """Keeps (or repeats) the rows named; `memory=False` where beams share what their clip holds."""
        self.cache.select(rows)
        self.position = self.position.index_select(0, rows)
        self.mask = None if self.mask is None else self.mask.index_select(0, rows)
        if memory:
            self.memory = self.memory.select(rows)


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
    begun: Sequence[bool] = (),
) -> list[Hypothesis]:
    """The likeliest token at each step. A row stops by itself at its end, its limit or a loop.

    `begun`: rows whose prompt ends with text that the clip begins with.
    """
    rows = _Rows(decoder, memory, prompts, max(limits), rules)
    found = [Hypothesis(probability) for probability in rows.no_speech]
    active = list(range(len(prompts)))  # the batch's rows, as indices into `found`
    open_rows = set(active)
    scores = rows.scores + rules.first(begun)
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
            if _loops(hypothesis.tokens):
                found[row] = _unlooped(hypothesis)
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
    begun: Sequence[bool] = (),
) -> list[Hypothesis]:
    """Beam search; hypotheses compare by their mean log-probability per token.

    A row is done when the best hypothesis that has ended is better than the best that goes on.
    """
    rows = _Rows(decoder, memory, prompts, max(limits), rules)
    device = rows.scores.device
    searches = [
        _Search(beams, limit, probability) for limit, probability in zip(limits, rows.no_speech, strict=True)
    ]
    count = len(prompts)
    first = torch.arange(count, device=device).repeat_interleave(beams)
    rows.select(first, memory=False)
    logprobs = (rows.scores + rules.first(begun)).log_softmax(-1).index_select(0, first)
    totals = torch.full((count, beams), float("-inf"), device=device)
    totals[:, 0] = 0.0  # all beams are the same prompt at first: only one may count
    while True:
        size = logprobs.shape[-1]
        best, flat = (totals.flatten()[:, None] + logprobs).view(count, -1).topk(2 * beams)
        choices = zip(searches, best.tolist(), (flat // size).tolist(), (flat % size).tolist(), strict=True)
        origins = [
            row * beams + origin
            for row, (search, scores, beam_origins, tokens) in enumerate(choices)
            for origin in search.extend(scores, beam_origins, tokens, rules.end)
        ]
        if all(search.done for search in searches):
            return [search.result for search in searches if search.result is not None]
        if origins != list(range(len(origins))):
            rows.select(torch.tensor(origins, device=device), memory=False)
        rows.step(torch.tensor([token for search in searches for token in search.newest], device=device))
        logprobs = (rows.scores + rules.never).log_softmax(-1)
        totals = torch.tensor([search.totals for search in searches], device=device)


class _Search:
    """The beams of one row. Once it is `done` its result stays, while the batch's other rows go on."""

    def __init__(self, beams: int, limit: int, no_speech: float) -> None:
        self.beams, self.limit = beams, limit
        self.alive = [Hypothesis(no_speech)] * beams
        self.totals = [0.0] * beams
        self.ended: list[Hypothesis] = []
        self.result: Hypothesis | None = None

    @property
    def done(self) -> bool:
        return self.result is not None

    @property
    def newest(self) -> list[int]:
        return [hypothesis.tokens[-1] for hypothesis in self.alive]

    def extend(self, totals: list[float], origins: list[int], tokens: list[int], end: int) -> list[int]:
        """Takes the best continuations, best first; returns which beam each of the new beams continues."""
        alive: list[Hypothesis] = []
        kept_totals, kept_origins = [], []
        for total, origin, token in zip(totals, origins, tokens, strict=True):
            if len(alive) == self.beams:
                break
            old = self.alive[origin]
            logprobs = [*old.logprobs, total - sum(old.logprobs)]
            if token == end:
                self.ended.append(Hypothesis(old.no_speech, old.tokens, logprobs))
                continue
            alive.append(Hypothesis(old.no_speech, [*old.tokens, token], logprobs))
            kept_totals.append(total)
            kept_origins.append(origin)
        self.alive, self.totals = alive, kept_totals
        self.ended = sorted(self.ended, key=_mean, reverse=True)[: self.beams]
        settled = bool(self.ended) and _mean(alive[0]) <= _mean(self.ended[0])
        if not self.done and (settled or len(alive[0].tokens) >= self.limit or _loops(alive[0].tokens)):
            self.result = _unlooped(max(self.ended or alive, key=_mean))
        return kept_origins


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


def _loops(tokens: Sequence[int]) -> bool:
    return without_loop(tokens) < len(tokens)


def _unlooped(hypothesis: Hypothesis) -> Hypothesis:
    kept = without_loop(hypothesis.tokens)
    if kept == len(hypothesis.tokens):
        return hypothesis
    return Hypothesis(hypothesis.no_speech, hypothesis.tokens[:kept], hypothesis.logprobs[:kept])


def _mean(hypothesis: Hypothesis) -> float:
    return hypothesis.avg_logprob
