"""Fillers among the words: sounds of hesitation, and phrases that are fillers where they stand apart.

Counted from what was recognised, and recognisers leave many out, so a low share says little. Norms do not
transfer between languages or people; the share is shown and never scored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from interviews.events import Word

APART_S = 0.25  # a pause of this length sets a phrase apart, as a comma does


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Wherever they stand.
HESITATIONS = frozenset(_words("um umm uh uhm er erm hm hmm mm mhm 嗯 呃 唔 呣 诶 欸"))
# Where the sentence goes on after a comma or a pause, or with the same again: "you know, we tried", not "you
# know him"; 那个那个, not 我选那个。
FOLLOWED = (
    *map(_words, ("you know", "i mean", "sort of", "kind of")),
    *map(tuple, ("怎么说呢", "就是说", "然后呢", "怎么说", "那个", "这个", "就是", "然后", "对吧")),
)
# Between two commas, stops or pauses: "it was, like, late", not "I like it"; 额, but not 金额.
BETWEEN = frozenset(_words("like well ah eh 额 哦 噢 啊"))

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\d_\u3400-\u9fff\uf900-\ufaff]+(?:['’][^\W\d_]+)*")
_MARK = re.compile(r"[,，、.。!！?？;；:：…—]")
_STOP = re.compile(r"(?<!\.)[.。!！?？](?!\.)")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    apart: bool  # a comma, a stop, a pause or the end follows
    goes_on: bool  # a comma or a pause follows, and the sentence after it


def count_fillers(words: Sequence[Word]) -> int:
    """How many fillers there are; a phrase counts once."""
    tokens = _tokens(words)
    count = at = 0
    while at < len(tokens):
        length = _filler_at(tokens, at)
        count += length > 0
        at += max(1, length)
    return count


def _filler_at(tokens: list[_Token], at: int) -> int:
    """How many tokens the filler that begins here has; 0: none does."""
    token = tokens[at]
    if token.text in HESITATIONS:
        return 1
    before = at == 0 or tokens[at - 1].apart
    if token.text in BETWEEN and before and token.apart:
        return 1
    for phrase in FOLLOWED:  # the longer before the shorter
        end = at + len(phrase)
        if tuple(one.text for one in tokens[at:end]) != phrase:
            continue
        again = tuple(one.text for one in tokens[end : end + len(phrase)]) == phrase
        if tokens[end - 1].goes_on or again:
            return len(phrase)
    return 0


def _tokens(words: Sequence[Word]) -> list[_Token]:
    """English words and single Han characters, lower case, with what follows each."""
    text = ""
    pauses = []
    for word, after in pairwise([*words, None]):
        text += f" {word.text}" if word else ""
        if word and after and after.start - word.end >= APART_S:
            pauses.append(len(text))
    found = list(_TOKEN.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    tokens = []
    for match, end in zip(found, ends, strict=True):
        between = text[match.end() : end]
        parted = bool(_MARK.search(between)) or any(match.end() <= at <= end for at in pauses)
        over = match is found[-1] or bool(_STOP.search(between))
        tokens.append(_Token(match.group().lower(), parted or over, parted and not over))
    return tokens
