"""The nouns of reading a job description. No framework is needed to hold them."""

from __future__ import annotations

from dataclasses import dataclass

from models.lexical import Language

__all__ = [
    "JobMatch",
    "JobText",
    "Keyword",
    "Language",
    "Phrase",
    "QuestionFit",
    "QuestionText",
    "Topic",
    "TopicFit",
]


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that a description may ask for. `keywords` in any language, as descriptions word them."""

    id: str
    name: str
    about: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionText:
    """An interview question, in the language of the description. `topics`: ids of what it looks at."""

    id: str
    text: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobText:
    """A description and what it may be matched with. `most`: how many topics are recommended at most."""

    description: str
    topics: tuple[Topic, ...]
    questions: tuple[QuestionText, ...] = ()
    most: int = 6
    most_questions: int = 12


@dataclass(frozen=True, slots=True)
class Keyword:
    """What is unlike common text. `weight`: 0–1, the strongest is 1. `spans`: [start, end)."""

    text: str
    weight: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """description[start:end], and how much it speaks for a topic or question, 0–1.

    `keyword`: the topic's word that occurs in it, "" where likeness of meaning alone led there.
    """

    text: str
    start: int
    end: int
    score: float
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class TopicFit:
    """`weight`: whole percent; those of one match sum to 100. `phrases`: the best first, never empty."""

    id: str
    weight: int
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class QuestionFit:
    """A question that suits the job, and the phrase of the description that fits it best."""

    id: str
    score: float
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class JobMatch:
    """`reason`: why there are no topics ("no-text", "nothing-found"), "" where there are."""

    language: Language
    keywords: tuple[Keyword, ...]
    topics: tuple[TopicFit, ...]
    questions: tuple[QuestionFit, ...]
    reason: str
    model: str
