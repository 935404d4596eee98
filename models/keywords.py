"""Words and phrases that a job description is about, with their places: TF-IDF in Chinese and in English.

Chinese words come from jieba's dictionary and weigh by the inverse document frequencies that jieba ships,
as `jieba.analyse.extract_tags` computes them (a test holds the two equal). For English no such table is at
hand: there a word weighs by how rarely it is written at all, its surprisal under the sentence encoder's
unigram vocabulary (negative log-probability, in nats).
"""

from __future__ import annotations

import re
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import resources
from itertools import groupby
from statistics import median_high
from typing import Any

from models.lexical import HAN, Language
from models.topics import Keyword

MOST = 24
PHRASE_WORDS = 3  # English words in one phrase

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[+#]+|(?:['’./&-][A-Za-z0-9]+)*)")
_STOP_WORDS = """
a about able above across after all also an and any are as at be been but by can could do does each etc
even every for from get good great had has have help her his how if in including into is it its just
like make may more most must need new no not of on one only or other our out over own per plus she
should so some such than that the their them then there these they this those through to two three up us
use used using was we well what when where which while who will with within work working would year
years you your experience ability skills skill strong excellent knowledge required requirements
responsibilities responsible role job position team day time degree preferred
"""
_STOP = frozenset(_STOP_WORDS.split())
# Every Chinese description has them, and they say nothing of the job.
_STOP_ZH_WORDS = """
负责 具有 具备 良好 优先 以上 相关 工作 岗位 职责 要求 任职 任职要求 岗位职责
能力 熟练 熟悉 经验 进行 完成 以及 以上学历 学历 专业 本科 大专 一定 较强
能够 使用 根据 协助 参与 等等 描述 资格 内容 条件 不限 一年 两年 三年
五年 者优先
"""
_STOP_ZH = frozenset(_STOP_ZH_WORDS.split())
_lock = threading.Lock()
_tokenizer: Any = None


def words(text: str) -> list[tuple[str, int, int]]:
    """Chinese text as jieba cuts it: (word, start, end). The dictionary takes 100 MB from then on."""
    return [(str(word), int(start), int(end)) for word, start, end in _jieba().tokenize(text)]


def within(compound: str) -> list[str]:
    """The words of the dictionary that a compound is made of, itself among them (jieba's search mode)."""
    return [str(word) for word, _, _ in _jieba().tokenize(compound, mode="search")]


def keywords(
    text: str, language: Language, surprisal: Callable[[str], float], most: int = MOST
) -> tuple[Keyword, ...]:
    """The weightiest first. `surprisal`: nats of a word, `TextEncoder.surprisal`."""
    found = _mandarin(text) if language == "zh" else _english(text, surprisal)
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[1][1][0]))[:most]
    top = ranked[0][1][0] if ranked else 1.0
    return tuple(Keyword(text[s[0][0] : s[0][1]], round(w / top, 3), tuple(s)) for _, (w, s) in ranked)


Weighed = dict[str, tuple[float, list[tuple[int, int]]]]


def _mandarin(text: str) -> Weighed:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for word, start, end in words(text):
        if len(word.strip()) >= 2 and word.lower() not in _STOP_ZH | _STOP and not _is_number(word):
            spans[word].append((start, end))
    total = sum(map(len, spans.values()))
    idf = inverse_frequencies(spans)
    return {word: (len(places) * idf[word] / total, places) for word, places in spans.items()}


def _english(text: str, surprisal: Callable[[str], float]) -> Weighed:
    """Runs of up to three content words, none of them in a longer run that was found as often."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for run in _runs(text):
        for size in range(1, PHRASE_WORDS + 1):
            for at in range(len(run) - size + 1):
                chosen = run[at : at + size]
                key = " ".join(match.group().lower() for match in chosen)
                spans[key].append((chosen[0].start(), chosen[-1].end()))
    kept: Weighed = {}
    for key, places in spans.items():
        parts = key.split()
        if len(parts) > 1 and len(places) == 1 and len(parts) == PHRASE_WORDS:
            continue  # three words that meet once are seldom a term
        value = sum(surprisal(part) for part in parts) / len(parts) ** 0.5
        kept[key] = (len(places) * value, places)
    return {k: v for k, v in kept.items() if not any(_swallows(k, v, o, w) for o, w in kept.items())}


def _swallows(
    key: str,
    own: tuple[float, list[tuple[int, int]]],
    other: str,
    theirs: tuple[float, list[tuple[int, int]]],
) -> bool:
    return key != other and f" {key} " in f" {other} " and len(own[1]) <= len(theirs[1])


def _runs(text: str) -> list[list[re.Match[str]]]:
    """Content words that stand together, with nothing but a space between them."""
    matches = list(_WORD.finditer(text))
    groups: list[list[re.Match[str]]] = []
    for is_content, group in groupby(matches, lambda match: match.group().lower() not in _STOP):
        if not is_content:
            continue
        run: list[re.Match[str]] = []
        for match in group:
            if run and text[run[-1].end() : match.start()] != " ":
                groups.append(run)
                run = []
            run.append(match)
        groups.append(run)
    return groups


def inverse_frequencies(wanted: Iterable[str]) -> dict[str, float]:
    """jieba's shipped table; a word that is not in it gets the table's median, as jieba does it.

    The file is read through each time (a tenth of a second): held in memory it would take 30 MB for good.
    """
    asked = set(wanted)
    found: dict[str, float] = {}
    every: list[float] = []
    _import_jieba()
    for line in (resources.files("jieba") / "analyse" / "idf.txt").read_text("utf-8").splitlines():
        word, _, value = line.rpartition(" ")
        every.append(float(value))
        if word in asked:
            found[word] = every[-1]
    middle = median_high(every)
    return {word: found.get(word, middle) for word in asked}


def _is_number(word: str) -> bool:
    return not HAN.search(word) and not any(char.isalpha() for char in word)


def _jieba() -> Any:
    """The tokeniser, made by the first call. Its own `initialize` would read a cache from a folder that
    anybody on the machine can write to, and unmarshal it."""
    global _tokenizer
    with _lock:
        if _tokenizer is None:
            jieba = _import_jieba()
            made = jieba.Tokenizer()
            made.FREQ, made.total = made.gen_pfdict(made.get_dict_file())
            made.initialized = True
            _tokenizer = made
        return _tokenizer


def _import_jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old escapes, and pkg_resources where it is installed
        import jieba
    return jieba
