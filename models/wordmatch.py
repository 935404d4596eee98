"""Whether a phrase of a description names one of a topic's keywords, in so many words or nearly."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from models import keywords
from models.lexical import HAN

Hit = Literal["exact", "scattered"]

_EDGE = r"[A-Za-z0-9]"


def hit(keyword: str, phrase: str) -> Hit | None:
    """`exact`: as it stands, but for English endings; `scattered`: all of its words, other words between.

    为客户提供服务 has the words of 客户服务, "reports on the pipeline" has not those of "report writing".
    """
    if _pattern(keyword).search(phrase):
        return "exact"
    parts = _parts(keyword)
    if len(parts) > 1 and all(_pattern(part).search(phrase) for part in parts):
        return "scattered"
    return None


@lru_cache(8192)
def _pattern(keyword: str) -> re.Pattern[str]:
    if HAN.search(keyword):
        return re.compile(re.escape(keyword), re.I)
    *first, last = keyword.split() or [keyword]
    body = r"[\s\-/]+".join([*map(re.escape, first), _endings(last)])
    # "Go" is a language and "go" is not.
    flags = re.NOFLAG if len(keyword) <= 2 else re.I
    return re.compile(rf"(?<!{_EDGE}){body}(?!{_EDGE})", flags)


def _endings(word: str) -> str:
    if len(word) < 4 or not word.isalpha() or word.isupper():
        return re.escape(word)
    if word.endswith("e"):
        return f"{word[:-1]}(?:e|es|ed|ing)"
    if word.endswith("y"):
        return f"{word[:-1]}(?:y|ies|ied|ying)"
    return f"{word}(?:s|es|ed|ing)?"


@lru_cache(8192)
def _parts(keyword: str) -> tuple[str, ...]:
    """The words of a keyword; of a Chinese compound those that jieba's dictionary has within it."""
    if not HAN.search(keyword):
        return tuple(word for word in keyword.split() if len(word) > 2)
    found = [word for word in keywords.within(keyword) if word != keyword and len(word) > 1]
    return tuple(found) if sum(map(len, found)) == len(keyword) else ()
