"""Mandarin: Kokoro-82M (https://github.com/hexgrad/kokoro, Apache-2.0), eight-bit ONNX.

Text is cut into words, words become pinyin, pinyin becomes phonemes; English words in between are read by the
English rules, whose phonemes are the same alphabet's. The network takes up to 510 phonemes at once.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models import store
from models.speaking.numerals import spelled
from models.speaking.pinyin import phonemes as syllable_phonemes
from models.speaking.speech import NAMES, Language, Sound, SpeechError, levelled

RATE = 24_000
VOICE = "zf_xiaoxiao"
PARTS = tuple(f"kokoro/kokoro-v1.0.int8.onnx.part{number}" for number in range(1, 5))
STYLES, STYLE = 510, 256  # a style vector for each number of phonemes
SPOKEN_AT_ONCE = 180  # phonemes: a sentence or two; prosody is best there
Read = Callable[[str], str]
"""English words as phonemes."""

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9'’+#.-]*(?<![.-])(?:\s+[A-Za-z][A-Za-z0-9'’+#.-]*(?<![.-]))*")
_PUNCTUATION = str.maketrans(
    {"！": "! ", "？": "? ", "：": ": ", "；": "; ", "（": " (", "）": ") "}
    | dict.fromkeys("，、", ", ")
    | dict.fromkeys("。．", ". ")
    | dict.fromkeys("《「『【", " “")
    | dict.fromkeys("》」』】", "” ")
)
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_CLOSING = re.compile(r"\s+([”),.!?;:]+)")  # a piece that began with one was heard as a syllable more
_SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][”)]))\s+")
_CLAUSE = re.compile(r"(?<=[,;:—])\s*")


class Mandarin:
    """From text to phonemes of Kokoro. `alphabet` has the number of each."""

    def __init__(self, alphabet: Mapping[str, int], english: Read) -> None:
        self._alphabet = alphabet
        self._english = english
        self._words = _segmenter()

    def phonemes(self, text: str) -> list[str]:
        """In pieces to be spoken at once, each of at most 510 phonemes."""
        written = _SPACED.sub("", spelled(unicodedata.normalize("NFC", text))).translate(_PUNCTUATION)
        said, at = [], 0
        for match in re.finditer(f"{_HAN.pattern}|{_LATIN.pattern}", written):
            said.append(written[at : match.start()])
            words = match.group()
            said.append(self._han(words) if _HAN.match(words) else f" {self._english(words)} ")
            at = match.end()
        said.append(written[at:])
        known = "".join(one for one in "".join(said) if one in self._alphabet)
        return list(_pieces(re.sub(r"\s+", " ", _CLOSING.sub(r"\1 ", known)).strip()))

    def _han(self, text: str) -> str:
        from pypinyin import Style, lazy_pinyin

        words = (
            lazy_pinyin(one, style=Style.TONE3, neutral_tone_with_five=True) for one in self._words(text)
        )
        return " ".join("".join(syllable_phonemes(one) for one in word) for word in words)


class Kokoro:
    """A `models.speaking.speech.Voice` of 24 kHz."""

    name = NAMES["zh"]

    def __init__(
        self,
        model: bytes,
        styles: NDArray[np.float32],
        alphabet: Mapping[str, int],
        english: Read,
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._styles = styles
        self._alphabet = alphabet
        self._text = Mandarin(alphabet, english)

    @classmethod
    def load(cls, english: Read) -> Kokoro:
        """Raises `models.store.WeightsMissing`."""
        model = b"".join(store.file(part).read_bytes() for part in PARTS)
        styles = np.fromfile(store.file(f"kokoro/{VOICE}.bin"), np.float32).reshape(STYLES, STYLE)
        alphabet = json.loads(store.file("hibari/vocab.json").read_text("utf-8"))
        return cls(model, styles, alphabet, english)

    def speak(self, text: str, language: Language) -> Sound:
        if language != "zh":
            raise SpeechError(f"{self.name} speaks Mandarin alone")
        pieces = [self._say(piece) for piece in self._text.phonemes(text)]
        if not pieces:
            raise SpeechError("there is nothing to say")
        return levelled(np.concatenate(pieces), RATE)

    def _say(self, phonemes: str) -> NDArray[np.float32]:
        numbers = [self._alphabet[one] for one in phonemes]
        inputs = {
            "tokens": np.array([[0, *numbers, 0]], np.int64),
            "style": self._styles[None, min(len(numbers), STYLES - 1)],
            "speed": np.ones(1, np.float32),
        }
        return np.asarray(self._session.run(["audio"], inputs)[0], np.float32).reshape(-1)


def _pieces(said: str) -> Iterator[str]:
    """Sentences, short ones together; one that is too long is cut at clauses, then anywhere."""
    piece = ""
    for part in _SENTENCE.split(said):
        for bit in [part] if len(part) < STYLES else _CLAUSE.split(part):
            if piece and len(piece) + len(bit) >= SPOKEN_AT_ONCE:
                yield piece
                piece = ""
            piece = f"{piece} {bit}".strip()
            while len(piece) >= STYLES:
                yield piece[: STYLES - 1]
                piece = piece[STYLES - 1 :]
    if any(one.isalpha() for one in piece):
        yield piece


_loading = threading.Lock()


def _segmenter() -> Callable[[str], list[str]]:
    """jieba's, from its dictionary directly: its own way writes a cache where others could have put one."""
    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes, and pkg_resources where it is installed
        import jieba

        made: Any = jieba.Tokenizer()
        made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
        made.initialized = True
    return lambda text: list(made.lcut(text))
