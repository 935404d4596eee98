from __future__ import annotations

import pytest

from interviews.events import Word
from interviews.fillers import count_fillers


def words(text: str, *, pause_after: str = "") -> list[Word]:
    """0.2 s a word (`·` parts them, else spaces do), with 0.5 s of pause after one of them."""
    at, found = 0.0, []
    for piece in text.split("·" if "·" in text else None):
        found.append(Word(text=piece, start=at, end=at + 0.2, probability=0.9))
        at += 0.7 if piece == pause_after else 0.2
    return found


@pytest.mark.parametrize(
    ("text", "fillers"),
    [
        ("Um, I think, uh, we did it, erm.", 3),
        ("You know, we tried it.", 1),
        ("Do you know him? I mean it.", 0),
        ("I mean, it was, like, late.", 2),
        ("I like it, sort of.", 0),
        ("It was sort of, sort of broken", 1),
        ("the album museum number", 0),
        ("嗯·，·我·在·公司·做·了·三年", 1),
        ("呃·那个·，·我们·的·金额·很·大", 2),
        ("那个·那个·项目", 1),
        ("我·选·那个·。", 0),
        ("那个·项目·就是·我·的", 0),
        ("就是说·，·我们·…·额·…·开始", 2),
        ("嗯·um·well·，·呃", 3),
        ("", 0),
    ],
)
def test_fillers_in_both_languages(text: str, fillers: int) -> None:
    assert count_fillers(words(text)) == fillers


def test_a_pause_sets_a_phrase_apart_as_a_comma_does() -> None:
    assert count_fillers(words("we you know tried", pause_after="know")) == 1
    assert count_fillers(words("we you know tried")) == 0
    assert count_fillers(words("我们·那个·项目", pause_after="那个")) == 1
