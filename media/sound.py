"""Sound packets to 16 kHz mono samples without holes, so that sample n of a stretch is at t0 + n / 16000."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from av import AudioFrame, AudioResampler

from media.clock import RtpTimeline
from media.decoders import SoundDecoder, sound_decoder
from media.encoded import EncodedFrame
from media.items import Pcm
from media.opus import Damaged
from media.settings import MediaSettings

SAMPLE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """The next samples of a stretch: int16 mono at 16 kHz from media time `time` on.

    `restarted` marks the first block of a new stretch: the samples do not follow on those before.
    """

    time: float
    pcm: Pcm
    restarted: bool


class SoundStream:
    """Decodes one sound stream and fills its holes: with what the decoder makes of a loss, else with silence.

    Holes are lost packets, and pauses in which the sender transmits nothing (Opus DTX); only the former
    count in `lost_ms`. A hole longer than `max_fill_s`, a new source or a jump of the sender's clock starts
    a new stretch.
    """

    CONCEAL_S = 0.1

    def __init__(self, settings: MediaSettings) -> None:
        self.lost_ms = 0.0
        self.heard_ms = 0.0  # decoded from packets that came
        self._settings = settings
        self._codec = ""
        self._units = 1  # RTP units in one sample of the decoder
        self._frame_units = 0  # length of the last packet, in RTP units
        self._end = 0.0  # media time up to which samples were handed on
        self._origin = 0.0  # media time of the stretch's first sample
        self._fed = 0  # RTP units of this stretch so far
        self._written = 0  # samples handed on in this stretch
        self._resampler: AudioResampler | None = None

    def decode(self, frame: EncodedFrame, arrival: float) -> list[SoundBlock]:
        """The samples that this packet adds, silence before it included. `arrival` is in media time."""
        blocks: list[SoundBlock] = []
        if frame.codec != self._codec:
            blocks += self.flush()
            self._begin(frame)
        placed = self._timeline.place(frame.timestamp, frame.ssrc, arrival)
        hole = round((placed - self._origin) * frame.clock_rate) - self._fed if self._fed else 0
        lost = min(max(hole, 0), frame.lost * self._frame_units)
        if self._timeline.restarted or hole > self._settings.max_fill_s * frame.clock_rate:
            blocks += self.flush()
            placed, hole = max(placed, self._end), 0
        if not self._fed:
            self._origin = placed
        self.lost_ms += 1000 * lost / frame.clock_rate
        try:
            if hole > 0:
                concealed = self._conceal(min(lost, hole), hole, frame)
                blocks += self._feed(concealed)
                blocks += self._feed(_silence(hole // self._units - concealed.size))
            samples = self._decoder.decode(frame.data)
        except Damaged:  # the next packet sees the hole
            self.lost_ms += 1000 * self._frame_units / frame.clock_rate
            return blocks
        self._frame_units = samples.size * self._units
        self.heard_ms += 1000 * self._frame_units / frame.clock_rate
        blocks += self._feed(samples if hole >= 0 else samples[-hole // self._units :])
        return blocks

    def flush(self) -> list[SoundBlock]:
        """The samples that are still held. What follows is a new stretch."""
        if not self._fed:
            return []
        blocks = self._collect(self._resampler.resample(None)) if self._resampler else []
        self._end = self._origin + self._written / SAMPLE_RATE
        self._fed = self._written = 0
        self._resampler = _resampler(self._decoder)
        return blocks

    def _begin(self, frame: EncodedFrame) -> None:
        self._codec = frame.codec
        self._decoder = sound_decoder(frame.codec)
        self._units = frame.clock_rate // self._decoder.rate
        self._resampler = _resampler(self._decoder)
        self._timeline = RtpTimeline(frame.clock_rate, self._settings.clock_jump_s)

    def _conceal(self, lost: int, hole: int, following: EncodedFrame) -> Pcm:
        """What the decoder makes of lost packets; it fades out, so after `CONCEAL_S` silence does as well.

        Where nothing but the guess lies between them, the next packet may help with its copy of the last.
        """
        most = round(self.CONCEAL_S * self._decoder.rate)
        samples = lost // self._units
        return self._decoder.conceal(
            min(samples, most), following.data if hole == lost and samples <= most else b""
        )

    def _feed(self, pcm: Pcm) -> list[SoundBlock]:
        if not pcm.size:
            return []
        self._fed += pcm.size * self._units
        if self._resampler is None:
            return [self._block(pcm)]
        frame = AudioFrame.from_ndarray(pcm[None, :], format="s16", layout="mono")
        frame.sample_rate = self._decoder.rate
        frame.pts = None
        return self._collect(self._resampler.resample(frame))

    def _collect(self, frames: list[AudioFrame]) -> list[SoundBlock]:
        pieces = (frame.to_ndarray().reshape(-1).astype(np.int16, copy=False) for frame in frames)
        return [self._block(pcm) for pcm in pieces if pcm.size]

    def _block(self, pcm: Pcm) -> SoundBlock:
        block = SoundBlock(self._origin + self._written / SAMPLE_RATE, pcm, restarted=self._written == 0)
        self._written += pcm.size
        return block


def _resampler(decoder: SoundDecoder) -> AudioResampler | None:
    if decoder.rate == SAMPLE_RATE:
        return None
    return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)


def _silence(samples: int) -> Pcm:
    return np.zeros(max(0, samples), np.int16)


def joined(blocks: list[SoundBlock], most: int = SAMPLE_RATE // 10) -> list[SoundBlock]:
    """Blocks that follow on each other as one of about `most` samples: what hears them has less to do."""
    runs: list[list[SoundBlock]] = []
    samples = 0
    for block in blocks:
        if runs and not block.restarted and samples < most:
            runs[-1].append(block)
            samples += block.pcm.size
        else:
            runs.append([block])
            samples = block.pcm.size
    return [_as_one(run) if len(run) > 1 else run[0] for run in runs]


def _as_one(run: list[SoundBlock]) -> SoundBlock:
    return SoundBlock(run[0].time, np.concatenate([block.pcm for block in run]), run[0].restarted)
