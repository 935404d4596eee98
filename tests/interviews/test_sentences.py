from __future__ import annotations

import pytest

from interviews.sentences import sentences
from tests.interviews.conftest import final


def test_each_sentence_has_the_times_of_its_words() -> None:
    found = sentences([final(1, 10.0, "I led a team. It grew to 3.5 people! Really?")])
    assert [s.text for s in found] == ["I led a team.", "It grew to 3.5 people!", "Really?"]
    assert [(round(s.start, 2), round(s.end, 2)) for s in found] == [(10.2, 11.8), (11.8, 13.8), (13.8, 14.2)]


def test_mandarin_and_utterances() -> None:
    found = sentences(
        [final(1, 0.0, "我做了三年销售。业绩翻倍", language="zh"), final(2, 9.0, "后来升职", language="zh")]
    )
    assert [s.text for s in found] == ["我做了三年销售。", "业绩翻倍", "后来升职"]
    assert found[2].start == pytest.approx(9.2)


def test_words_that_the_text_does_not_show_do_no_harm() -> None:
    utterance = final(1, 5.0, "We won. It was hard.")
    odd = utterance.model_copy(update={"words": utterance.words[4:], "text": "We won. It was hard."})
    first, second = sentences([odd])
    assert (first.start, first.end) == (utterance.start, utterance.end)
    assert second.end == utterance.words[-1].end


@pytest.mark.parametrize("text", ["", "  ", "...", "。！？"])
def test_no_words_no_sentence(text: str) -> None:
    assert sentences([final(1, 0.0, text)]) == ()
