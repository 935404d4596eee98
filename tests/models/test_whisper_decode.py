from __future__ import annotations

import numpy as np
import pytest

from models import store
from models.whisper.decode import without_loop
from models.whisper.tokens import Vocabulary, mandarin
from models.whisper.words import Span, spans, warp


@pytest.mark.parametrize(
    ("tokens", "kept"),
    [
        ([], 0),
        ([5] * 3, 3),
        ([5] * 15, 15),
        ([5] * 16, 1),
        ([9, 8, *[1, 2, 3, 4] * 4], 6),
        ([9, 8, *[1, 2, 3, 4] * 3], 14),
        (list(range(300)), 300),
        ([*[1, 2, 3, 4] * 9, 7], 37),
    ],
)
def test_loops_are_cut_to_one_round(tokens: list[int], kept: int) -> None:
    assert without_loop(tokens) == kept


def test_words_hold_their_punctuation() -> None:
    pieces = [
        (" It", 1),
        (" co", 1),
        ("sts", 1),
        (" $", 1),
        ("5", 1),
        (".", 1),
        (' "', 1),
        ("Yes", 1),
        (',"', 1),
        (" R", 1),
        (" &", 1),
        (" D", 1),
    ]
    found = spans(pieces)
    assert [span.text for span in found] == ["It", "costs", "$5.", '"Yes,"', "R &", "D"]
    assert found[2] == Span("$5.", 3, 5, 6)
    assert found[3] == Span('"Yes,"', 6, 8, 9)


def test_chinese_words_are_characters() -> None:
    pieces = [
        ("我", 1),
        ("们", 2),
        ("用", 1),
        ("Py", 1),
        ("thon", 1),
        ("。", 1),
        ("《", 1),
        ("书", 1),
        ("》", 1),
    ]
    assert [span.text for span in spans(pieces)] == ["我", "们", "用", "Python。", "《书》"]


def test_text_survives_the_vocabulary() -> None:
    vocabulary = Vocabulary(store.file("whisper-base/tokenizer.json"), 51_865)
    for text in (" It was the best of times.", "他們說話😀。", " naïve café"):
        tokens = vocabulary.encode(text)
        assert vocabulary.decode(tokens) == text
        pieces = vocabulary.pieces(tokens)
        assert "".join(piece for piece, _ in pieces) == text
        assert sum(count for _, count in pieces) == len(tokens)
        assert "\ufffd" not in "".join(piece for piece, _ in pieces)
    assert vocabulary.header("zh") == [50_258, 50_260, 50_359, 50_363]
    assert vocabulary.prompt("zh")[0] == 50_361
    assert "以下是普通话的句子。" in vocabulary.decode(vocabulary.prompt("zh"))
    english = Vocabulary(store.file("whisper-base/tokenizer.json"), 51_864)
    with pytest.raises(ValueError, match="English alone"):
        english.prompt("zh")


def test_characters_are_simplified() -> None:
    assert mandarin("我們說話，OK？") == "我们说话，OK？"
    assert mandarin("數據,模型,OK, 3:5") == "数据，模型，OK, 3:5"


def test_warping_follows_the_cheap_path() -> None:
    cost = np.ones((3, 9))
    cost[0, :2] = cost[1, 2:7] = cost[2, 7:] = 0
    assert warp(cost).tolist() == [0, 2, 7, 9]
    assert warp(np.zeros((4, 2)))[-1] == 2
