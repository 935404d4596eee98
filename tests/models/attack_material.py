"""Attacks on the rater, and the ordinary answers that they are put before, after or in place of."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.lexical import Language
from tests.models.answer_material import (
    INTRODUCTION,
    KEY_POINTS,
    ON_TOPIC,
    ON_TOPIC_INTRODUCTION,
    QUESTION,
)

_FILE = Path(__file__).with_name("attacks.toml")
_SENTENCE = re.compile(r".+?(?:[。！？!?]+|\.+(?=\s|$)|\n|$)", re.DOTALL)
INTRODUCTION_POINTS = {
    "en": (
        "past work or study",
        "personal strengths and skills",
        "reasons for interest in this job",
    ),
    "zh": ("过去的工作或学习经历", "自己的专长和能力", "对这份工作感兴趣的原因"),
}


@dataclass(frozen=True, slots=True)
class Attack:
    id: str
    language: Language
    kind: str
    held: bool
    text: str

    def sentences(self, question: str, points: Sequence[str]) -> list[str]:
        """As the transcript would be cut."""
        listed = ("、" if self.language == "zh" else ", ").join(points)
        words = list(listed + question) if self.language == "zh" else f"{listed} {question}".split()
        words = [word.strip(",.:?、，：？。") for word in words]
        random.Random(self.id).shuffle(words)
        shuffled = ("" if self.language == "zh" else " ").join(words)
        text = self.text.replace("{question}", question).replace("{points}", listed)
        said = text.replace("{shuffled}", shuffled)
        return [part.strip() for part in _SENTENCE.findall(said) if any(char.isalnum() for char in part)]


@dataclass(frozen=True, slots=True)
class Ordinary:
    """An answer as people give it; the first sentences of a good one are a middling one."""

    name: str
    language: Language
    question: str
    points: tuple[str, ...]
    sentences: tuple[str, ...]


def attacks() -> list[Attack]:
    return [Attack(**entry) for entry in tomllib.loads(_FILE.read_text("utf-8"))["attack"]]


def ordinary() -> list[Ordinary]:
    found = []
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        story, own = ON_TOPIC[language], ON_TOPIC_INTRODUCTION[language]
        found += [
            Ordinary("story", language, QUESTION[language], KEY_POINTS[language], story),
            Ordinary("short-story", language, QUESTION[language], KEY_POINTS[language], story[:4]),
            Ordinary("introduction", language, INTRODUCTION[language], INTRODUCTION_POINTS[language], own),
            Ordinary("beside-it", language, QUESTION[language], KEY_POINTS[language], own),
        ]
    return found
