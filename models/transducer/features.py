"""Streaming log-mel features, frame for frame those of transformers' `NemotronAsrStreamingFeatureExtractor`.

The library transforms a first piece of sound with `center=True` and later windows with `center=False`, such
that frame f always sees the 400 samples around sample 160 · f and the one before them, which the pre-emphasis
needs. Here every chunk of every slot is one window of the same length: a stream begins with silence before
its first sample, and the frames that lie wholly in it become the zeros that the encoder wants there.

Sound stays on the host until a slot has a whole chunk; then all such slots are one batch on the device.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE = 16_000
_ZERO_GUARD = 2.0**-24  # added before the logarithm, as the library does

Sound = NDArray[np.float32]


class MelWindows(nn.Module):
    """Windows of sound → log-mel frames, [rows, samples] → [rows, frames, mel bins], float32.

    `extractor` is the library's feature extractor, whose settings and filters are taken over. Raises
    `ValueError` for a sampling rate other than 16 kHz.
    """

    window: Tensor
    filters: Tensor

    def __init__(self, extractor: Any, device: torch.device) -> None:
        super().__init__()
        if extractor.sampling_rate != SAMPLE_RATE:
            raise ValueError(f"the model hears {extractor.sampling_rate} Hz, not {SAMPLE_RATE}")
        self.hop, self.size = int(extractor.hop_length), int(extractor.win_length)
        self.points = int(extractor.n_fft)
        self.emphasis = float(extractor.preemphasis or 0.0)
        precision = getattr(
            torch, extractor.mel_filters_dtype
        )  # some checkpoints were trained on rounded ones
        window = torch.hann_window(self.size, periodic=False).to(precision).float()
        filters = extractor.mel_filters.to(precision).float()
        self.register_buffer("window", window.to(device), persistent=False)
        self.register_buffer("filters", filters.to(device), persistent=False)

    @torch.inference_mode()
    def forward(self, sound: Tensor, ends: Tensor) -> Tensor:
        """`sound` float32 [rows, 1 + samples] begins with the sample before the first frame's window.

        `ends` int64 [rows]: from there on a row is silence, which the pre-emphasis does not see.
        """
        emphasised = sound[:, 1:] - self.emphasis * sound[:, :-1]
        index = torch.arange(1, sound.shape[1], device=sound.device)
        emphasised = emphasised.masked_fill(index >= ends[:, None], 0.0)
        margin = (self.points - self.size) // 2  # the window lies in the middle of the transform's points
        spectrum = torch.stft(
            functional.pad(emphasised, (margin, self.points - self.size - margin)),
            self.points,
            self.hop,
            self.size,
            self.window,
            center=False,
            return_complex=True,
        )
        power = torch.view_as_real(spectrum).square().sum(-1)
        return torch.log(self.filters @ power + _ZERO_GUARD).transpose(1, 2)


class SlotFeatures:
    """Sound of any length in, one chunk of `frames` mel frames at a time out, for every slot.

    `first_pad` frames of zeros stand before the first frame of a stream and count as part of its first chunk.
    """

    def __init__(
        self, extractor: Any, *, slots: int, frames: int, first_pad: int, device: torch.device
    ) -> None:
        self._mel = MelWindows(extractor, device)
        self._device, self._frames, self._first_pad = device, frames, first_pad
        hop, size = self._mel.hop, self._mel.size
        self._hop = hop
        self._lead = first_pad * hop + size // 2 + 1  # samples before sample 0 in the first window
        self._length = (frames - 1) * hop + size + 1
        self._tails = [_Tail(self._lead) for _ in range(slots)]
        pinned = device.type == "cuda"
        self._sound = torch.zeros((slots, self._length), pin_memory=pinned)
        self._ends = torch.zeros(slots, dtype=torch.long, pin_memory=pinned)
        self._flags = torch.zeros((2, slots), dtype=torch.bool, pin_memory=pinned)  # takes part; is its first

    def reset(self, slot: int) -> None:
        """The slot's next sample is the first of a stream."""
        self._tails[slot] = _Tail(self._lead)

    def push(self, slot: int, sound: Sound) -> None:
        """More sound of a slot: float32 in −1..1, 16 kHz mono, of any length."""
        self._tails[slot].push(sound)

    def finish(self, slot: int) -> None:
        """The slot has heard all: silence makes a whole chunk of its last `samples // hop` frames."""
        self._tails[slot].finished = True

    def ready(self, slot: int) -> bool:
        """Whether the slot has a chunk for `take`."""
        tail = self._tails[slot]
        if tail.finished:
            made = tail.chunks * self._frames - self._first_pad if tail.chunks else 0
            return tail.samples // self._hop > made
        return tail.held >= self._length

    def take(self) -> tuple[Tensor, Tensor]:
        """The next chunk of every slot that has one.

        Returns features float32 [slots, frames, mel bins] and who takes part, bool [slots], on the device;
        the rows of the others mean nothing.
        """
        sound, ends = self._sound.numpy(), self._ends.numpy()
        active, first = self._flags.numpy()
        for slot, tail in enumerate(self._tails):
            active[slot] = self.ready(slot)
            if active[slot]:
                first[slot] = tail.chunks == 0
                ends[slot] = tail.read(sound[slot], self._frames * self._hop)
        moved = self._sound.to(self._device, non_blocking=True)
        flags = self._flags.to(self._device, non_blocking=True)
        features = self._mel(moved, self._ends.to(self._device, non_blocking=True))
        before = flags[1][:, None] & (torch.arange(self._frames, device=self._device) < self._first_pad)
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()  # the host's buffers are filled again soon
        return features.masked_fill(before[:, :, None], 0.0), flags[0].clone()


class _Tail:
    """What one slot holds of its sound: from the first sample that its next window needs."""

    def __init__(self, lead: int) -> None:
        self._pieces: deque[Sound] = deque([np.zeros(lead, np.float32)])
        self.held = lead
        self.samples = 0  # of the stream so far
        self.chunks = 0
        self.finished = False

    def push(self, sound: Sound) -> None:
        self._pieces.append(np.array(sound, np.float32))  # the caller may fill its buffer again
        self.held += len(sound)
        self.samples += len(sound)

    def read(self, into: Sound, step: int) -> int:
        """Fills the window, with silence where the sound ends, and moves on by `step`; how much was sound."""
        whole = np.concatenate(self._pieces)
        end = min(len(whole), len(into))
        into[:end], into[end:] = whole[:end], 0.0
        self._pieces = deque([whole[step:]])
        self.held = max(0, len(whole) - step)
        self.chunks += 1
        return end
