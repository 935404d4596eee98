"""Bytes that somebody uploaded, turned into a picture: nothing in them is believed before it is checked."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.faces.detector import Rgb
from models.identity.codes import SENTENCES, Code

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 15_000_000  # of a phone's photo; a scan in PNG is smaller
MAX_PIXELS = 50_000_000
LONGEST = 3000  # pixels; what is larger is shrunk: no face needs more


class PhotoError(ValueError):
    """The picture cannot be used; `code` says why, the message is its English sentence."""

    def __init__(self, code: Code) -> None:
        super().__init__(SENTENCES[code]["en"])
        self.code: Code = code


def decode(data: bytes, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Rgb:
    """A JPEG, PNG or WebP file as uint8 RGB, height × width × 3, upright by its EXIF orientation.

    Of an animation the first picture; what is transparent becomes white; no side is longer than 3000 pixels.
    Size and format are read from the header before anything is decoded. Raises `PhotoError`:
    file_too_large, unsupported_format, too_many_pixels, truncated.
    """
    if len(data) > max_bytes:
        raise PhotoError("file_too_large")
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError("too_many_pixels") from None
    except UnidentifiedImageError:
        raise PhotoError("unsupported_format") from None
    except Exception as error:  # a damaged header raises whatever its reader stumbled over
        raise PhotoError("truncated") from error
    if image.width * image.height > max_pixels:
        raise PhotoError("too_many_pixels")
    try:
        # A JPEG is decoded at a fraction of its size where that is enough: less memory, less time.
        image.draft("RGB", (LONGEST, LONGEST))
        image.load()
        return _upright(image)
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error and others
        raise PhotoError("truncated") from error


def _upright(image: Image.Image) -> Rgb:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image, np.uint16) >> 8).astype(np.uint8))
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    return np.array(image.convert("RGB"), np.uint8)
