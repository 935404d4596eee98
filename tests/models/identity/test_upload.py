from __future__ import annotations

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from models.identity.upload import LONGEST, PhotoError, decode
from tests.models.faces_fixtures import Rgb, portrait


def encoded(rgb: Rgb, kind: str = "JPEG", **options: object) -> bytes:
    stream = BytesIO()
    Image.fromarray(rgb).save(stream, kind, **options)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(PhotoError) as caught:
        decode(data, **limits)
    return caught.value.code


@pytest.mark.parametrize(("kind", "apart"), [("JPEG", 6), ("PNG", 0), ("WEBP", 8)])
def test_the_three_formats_are_read(kind: str, apart: float) -> None:
    rgb = decode(encoded(portrait(), kind))
    assert rgb.dtype == np.uint8
    assert rgb.shape == (512, 512, 3)
    assert np.abs(rgb.astype(int) - portrait()).mean() <= apart


@pytest.mark.parametrize(("tag", "turns"), [(3, 2), (6, 1), (8, 3)])
def test_a_phone_held_sideways_is_set_upright(tag: int, turns: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = np.ascontiguousarray(np.rot90(portrait()[:, :400], turns))
    rgb = decode(encoded(stored, exif=exif))
    assert rgb.shape == (512, 400, 3)
    assert np.abs(rgb.astype(int) - portrait()[:, :400]).mean() < 8


def test_transparent_becomes_white_and_grey_three_channels() -> None:
    clear = np.zeros((20, 30, 4), np.uint8)
    assert (decode(encoded(clear, "PNG")) == 255).all()
    grey = np.full((20, 30), 70, np.uint8)
    assert (decode(encoded(grey, "PNG")) == 70).all()
    deep = np.full((20, 30), 70 * 257, np.uint16)
    assert (decode(encoded(deep, "PNG")) == 70).all()


def test_huge_pictures_are_shrunk() -> None:
    wide = np.zeros((100, 2 * LONGEST, 3), np.uint8)
    assert decode(encoded(wide, "PNG")).shape == (50, LONGEST, 3)


def test_bombs_are_refused_before_they_are_decoded() -> None:
    assert refused(png_header(9000, 9000)) == "too_many_pixels"
    assert refused(png_header(10_000, 10_000)) == "too_many_pixels"
    assert refused(png_header(60_000, 60_000)) == "too_many_pixels"
    assert refused(encoded(portrait()), max_bytes=1000) == "file_too_large"


def test_what_is_broken_is_told_apart_from_what_is_something_else() -> None:
    data = encoded(portrait())
    assert refused(data[: len(data) // 2]) == "truncated"
    assert refused(encoded(portrait(), "PNG")[:5000]) == "truncated"
    assert refused(png_header(100, 100)) == "truncated"
    assert refused(b"") == "unsupported_format"
    assert refused(b"%PDF-1.7 and so on") == "unsupported_format"
    assert refused(encoded(portrait(), "GIF")) == "unsupported_format"


def test_bytes_at_random_never_raise_anything_else() -> None:
    rng = np.random.default_rng(0)
    outcomes = set()
    for kind in ("JPEG", "PNG", "WEBP"):
        good = np.frombuffer(encoded(portrait()[:64, :64], kind), np.uint8)
        for _ in range(60):
            bad = good.copy()
            bad[rng.integers(len(bad), size=8)] = rng.integers(256, size=8)
            try:
                outcomes.add(str(decode(bad.tobytes()).dtype))
            except PhotoError as error:
                outcomes.add(error.code)
    assert "truncated" in outcomes
    assert outcomes <= {"uint8", "truncated", "unsupported_format", "too_many_pixels"}
