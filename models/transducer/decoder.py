"""Greedy RNN-T decoding of one chunk of every slot, by labels instead of frames.

Bataev et al., "Label-Looping: Highly Efficient Decoding for Transducers" (arXiv 2406.06220). A round asks the
joint network about every remaining frame of the chunk at once, finds each slot's first label, and runs the
prediction network once for the slots that found one. Rounds follow the most talkative slot's labels, not the
frames: a chunk with no new label costs one round. The prediction network's state has one row per slot.

On a GPU one round is a CUDA graph and the loop stays on the host. How many rounds a chunk takes is known only
from its data: a graph of a fixed number would run most of them for nothing, while a round of its own costs
one launch and one flag read back. What the rounds found lies in buffers on the device until the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from models.transducer.graph import Graphed


@dataclass(frozen=True, slots=True)
class Labels:
    """What a chunk said, on the CPU: [slots, rounds] each, −1 where a slot said nothing more.

    `tokens` and `frames` (of the chunk, of 80 ms) are int64, `probabilities` float32.
    """

    tokens: Tensor
    frames: Tensor
    probabilities: Tensor


class SlotDecoder(nn.Module):
    """The prediction and joint networks of a `NemotronAsrStreamingForRNNT`, with a state per slot.

    `frames`: encoder frames of a chunk.
    """

    hidden: Tensor
    cell: Tensor
    said: Tensor
    first_hidden: Tensor
    first_cell: Tensor
    first_said: Tensor
    encoded: Tensor
    active: Tensor
    at: Tensor
    symbols: Tensor
    rounds: Tensor
    tokens: Tensor
    places: Tensor
    chances: Tensor

    def __init__(self, model: Any, *, slots: int, frames: int) -> None:
        super().__init__()
        self.embedding, self.lstm = model.decoder.embedding, model.decoder.lstm
        self.project, self.joint = model.decoder.decoder_projector, model.joint
        self.blank = int(model.config.blank_token_id)
        self.max_symbols = int(model.config.max_symbols_per_step)
        self.slots = slots
        like = self.project.weight
        depth, size = self.lstm.num_layers, self.lstm.hidden_size
        # Rounds of a chunk: the last one finds nothing. At least as many as a capture warms up with.
        most = max(8, frames * self.max_symbols + 1)

        def buffer(name: str, *shape: int, dtype: torch.dtype = like.dtype) -> None:
            zeros = torch.zeros(shape, dtype=dtype, device=like.device)
            self.register_buffer(name, zeros, persistent=False)

        buffer("hidden", depth, slots, size)
        buffer("cell", depth, slots, size)
        buffer("said", slots, size)
        buffer("encoded", slots, frames, size)
        buffer("active", slots, dtype=torch.bool)
        buffer("at", slots, dtype=torch.long)  # the first frame that is not yet done with
        buffer("symbols", slots, dtype=torch.long)  # said at that frame; a chunk ends in a blank or moved on
        buffer("rounds", 1, dtype=torch.long)
        buffer("tokens", most, slots, dtype=torch.long)
        buffer("places", most, slots, dtype=torch.long)
        buffer("chances", most, slots, dtype=torch.float32)
        self._run: Callable[[], Tensor] = self._round
        self.eval()
        with torch.inference_mode():
            blank = torch.full((1, 1), self.blank, device=like.device)
            out, (hidden, cell) = self.lstm(self.embedding(blank))
            self.register_buffer("first_hidden", hidden, persistent=False)
            self.register_buffer("first_cell", cell, persistent=False)
            self.register_buffer("first_said", self.project(out[:, 0]), persistent=False)
        self.reset(*range(slots))

    def capture(self) -> None:
        """From now on a round is a CUDA graph."""
        self.active.zero_()
        self._run = Graphed(self._round, device=self.said.device)

    @torch.inference_mode()
    def reset(self, *slots: int) -> None:
        """The state before the first label: the prediction network has seen one blank."""
        index = torch.tensor(slots, dtype=torch.long, device=self.said.device)
        self.hidden[:, index], self.cell[:, index] = self.first_hidden, self.first_cell
        self.said[index] = self.first_said

    @torch.inference_mode()
    def forward(self, encoded: Tensor, active: Tensor) -> Labels:
        """`encoded` [slots, frames, joint size], `active` bool [slots]: only those say anything."""
        self.encoded.copy_(encoded)
        self.active.copy_(active)
        self.at.zero_()
        self.symbols.zero_()
        self.rounds.zero_()
        rounds = 0
        while bool(self._run()):
            rounds += 1
        return Labels(
            self.tokens[:rounds].T.cpu(), self.places[:rounds].T.cpu(), self.chances[:rounds].T.cpu()
        )

    def _round(self) -> Tensor:
        """At most one label for each slot, noted in row `rounds`; whether any was found, bool []."""
        slots, frames, _ = self.encoded.shape
        logits = self.joint.head(self.joint.activation(self.encoded + self.said[:, None]))
        best = logits.argmax(dim=-1)
        index = torch.arange(frames, device=best.device)
        label = (best != self.blank) & (index >= self.at[:, None]) & self.active[:, None]
        found = label.any(dim=1)
        frame = torch.where(found, label.int().argmax(dim=1), 0)
        token = best.gather(1, frame[:, None])
        at_frame = logits.gather(1, frame[:, None, None].expand(slots, 1, logits.shape[2]))[:, 0].float()
        chance = at_frame.softmax(dim=-1).gather(1, token)[:, 0]
        self.tokens.index_copy_(0, self.rounds, torch.where(found, token[:, 0], -1)[None])
        self.places.index_copy_(0, self.rounds, torch.where(found, frame, -1)[None])
        self.chances.index_copy_(0, self.rounds, torch.where(found, chance, -1.0)[None])
        self.rounds.add_(1)
        symbols = torch.where(frame == self.at, self.symbols, 0) + 1
        forced = symbols >= self.max_symbols  # the library's guard against a frame that never ends
        self.at.copy_(torch.where(found, frame + forced.long(), self.at))
        self.symbols.copy_(torch.where(found & ~forced, symbols, 0))
        self._say(token, found)
        some: Tensor = found.any()
        return some

    def _say(self, token: Tensor, found: Tensor) -> None:
        """Moves the prediction network on by `token` [slots, 1] where one was `found`."""
        out, (hidden, cell) = self.lstm(self.embedding(token), (self.hidden, self.cell))
        kept = found[None, :, None]
        self.hidden.copy_(torch.where(kept, hidden, self.hidden))
        self.cell.copy_(torch.where(kept, cell, self.cell))
        self.said.copy_(torch.where(found[:, None], self.project(out[:, 0]), self.said))
