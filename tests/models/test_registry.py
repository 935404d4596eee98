from pathlib import Path

import pytest

from models import registry
from models.vad import NAME


def test_every_card_is_complete_and_its_weights_are_pinned() -> None:
    cards = registry.cards()
    assert {"whisper-base@1.0.0", NAME} <= cards.keys()
    for model, card in cards.items():
        assert model == f"{card.id}@{card.version}"
        assert card.figures
        assert all(figure.command for figure in card.figures)
        assert set(card.sha256) == set(card.files)
        assert all(len(checksum) == 64 for checksum in card.sha256.values())
        assert any("\u4e00" <= letter <= "\u9fff" for letter in "".join(card.limits["zh"]))


GOOD = """
id = "x"
version = "1"
task = "t"
licence = "MIT"
source = "s"
provenance = "p"
languages = []
files = ["silero-vad/silero_vad.onnx"]
[limits]
en = ["a"]
zh = ["一"]
[[figure]]
name = "n"
value = 1.0
unit = "ms"
data = "d"
command = "c"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('licence = "MIT"', "", "lacks licence"),
        ('task = "t"', 'task = "t"\ncolour = "red"', "unknown keys colour"),
        ('zh = ["一"]', "", "limits in en and zh"),
        ("silero-vad/silero_vad.onnx", "nowhere.bin", "weights.toml lacks: nowhere.bin"),
        ('command = "c"', "", "a figure needs"),
    ],
)
def test_incomplete_cards_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "x.toml").write_text(GOOD, "utf-8")
    assert registry.cards(tmp_path)["x@1"].figures[0].value == 1.0
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "x.toml").write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(registry.CardError, match=words):
        registry.cards(bad)
