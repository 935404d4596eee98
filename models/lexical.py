"""Words of an answer: cutting them, telling a foreign language, and how varied they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from math import exp, lgamma, log
from typing import Literal

Language = Literal["en", "zh"]

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,]\d+)*")
# The commonest function words. They make up four tenths of any English text and next to nothing of another.
_ENGLISH_WORDS = """
the of and a to in is was it i you that he she we they for on with as my our me at be this have from or had by
not but what so are were do did about when which their there been would if can will then them your because
just an up out how who us also very more some all one has his her its
"""
FUNCTION_WORDS = frozenset(_ENGLISH_WORDS.split())
STATING = frozenset(
    "我你他她它们的了是在有和会能很就也把被让对从这那不没吗"
)  # next to every Mandarin clause has one
_LISTED = 4
_MIN_HAN = 0.3
_MIN_ENGLISH = 0.12


def tokens(text: str, language: Language, pieces: Callable[[str], Sequence[str]]) -> list[str]:
    """English: words in lower case. Mandarin: the sub-words of a multilingual unigram vocabulary (`pieces`),
    which cuts Chinese into what are mostly words (公司, 三年, 产品) and costs no dictionary of its own."""
    if language == "en":
        return [word.lower() for word in _WORD.findall(text)]
    cut = (piece.strip("▁").lower() for piece in pieces(text))
    return [piece for piece in cut if any(char.isalnum() for char in piece)]


def is_language(text: str, language: Language) -> bool:
    """Whether the text is in the language at all. Mandarin with English terms in it is Mandarin."""
    han = len(HAN.findall(text))
    words = [word.lower() for word in _WORD.findall(HAN.sub(" ", text))]
    if not han and not words:
        return False
    share = han / (han + len(words))
    if language == "zh":
        return share >= _MIN_HAN
    return share < _MIN_HAN and sum(word in FUNCTION_WORDS for word in words) >= _MIN_ENGLISH * len(words)


def mtld(words: Sequence[str], threshold: float = 0.72) -> float:
    """Measure of textual lexical diversity: how many words in a row keep a type-token ratio above
    `threshold`, on average, forwards and backwards (McCarthy and Jarvis 2010). Steady from 100 words on."""
    return (_mtld_one_way(words, threshold) + _mtld_one_way(words[::-1], threshold)) / 2


def _mtld_one_way(words: Sequence[str], threshold: float) -> float:
    factors = 0.0
    seen: set[str] = set()
    count = 0
    for word in words:
        seen.add(word)
        count += 1
        if len(seen) / count <= threshold:
            factors += 1
            seen, count = set(), 0
    if count:
        factors += (1 - len(seen) / count) / (1 - threshold)
    return len(words) / factors if factors else float(len(words))


def hd_d(words: Sequence[str], draw: int = 42) -> float:
    """HD-D, 0–1: the mean type-token ratio of all draws of 42 words, by the hypergeometric distribution
    (McCarthy and Jarvis 2007, 2010; `draw` is theirs). Of fewer words, the plain ratio."""
    total = len(words)
    if total <= draw:
        return len(set(words)) / total if total else 0.0
    unseen = lgamma(total - draw + 1) - lgamma(total + 1)
    chance = 0.0
    for count in Counter(words).values():
        rest = total - count
        if rest < draw:
            chance += 1.0
        else:
            log_none = lgamma(rest + 1) - lgamma(rest - draw + 1) + unseen
            chance += 1.0 - exp(log_none)
    return chance / draw


def maas(words: Sequence[str]) -> float:
    """Maas's a²: (log N - log V) / (log N)² of N words and V types (Maas 1972); lower is richer."""
    if len(words) < 2:
        return 0.0
    total = log(len(words))
    return (total - log(len(set(words)))) / total**2


def echo(sentence: str, source: str) -> float:
    """The share of a sentence's runs of three words (Mandarin: characters) that are the source's own, 0–1."""
    runs, known = Counter(_runs(sentence)), set(_runs(source))
    total = sum(runs.values())
    return sum(count for run, count in runs.items() if run in known) / total if total else 0.0


def _runs(text: str) -> list[tuple[str, ...]]:
    units = re.findall(rf"{HAN.pattern}|[^\W_]+", text.lower().replace("'", "").replace("’", ""))
    # [^\W_]+ would swallow Han characters as one word, so they are tried first and one at a time.
    split = [char for unit in units for char in (unit if HAN.search(unit) else [unit])]
    return list(zip(split, split[1:], split[2:], strict=False))


def borrowed(sentence: str, words: Sequence[str], source: str, known: Collection[str]) -> float:
    """The share of what a sentence tells that is the source's own, 0–1, in any order; 1 if it tells nothing.

    `words` of the sentence and `known` of the source as `tokens` gives them. English: of the words that are
    no function words. Mandarin: of the characters that are none; shuffled words are cut into others.
    """
    han = [char for char in HAN.findall(sentence) if char not in STATING]
    if len(han) > len(sentence) / 4:
        return sum(char in source for char in han) / len(han)
    content = [word for word in words if word not in FUNCTION_WORDS]
    return sum(word in known for word in content) / len(content) if content else 1.0


def bare_list(sentence: str) -> bool:
    """Whether it only strings terms together, four or more, and states nothing about them."""
    parts = [part for part in re.split(r"[,，、;；:：.。]", sentence) if part.strip()]
    if len(parts) < _LISTED or any(char in STATING for char in sentence):
        return False
    return not any(word.lower() in FUNCTION_WORDS for word in _WORD.findall(HAN.sub(" ", sentence)))
