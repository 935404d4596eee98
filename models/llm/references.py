"""How far an answer agrees with reference answers, as a language model judges it: for graded answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.graded_asides import without_asides
from models.lexical import Language
from models.llm import combine
from models.llm.backend import Backend, BackendFailed
from models.llm.prompt import MOST_CHARACTERS
from models.llm.sampler import Asked, Sampler, Sampling
from models.llm.scales import LEVELS, Scale

_SENTENCE = re.compile(r"(?:[^.!?。！？;；\n]|\.(?=\d))+(?:[.!?。！？;；\n]+|$)")
_SCALE = "correctness"
_ANCHORS: dict[Language, tuple[str, ...]] = {
    "en": (
        "wrong, or says nothing of what the references say",
        "a small part is right",
        "about half of what the references say is there and right",
        "nearly all is there, with a small gap or slip",
        "right and complete, in whatever words",
    ),
    "zh": (
        "错误，或没有说到参考答案的内容",
        "有一小部分正确",
        "参考答案的内容约有一半说到并且正确",
        "几乎都说到了，有小的遗漏或失误",
        "正确而完整，用什么说法都可以",
    ),
}
_ABOUT: dict[Language, str] = {"en": "agrees with one of the references", "zh": "与任一参考答案一致"}


class ReferenceJudge:
    """`rate` may be called on several threads. Words to the rater are found by patterns alone."""

    def __init__(self, backend: Backend, sampling: Sampling) -> None:
        self.model = backend.name
        self._sampler = Sampler(backend, sampling)

    def rate(self, question: str, references: Sequence[str], answer: str, language: Language) -> float | None:
        """Share of the full marks, 0–1; 0 where nothing was said, None where no valid level was given."""
        known = (question, *references)
        parts = [part.strip() for part in _SENTENCE.findall(answer)]
        said = without_asides([part for part in parts if part], known, language)
        if not any(char.isalnum() for part in said for char in part):
            return 0.0
        about = f"{_ABOUT[language]}: {' / '.join(references)}"
        asked = Asked(
            question, known, (Scale(_SCALE, about, _ANCHORS[language], absent_at_1=True),), language
        )
        if sum(map(len, said)) > MOST_CHARACTERS:
            return None
        try:
            found = combine.medians(self._sampler.samples(asked, said, self._sampler.deadline()), [_SCALE])
        except BackendFailed:
            return None
        return (found[_SCALE].level - 1) / (LEVELS - 1) if _SCALE in found else None

    def close(self) -> None:
        self._sampler.close()
