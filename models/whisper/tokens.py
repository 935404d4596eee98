"""Whisper's vocabulary: prompts in, text out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from opencc import OpenCC
from tokenizers import Tokenizer

Language = Literal["en", "zh"]

# Told what comes before, the model writes Mandarin in simplified characters and with punctuation.
MANDARIN_PROMPT = "以下是普通话的句子。"
_CHINESE_MARKS = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_ENGLISH_MARK = re.compile(r"(?<=[\u3400-\u9fff])[,?!;:]")


class Vocabulary:
    """The tokens of one Whisper model, by its `tokenizer.json`; `size` is that of the embedding matrix."""

    def __init__(self, path: Path, size: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self.multilingual = size > 51_864  # the English-only models have exactly this many
        self.end = self._id("<|endoftext|>")
        self.start = self._id("<|startoftranscript|>")
        self.no_speech = self._id("<|nospeech|>", "<|nocaptions|>")
        self._transcribe = self._id("<|transcribe|>")
        self._no_timestamps = self._id("<|notimestamps|>")
        self._previous = self._id("<|startofprev|>")
        self.languages: dict[Language, int] = {"en": self._id("<|en|>")}
        if self.multilingual:
            self.languages["zh"] = self._id("<|zh|>")

    def header(self, language: Language) -> list[int]:
        """The tokens that ask for a transcript without timestamps.

        Raises `ValueError` for Mandarin from an English-only model.
        """
        if not self.multilingual:
            if language != "en":
                raise ValueError("this Whisper model knows English alone")
            return [self.start, self._no_timestamps]
        return [self.start, self.languages[language], self._transcribe, self._no_timestamps]

    def prompt(self, language: Language) -> list[int]:
        """The header, with the Mandarin hint before it where that is the language."""
        hint: list[int] = []
        if language == "zh":
            hint = [self._previous, *self.encode(" " + MANDARIN_PROMPT)]
        return hint + self.header(language)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """Text of the tokens, specials left out; bytes that are no UTF-8 become U+FFFD."""
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text

    def pieces(self, tokens: Sequence[int]) -> list[tuple[str, int]]:
        """Text in the smallest groups of tokens that are whole characters: (text, number of tokens).

        A character that is cut off at the end gives an empty text.
        """
        groups: list[tuple[str, int]] = []
        begin = 0
        for end in range(1, len(tokens) + 1):
            text = self.decode(tokens[begin:end])
            if "\ufffd" not in text or end == len(tokens):
                groups.append((text.replace("\ufffd", ""), end - begin))
                begin = end
        return groups

    def _id(self, *names: str) -> int:
        for name in names:
            found = self._tokenizer.token_to_id(name)
            if found is not None:
                return int(found)
        raise ValueError(f"the tokenizer does not know {names[0]}: not a Whisper model's")


def mandarin(text: str) -> str:
    """Simplified characters, and Chinese punctuation after them where the model wrote that of English."""
    simplified: str = _converter().convert(text)
    return _ENGLISH_MARK.sub(lambda found: _CHINESE_MARKS[found[0]], simplified)


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
