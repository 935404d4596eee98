"""What a model said, as far as it can be believed: levels, each with words that were really said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.graded_asides import without_asides
from models.lexical import HAN, Language
from models.llm.prompt import MOST_QUOTES, clean
from models.llm.scales import LEVELS, Scale

MOST_REPLY = 64_000  # characters
_MIN_WORDS, _MIN_HAN = 3, 4
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*)\n\s*```\s*\Z", re.DOTALL)
_EDGES = " \t\r\n\"'“”‘’「」.,;:!?…。，；：！？、"


class InvalidReply(ValueError):
    """The text is no JSON of the schema. The message does not repeat it: it may repeat the answer."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Quote(_Strict):
    sentence: int = Field(ge=1)
    quote: str = Field(min_length=1, max_length=2000)


class _Judged(_Strict):
    of: str = Field(max_length=80)
    level: int = Field(ge=1, le=LEVELS)
    evidence: tuple[_Quote, ...] = Field(max_length=MOST_QUOTES)


class _Reply(_Strict):
    judgements: tuple[_Judged, ...] = Field(max_length=64)
    to_the_rater: tuple[int, ...] = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`quotes`: (index of the sentence, the words as they were said); empty where nothing is there."""

    level: int
    quotes: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Judgements:
    """Of one reply: by the scale's key, and which sentences the model takes for words to the rater."""

    by_scale: dict[str, Judgement]
    asides: frozenset[int]


def read(
    text: str, scales: Sequence[Scale], sentences: Sequence[str], known: Sequence[str], language: Language
) -> Judgements:
    """Keeps what quotes properly; what does not is left out. Raises `InvalidReply`.

    A quote must stand in the sentence that is named, case and white space aside, must be more than a scrap of
    it, and must not be an instruction itself; one bad quote is enough to drop the judgement.
    """
    if len(text) > MOST_REPLY:
        raise InvalidReply(f"a reply of {len(text)} characters")
    text = _THOUGHT.sub("", text)
    if fenced := _FENCE.match(text):
        text = fenced.group(1)
    try:
        reply = _Reply.model_validate_json(text)
    except ValidationError as error:
        raise InvalidReply(f"{error.error_count()} faults, first: {error.errors()[0]['type']}") from None
    asked = {scale.key: scale for scale in scales}
    found: dict[str, Judgement] = {}
    for one in reply.judgements:
        scale = asked.get(one.of)
        if scale is None or one.of in found:
            continue
        quotes = [_quoted(quote, sentences, known, language) for quote in one.evidence]
        held = tuple(quote for quote in quotes if quote is not None)
        absent = scale.absent_at_1 and one.level == 1 and not quotes
        if absent or (held and len(held) == len(quotes)):
            found[one.of] = Judgement(one.level, held)
    asides = frozenset(number - 1 for number in reply.to_the_rater if 1 <= number <= len(sentences))
    return Judgements(found, asides)


def _quoted(
    one: _Quote, sentences: Sequence[str], known: Sequence[str], language: Language
) -> tuple[int, str] | None:
    if one.sentence > len(sentences):
        return None
    sentence = sentences[one.sentence - 1]
    span = span_of(one.quote, sentence)
    if span is None:
        return None
    words = sentence[slice(*span)]
    return (one.sentence - 1, words) if without_asides([words], known, language) else None


def span_of(quote: str, sentence: str) -> tuple[int, int] | None:
    """Where `quote` stands in `sentence`, or None. Case, white space and marks at the edges may differ.

    Less than three words (four Chinese characters) are a scrap, unless they are the whole sentence.
    """
    parts = quote.strip(_EDGES).split()
    if not parts:
        return None
    match = re.search(r"\s*".join(map(re.escape, parts)), clean(sentence), re.IGNORECASE)
    if match is None:
        return None
    rest = sentence[: match.start()] + sentence[match.end() :]
    whole = not any(char.isalnum() for char in rest)
    enough = len(HAN.findall(quote)) >= _MIN_HAN or len(HAN.sub(" ", quote).split()) >= _MIN_WORDS
    return match.span() if enough or whole else None
