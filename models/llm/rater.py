"""How good an answer is, as a language model judges it by described levels, several times over.

The embedded rater comes first: it says whether there is enough to rate, and which sentences repeat the
question or speak to whoever rates; those never reach the model. What the model says counts only as levels
that quote words which were said. A rating without sentences that are suspected, or that the model itself
takes for words to the rater, is made too, and the lower one counts. Where the model fails the embedded rating
stands, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.answers import AnswerRater, Flag, Measure, Rating
from models.lexical import Language
from models.llm import combine
from models.llm.backend import Backend, BackendFailed
from models.llm.judgement import Judgements
from models.llm.prompt import MOST_CHARACTERS
from models.llm.sampler import Asked, Sampler, Sampling
from models.llm.scales import LEVELS, MEASURES, DimensionAsked, scales_of
from models.llm.suspects import Suspects

RUBRIC = "bars-1"
FALLBACK = "rated-by-fallback"
OFF_TOPIC = 15.0  # points of relevance; no level but the lowest is below
_LEFT_OUT = frozenset({"to-the-rater", "repeats-question", "lists-key-points", "recites-rubric"})

_log = logging.getLogger("ray.serve")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer on its way to the model; `kept`: indices of the sentences that go there."""

    question: str
    key_points: tuple[str, ...]
    sentences: tuple[str, ...]
    language: Language
    dimensions: tuple[DimensionAsked, ...]
    embedded: Rating
    kept: tuple[int, ...]
    suspects: frozenset[int]


class LlmRater:
    """`prepare` belongs to the encoder's thread, `judge` may be called on any, several at a time."""

    def __init__(
        self,
        embedded: AnswerRater,
        backend: Backend,
        sampling: Sampling | None = None,
        on_thread: Callable[[], None] | None = None,
    ) -> None:
        self.model = backend.name
        self._embedded = embedded
        self._sampler = Sampler(backend, sampling or Sampling(), on_thread)
        self._suspects = Suspects(embedded.encoder)

    def rate(
        self,
        question: str,
        key_points: Sequence[str],
        sentences: Sequence[str],
        language: Language,
        dimensions: Sequence[DimensionAsked] = (),
        behaviours: Sequence[str] = (),
    ) -> Rating:
        """As `AnswerRater.rate`; with a measure `dimension:ID` for each dimension that has five anchors."""
        return self.judge(self.prepare(question, key_points, sentences, language, dimensions, behaviours))

    def prepare(
        self,
        question: str,
        key_points: Sequence[str],
        sentences: Sequence[str],
        language: Language,
        dimensions: Sequence[DimensionAsked] = (),
        behaviours: Sequence[str] = (),
    ) -> Prepared:
        embedded = self._embedded.rate(question, key_points, sentences, language, behaviours)
        out = {index for flag in embedded.flags if flag.name in _LEFT_OUT for index in flag.sentences}
        said = [" ".join(text.casefold().split()) for text in sentences]
        kept = tuple(
            index for index, text in enumerate(said) if text and index not in out and text not in said[:index]
        )
        suspects = self._suspects.of([sentences[i] for i in kept], [question, *key_points], language)
        return Prepared(
            question,
            tuple(key_points),
            tuple(sentences),
            language,
            tuple(dimensions),
            embedded,
            kept,
            frozenset(kept[index] for index in suspects),
        )

    def judge(self, answer: Prepared) -> Rating:
        """Never raises for what the model does: the embedded rating with a flag is the way out."""
        if _value(answer.embedded, "relevance") is None:
            return answer.embedded  # too short, another language, asides alone: there is nothing to judge
        try:
            return self._judged(answer)
        except BackendFailed as error:
            _log.warning("%s gave no rating, the embedded rater's counts: %s", self.model, error)
            return replace(answer.embedded, flags=(*answer.embedded.flags, Flag(FALLBACK, ())))

    def close(self) -> None:
        self._sampler.close()

    def _judged(self, answer: Prepared) -> Rating:
        if sum(len(answer.sentences[index]) for index in answer.kept) > MOST_CHARACTERS:
            raise BackendFailed("the answer is too long for one prompt")
        until = self._sampler.deadline()
        wanted = [name for name in (*MEASURES, "coverage") if _value(answer.embedded, name) is not None]
        scales = scales_of(wanted, answer.key_points, answer.dimensions, answer.language)
        keys = [one.key for one in scales]
        asked = Asked(answer.question, (answer.question, *answer.key_points), scales, answer.language)

        def ask(kept: Sequence[int]) -> list[Judgements]:
            return self._sampler.samples(asked, [answer.sentences[index] for index in kept], until)

        samples = ask(answer.kept)
        told = frozenset(answer.kept[index] for index in combine.agreed_asides(samples))
        found = _numbered(combine.medians(samples, keys), answer.kept)
        rest = _without(answer.kept, told | answer.suspects) or _without(answer.kept, told)
        if not rest:
            return self._only_asides(answer, told)
        if rest != answer.kept:
            found = combine.lower(found, _numbered(combine.medians(ask(rest), keys), rest))
        if "relevance" not in found:
            raise BackendFailed("no level of relevance with a valid quote")
        return self._rating(answer, wanted, found, told)

    def _rating(
        self,
        answer: Prepared,
        wanted: Sequence[str],
        found: dict[str, combine.Median],
        told: frozenset[int],
    ) -> Rating:
        """The embedded rating with what the model judged in place of its own: it still counts the words."""
        judged = {name: combine.measure(name, found.get(name)) for name in wanted}
        if "coverage" in wanted:
            judged["coverage"] = combine.coverage(answer.key_points, found)
        measures = [judged.get(one.name, one) for one in answer.embedded.measures]
        measures += [
            combine.dimension(one.id, found.get(f"dimension:{one.id}"))
            for one in answer.dimensions
            if len(one.anchors) == LEVELS
        ]
        flags = [flag for flag in answer.embedded.flags if flag.name != "off-topic"]
        relevance = judged["relevance"]
        if relevance.value is not None and relevance.value <= OFF_TOPIC:
            flags.append(Flag("off-topic", tuple(dict.fromkeys(index for index, _ in relevance.evidence))))
        return Rating(tuple(measures), answer.embedded.tokens, self.model, RUBRIC, _with_asides(flags, told))

    def _only_asides(self, answer: Prepared, told: frozenset[int]) -> Rating:
        none = tuple(Measure(one.name, None, "only-asides") for one in answer.embedded.measures)
        return Rating(
            none, answer.embedded.tokens, self.model, RUBRIC, _with_asides(answer.embedded.flags, told)
        )


def _value(rating: Rating, name: str) -> float | None:
    return next((one.value for one in rating.measures if one.name == name), None)


def _without(kept: Sequence[int], out: frozenset[int]) -> tuple[int, ...]:
    return tuple(index for index in kept if index not in out)


def _numbered(found: dict[str, combine.Median], kept: Sequence[int]) -> dict[str, combine.Median]:
    """Quotes by the sentences' places in the answer, instead of among those that were sent."""
    return {
        key: replace(one, quotes=tuple((kept[index], words) for index, words in one.quotes))
        for key, one in found.items()
    }


def _with_asides(flags: Sequence[Flag], told: frozenset[int]) -> tuple[Flag, ...]:
    if not told:
        return tuple(flags)
    before = {index for flag in flags if flag.name == "to-the-rater" for index in flag.sentences}
    others = tuple(flag for flag in flags if flag.name != "to-the-rater")
    return (*others, Flag("to-the-rater", tuple(sorted(before | told))))
