from __future__ import annotations

import io

import av
import numpy as np
import pytest

from media.speech_file import Container, encode
from tests.media.conftest import best_correlation

WAVE = (6000 * np.sin(np.cumsum(np.linspace(0.02, 0.2, 36_000)))).astype(np.int16)  # 1.5 s at 24 kHz


@pytest.mark.parametrize(("container", "codec", "most"), [("ogg", "opus", 8_000), ("mp4", "aac", 14_000)])
def test_what_goes_in_comes_out(container: Container, codec: str, most: int) -> None:
    file = encode(WAVE, 24_000, container)
    assert len(file) < most
    resampler = av.AudioResampler("s16", "mono", 24_000)
    with av.open(io.BytesIO(file)) as opened:
        stream = opened.streams.audio[0]
        assert (stream.codec.name, stream.rate, stream.channels) == (codec, 48_000, 1)
        frames = [one for frame in opened.decode(stream) for one in resampler.resample(frame)]
    out = np.concatenate([np.asarray(frame.to_ndarray()[0], np.int16) for frame in frames])
    assert len(out) / 24_000 == pytest.approx(1.5, abs=0.1)
    match, _ = best_correlation(WAVE[2000:30_000].astype(np.float64), out.astype(np.float64))
    assert match > 0.9


def test_no_samples_make_no_file() -> None:
    with pytest.raises(ValueError, match="samples of one channel"):
        encode(np.zeros(0, np.int16), 24_000, "ogg")
