from __future__ import annotations

import pytest

from interviews.turns import breaks_off


@pytest.mark.parametrize(
    "text",
    [
        "and then we,",
        "I left because.",
        "what it was for",
        "I think that",
        "Um...",
        "so my team and",
        "we –",
        "我负责产品，",
        "然后",
        "因为。",
        "我觉得那个",
        "嗯……",
        "我们用的是比如",
    ],
)
def test_open_ends(text: str) -> None:
    assert breaks_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "I led a team.",
        "That is what it was for.",
        "I think so.",
        "It's Mike's.",
        "three years",
        "",
        "  ",
        "我做了三年的产品经理。",
        "我做了三年的产品经理",
        "这是我学到的。",
    ],
)
def test_closed_ends(text: str) -> None:
    assert not breaks_off(text)
