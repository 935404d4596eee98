"""Opus (RFC 6716) to 16 kHz mono through libopus itself, which decodes at that rate without a resampler.

It is the library that PyAV brings in its wheel, or else the system's. PyAV's own interface decodes at 48 kHz
only, and has no way to ask for a lost packet.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import weakref
from pathlib import Path

import av
import numpy as np

from media.items import Pcm

RATE = 16_000
LONGEST = RATE * 120 // 1000  # samples in a packet at most (RFC 6716, 2.1.4)


class Damaged(Exception):
    """What came is no packet of its codec."""


class OpusDecoder:
    """One stream, one thread at a time. Stereo is mixed down by the decoder."""

    rate = RATE

    def __init__(self) -> None:
        self._opus = _library()
        error = ctypes.c_int()
        self._state = self._opus.opus_decoder_create(RATE, 1, ctypes.byref(error))
        if not self._state:
            raise MemoryError(f"libopus made no decoder: error {error.value}")
        weakref.finalize(self, self._opus.opus_decoder_destroy, self._state)
        self._pcm = np.empty(LONGEST, np.int16)
        self._out = self._pcm.ctypes.data
        self._begun = False

    def decode(self, data: bytes) -> Pcm:
        """int16 at 16 kHz. Raises Damaged."""
        if not data:  # to libopus, nothing is a lost packet
            raise Damaged("opus: an empty packet")
        pcm = self._decode(data, LONGEST, 0)
        self._begun = True
        return pcm

    def conceal(self, samples: int, following: bytes) -> Pcm:
        """A guess at `samples` that were lost; the packet after them may hold the last again (in-band FEC).

        Empty before the first packet, never longer than 120 ms, and in steps of 2.5 ms: what is over is left
        out. Raises Damaged where `following` is no packet.
        """
        samples = min(samples - samples % (RATE // 400), LONGEST)
        if not self._begun or samples <= 0:
            return self._pcm[:0]
        return self._decode(following or None, samples, int(bool(following)))

    def _decode(self, data: bytes | None, samples: int, again: int) -> Pcm:
        length = 0 if data is None else len(data)
        found = self._opus.opus_decode(self._state, data, length, self._out, samples, again)
        if found < 0:
            raise Damaged(f"opus: {self._opus.opus_strerror(found).decode()}")
        return self._pcm[:found].copy()


@functools.cache
def _library() -> ctypes.CDLL:
    """Raises OSError where there is no libopus."""
    brought = sorted((Path(av.__file__).parent.parent / "av.libs").glob("libopus-*.so*"))
    name = str(brought[0]) if brought else ctypes.util.find_library("opus")
    if not name:
        raise OSError("libopus was not found: neither in PyAV's wheel nor on the system")
    opus = ctypes.CDLL(name)
    opus.opus_decoder_create.restype = ctypes.c_void_p
    opus.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    opus.opus_decoder_destroy.restype = None
    opus.opus_strerror.restype = ctypes.c_char_p
    opus.opus_decode.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_int32,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_int,
    ]
    return opus
