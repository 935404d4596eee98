"""When each word was said: cross-attention of the heads that follow the sound, and dynamic time warping.

The method is that of OpenAI's reference implementation of Whisper (word timestamps), in steps of 20 ms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.whisper.network import Cache, Decoder, Memory, causal_mask
from models.whisper.tokens import Vocabulary

STEP = 0.02  # seconds per encoder position
_MEDIAN = 7
_LONGEST_MEDIAN = 0.7  # seconds


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its punctuation, for Chinese one character or a few. Seconds from the clip's begin."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Span:
    """A word's text and its tokens: `first` to `last`; up to `core` they are not its closing punctuation."""

    text: str
    first: int
    core: int
    last: int


def spans(pieces: Sequence[tuple[str, int]]) -> list[Span]:
    """Groups pieces of text (see `Vocabulary.pieces`) into words.

    A word begins at a space, and at every Chinese piece; punctuation belongs to the word before it, an
    opening bracket or quotation mark to the word after it.
    """
    found: list[Span] = []
    place = 0
    for piece, count in pieces:
        text, after = piece.strip(), place + count
        if not found:
            found.append(Span(text, place, after, after))
        elif not text:
            found[-1] = Span(found[-1].text, found[-1].first, found[-1].core, after)
        elif _joins(found[-1].text, piece):
            old = found[-1]
            core = old.core if _is_mark(text) and not _is_mark(old.text) else after
            found[-1] = Span(old.text + piece.rstrip() if old.text else text, old.first, core, after)
        else:
            found.append(Span(text, place, after, after))
        place = after
    return [span for span in found if span.text]


def align(
    decoder: Decoder,
    memory: Memory,
    headers: Sequence[Sequence[int]],
    texts: Sequence[Sequence[int]],
    positions: Sequence[int],
    heads: Sequence[tuple[int, int]],
    end: int,
) -> list[NDArray[np.float64]]:
    """For each row the times in seconds at which its tokens begin, one more entry for the end of the last.

    One pass over header, text and end shows what each token attended to. `positions` is how many encoder
    positions of each row are sound; `heads` are the (layer, head) pairs to read.
    """
    device = decoder.embedding.device
    full = [[*header, *text, end] for header, text in zip(headers, texts, strict=True)]
    width = max(map(len, full))
    tokens = torch.tensor([row + [end] * (width - len(row)) for row in full], device=device)
    starts = torch.zeros(len(full), dtype=torch.long, device=device)
    cache = Cache(decoder.shape, len(full), width, decoder.embedding)
    queries: dict[int, Tensor] = {}
    index = torch.arange(width, device=device).expand(len(full), -1)
    decoder(tokens, index, memory, cache, causal_mask(width, starts, decoder.embedding.dtype), queries)
    scores = torch.stack(
        [queries[layer][:, head] @ memory.layers[layer][0][:, head].mT for layer, head in heads], dim=1
    )
    scores = scores.float() * (decoder.shape.width // decoder.shape.decoder_heads) ** -0.5
    times = []
    for row, header in enumerate(headers):
        length, sound = len(full[row]), max(1, positions[row])
        weights = scores[row, :, :length, :sound].softmax(-1)
        spread = weights.std(1, keepdim=True, correction=0).clamp_(min=1e-6)
        weights = (weights - weights.mean(1, keepdim=True)) / spread
        matrix = _median(weights).mean(0)[len(header) - 1 : -1]
        times.append(warp(-matrix.double().cpu().numpy())[:-1] * STEP)
    return times


def timed(
    vocabulary: Vocabulary, tokens: Sequence[int], logprobs: Sequence[float], times: NDArray[np.float64]
) -> list[Word]:
    """Words with times from the times of their tokens; probability is the mean of their tokens'."""
    words = []
    for span in spans(vocabulary.pieces(tokens)):
        probability = float(np.exp(logprobs[span.first : span.last]).mean())
        words.append(Word(span.text, float(times[span.first]), float(times[span.core]), probability))
    return _without_pauses(words)


def warp(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dynamic time warping (Sakoe and Chiba 1978) of tokens × positions.

    Returns at which position each token begins, and the number of positions at the end: tokens + 1 entries.
    """
    tokens, positions = cost.shape
    total = np.full((tokens + 1, positions + 1), np.inf)
    total[0, 0] = 0.0
    # Cells of one anti-diagonal do not depend on each other: one numpy step for each diagonal.
    for diagonal in range(2, tokens + positions + 1):
        i = np.arange(max(1, diagonal - positions), min(tokens, diagonal - 1) + 1)
        j = diagonal - i
        before = np.minimum(np.minimum(total[i - 1, j - 1], total[i - 1, j]), total[i, j - 1])
        total[i, j] = cost[i - 1, j - 1] + before
    begins = np.zeros(tokens + 1)
    begins[tokens] = positions
    i, j = tokens, positions
    while i > 0:
        begins[i - 1] = j - 1
        before_each = (total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
        move = int(np.argmin(before_each))
        i, j = (i - (move != 2), j - (move != 1))
    return begins


def _without_pauses(words: list[Word]) -> list[Word]:
    """Takes the pauses between sentences out of the words beside them, which warping stretches over them."""
    durations = [word.end - word.start for word in words if word.end > word.start]
    longest = 2 * min(_LONGEST_MEDIAN, float(np.median(durations))) if durations else 0.0
    cut = []
    for index, word in enumerate(words):
        start, end = word.start, word.end
        if end - start > longest > 0:
            if index == 0 or words[index - 1].text[-1] in ".?!。？！":
                start = end - longest
            elif word.text[-1] in ".?!。？！":
                end = start + longest
        cut.append(Word(word.text, round(start, 2), round(end, 2), word.probability))
    return cut


def _median(weights: Tensor) -> Tensor:
    """Median over seven neighbouring positions, the picture reflected at its ends."""
    reach = _MEDIAN // 2
    if weights.shape[-1] <= reach:
        return weights
    padded = torch.nn.functional.pad(weights, (reach, reach), mode="reflect")
    return padded.unfold(-1, _MEDIAN, 1).median(-1).values


def _joins(before: str, piece: str) -> bool:
    """Whether a piece of text goes on with the word before it."""
    if not before or _opens(before):
        return True
    if _opens(piece.strip()) or (piece[0].isspace() and piece.strip() in ('"', "'")):
        return False
    apart = piece[0].isspace() or _is_chinese(piece[0]) or _is_chinese(before[-1])
    return _is_mark(piece.strip()) or not apart


def _is_mark(text: str) -> bool:
    return all(unicodedata.category(letter)[0] == "P" for letter in text)


def _opens(text: str) -> bool:
    return text in ('"', "'") or all(unicodedata.category(letter) in ("Ps", "Pi") for letter in text)


def _is_chinese(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"
