"""How good an answer is, from sentence embeddings and its words alone. Content, not delivery, is judged.

Cosines of this kind of embedding are squeezed into a narrow band that moves with every question (about .77
for unrelated English, .84 for Mandarin), so none is used raw. Each is expressed in standard deviations above
what unrelated texts give, seen from both sides: the question against the off-topic texts, and the sentence
against the off-topic texts. The mean of the two is called z below.

What only repeats the question or its key points, what is said twice, and what is said to whoever rates does
not count, and neither does a little talk about nothing asked, nor, where a story is asked for, a sentence
that has nothing but a story's headings. Too little text gives "insufficient".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models import lexical, offtopic, specifics, story_questions, structure
from models.asides import Asides
from models.embedding import TextEncoder
from models.lexical import Language
from models.story_cues import tells_something

RUBRIC = "content-3"

NAMES = ("relevance", "coverage", "coherence", "lexical_richness", "structure", "specificity")
MIN_TOKENS = 15
MIN_TOKENS_RICHNESS = 100
MIN_SENTENCES_COHERENCE = 3
ECHO = 0.6  # share of the question's, or the rubric's, own wording above which a sentence only repeats it
MIN_RECITED = 12  # characters
BORROWED = 0.7  # share of content words that are the question's or the key points'
APART = 1.2  # z below which a sentence is about nothing asked
OFF_TOPIC = 15.0  # points of relevance
TO_THE_POINT = 40.0  # points of relevance below which a story, and what is specific in it, count for less
SMALL_TALK = 0.25  # share of an answer up to which such sentences do not count
FULL_WEIGHT_TOKENS = 12  # longer sentences count no more than this; "Well, yes." counts less
HIGHEST_Z = 4.0

# (0 points, 100 points), linear between. Hand-written answers to the question lie at z 2.7–3.7, interview
# answers to another question at 1.1–2.5, texts about nothing asked at .1–.9.
RELEVANCE = (1.0, 3.0)
COVERAGE = (1.0, 5.0)  # a fact of the subject is named at z 5–8, a step of a story ("the result") at 2–4
COHERENCE = (0.2, 2.0)
RICHNESS: dict[Language, tuple[float, float]] = {"en": (20.0, 100.0), "zh": (20.0, 160.0)}

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Measure:
    """0–100, or None with the reason. `evidence`: (index of a sentence, note). `detail`: the raw figures.

    `quotes`: of each of the evidence the words that count, where that is less than the sentence; or none.
    """

    name: str
    value: float | None
    insufficient: str | None = None
    evidence: tuple[tuple[int, str], ...] = ()
    missing: tuple[str, ...] = ()  # notes for which there is no evidence
    detail: dict[str, float] = field(default_factory=dict)
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at, and which sentences: off-topic, to-the-rater, repeats-question or
    recites-rubric."""

    name: str
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """The measures of `NAMES`, in this order; words that counted; versions."""

    measures: tuple[Measure, ...]
    tokens: int
    model: str
    rubric: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class _Unrelated:
    """The off-topic texts of one language, as passages and as queries, and how alike they are."""

    passages: Vectors
    queries: Vectors
    mean: float
    spread: float


class AnswerRater:
    """Rates one answer at a time. One instance belongs to one thread."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self.model = encoder.name
        texts: dict[Language, tuple[str, ...]] = {"en": offtopic.ENGLISH, "zh": offtopic.MANDARIN}
        self._unrelated = {language: _unrelated(encoder, texts[language]) for language in texts}
        self._asides = Asides(encoder, {one: found.passages for one, found in self._unrelated.items()})
        self._structure = structure.Structure(encoder)

    @classmethod
    def load(cls, model: str | None = None, *, device: str = "cpu", threads: int = 1) -> AnswerRater:
        """As `TextEncoder.load`. The points were set for the default encoder; another shifts them."""
        return cls(TextEncoder.load(model, device=device, threads=threads))

    def rate(
        self,
        question: str,
        key_points: Sequence[str],
        sentences: Sequence[str],
        language: Language,
        behaviours: Sequence[str] = (),
    ) -> Rating:
        """`sentences` in the order they were said; `behaviours`: the rubric's, which no candidate is shown.
        Every text is taken as it is; none can raise."""
        said = [lexical.tokens(sentence, language, self.encoder.pieces) for sentence in sentences]
        known = [question, *key_points]
        own, again = _own_words(known, sentences, said, self._words(known, language))
        recited = [index for index in own if _recited(sentences[index], behaviours)]
        own = [index for index in own if index not in recited]
        flags = [Flag("repeats-question", tuple(again))] if again else []
        if recited:
            flags.append(Flag("recites-rubric", tuple(recited)))
        if reason := _reason(sentences, said, own, language):
            return self._none(reason, said, own, flags)
        vectors = self.encoder.encode([sentences[index] for index in own], "passage")
        asked = self.encoder.encode(known, "passage")
        aside = self._asides.of([sentences[index] for index in own], vectors, known, asked, language)
        vectors = vectors[~np.array(aside)]
        kept = [index for index, out in zip(own, aside, strict=True) if not out]
        if any(aside):
            outs = zip(own, aside, strict=True)
            flags.append(Flag("to-the-rater", tuple(index for index, out in outs if out)))
        if sum(len(said[index]) for index in kept) < MIN_TOKENS:
            return self._none("only-asides", said, kept, flags)
        if story_questions.asks_for_story(question, language):
            telling = [tells_something(sentences[index], said[index], language) for index in kept]
            vectors = vectors[telling]
            kept = [index for index, tells in zip(kept, telling, strict=True) if tells]
        count = sum(len(said[index]) for index in kept)
        if count < MIN_TOKENS:
            return self._none("says-nothing", said, kept, flags)
        weights = np.array([min(len(said[index]), FULL_WEIGHT_TOKENS) for index in kept], np.float32)
        z = self._z([question, *key_points], vectors, language)
        weights = _without_small_talk(weights, z)
        relevance = _relevance(z, weights, kept)
        if relevance.value is not None and relevance.value <= OFF_TOPIC:
            flags.append(Flag("off-topic", tuple(index for index, _ in relevance.evidence)))
        told, words = [sentences[index] for index in kept], [said[index] for index in kept]
        apt = min(1.0, (relevance.value or 0.0) / TO_THE_POINT)
        return Rating(
            (
                relevance,
                _coverage(z[:, 1:], key_points, kept),
                _coherence(vectors, self._unrelated[language], kept),
                _richness(words, language, kept),
                self._story(question, told, vectors, kept, language, apt),
                _specificity(question, told, words, z.max(1) >= APART, kept, language, apt),
            ),
            count,
            self.model,
            RUBRIC,
            tuple(flags),
        )

    def _none(
        self, reason: str, said: Sequence[Sequence[str]], kept: Sequence[int], flags: Sequence[Flag]
    ) -> Rating:
        count = sum(len(said[index]) for index in kept)
        none = tuple(Measure(name, None, reason, detail={"tokens": float(count)}) for name in NAMES)
        return Rating(none, count, self.model, RUBRIC, tuple(flags))

    def _story(
        self,
        question: str,
        told: Sequence[str],
        vectors: Vectors,
        kept: Sequence[int],
        language: Language,
        apt: float,
    ) -> Measure:
        """Situation, task, action and result, where the question asks for a story of one's own."""
        if not story_questions.asks_for_story(question, language):
            return Measure("structure", None, "no-story-asked")
        parts = self._structure.parts(told, vectors, language)
        strengths = {part.name: part.strength for part in parts}
        return Measure(
            "structure",
            round(apt * structure.value(parts), 1),
            None,
            tuple((kept[part.sentence], part.name) for part in parts),
            tuple(name for name in structure.PARTS if name not in strengths),
            {**{name: strengths.get(name, 0.0) for name in structure.PARTS}, "to_the_point": round(apt, 3)},
        )

    def _words(self, texts: Sequence[str], language: Language) -> frozenset[str]:
        return frozenset(
            word for text in texts for word in lexical.tokens(text, language, self.encoder.pieces)
        )

    def _z(self, asked: Sequence[str], passages: Vectors, language: Language) -> Vectors:
        """float32 [sentences, asked]: standard deviations above unrelated texts, the mean of both sides."""
        unrelated = self._unrelated[language]
        queries = self.encoder.encode(asked, "query")
        cosines = passages @ queries.T
        by_question = unrelated.passages @ queries.T
        by_sentence = passages @ unrelated.queries.T
        z_question = (cosines - by_question.mean(0)) / by_question.std(0)
        z_sentence = (cosines - by_sentence.mean(1, keepdims=True)) / by_sentence.std(1, keepdims=True)
        z: Vectors = (z_question + z_sentence) / 2
        return z


def _unrelated(encoder: TextEncoder, texts: Sequence[str]) -> _Unrelated:
    passages = encoder.encode(texts, "passage")
    pairs = (passages @ passages.T)[np.triu_indices(len(texts), 1)]
    return _Unrelated(passages, encoder.encode(texts, "query"), float(pairs.mean()), float(pairs.std()))


def _own_words(
    known: Sequence[str], sentences: Sequence[str], said: Sequence[Sequence[str]], words_known: frozenset[str]
) -> tuple[list[int], list[int]]:
    """Indices of the candidate's own sentences: not empty, not `known` again, not said before. And of those
    that say `known` again."""
    source = " ".join(known)
    seen: set[tuple[str, ...]] = set()
    kept: list[int] = []
    again: list[int] = []
    for index, sentence in enumerate(sentences):
        words = tuple(said[index])
        own = (
            lexical.echo(sentence, source) < ECHO
            and lexical.borrowed(sentence, words, source, words_known) < BORROWED
        )
        if words and not (own and not lexical.bare_list(sentence)):
            again.append(index)
        elif words and words not in seen:
            kept.append(index)
        seen.add(words)
    return kept, again


def _recited(sentence: str, behaviours: Sequence[str]) -> bool:
    """Whether it is one of them nearly word for word. A few words in common can be chance, and are left."""
    return any(lexical.echo(sentence, one) >= ECHO for one in behaviours) and len(sentence) >= MIN_RECITED


def _reason(
    sentences: Sequence[str], said: Sequence[Sequence[str]], own: Sequence[int], language: Language
) -> str | None:
    """Why nothing can be said about the answer, or None."""
    if sum(map(len, said)) < MIN_TOKENS:
        return "too-short"
    if not lexical.is_language(" ".join(sentences), language):
        return "other-language"
    if sum(len(said[index]) for index in own) < MIN_TOKENS:
        return "only-repetition"
    return None


def _without_small_talk(weights: Vectors, z: Vectors) -> Vectors:
    """Sentences about nothing asked count only so far as they are more than `SMALL_TALK` of the answer."""
    apart = z.max(1) < APART
    share = float(weights[apart].sum() / weights.sum())
    if share == 0 or share == 1:
        return weights
    counted = max(0.0, share - SMALL_TALK) / (1 - SMALL_TALK) / share
    return np.where(apart, weights * np.float32(counted), weights).astype(np.float32)


def _relevance(z: Vectors, weights: Vectors, kept: Sequence[int]) -> Measure:
    """Half the question alone, half the question or the key point that the sentence is closest to."""
    per_sentence = np.clip((z[:, 0] + z.max(1)) / 2, 0, HIGHEST_Z)
    mean = float(np.average(per_sentence, weights=weights))
    order = np.argsort(-per_sentence, kind="stable")
    evidence = [(kept[int(order[0])], "closest")]
    if len(kept) > 1:
        evidence.append((kept[int(order[-1])], "furthest"))
    return Measure("relevance", _points(mean, RELEVANCE), None, tuple(evidence), detail={"z": round(mean, 3)})


def _coverage(z: Vectors, key_points: Sequence[str], kept: Sequence[int]) -> Measure:
    """Each key point by the sentence that comes closest to it."""
    if not key_points:
        return Measure("coverage", None, "no-key-points")
    best = [float(value) for value in z.max(0)]
    points = [_points(value, COVERAGE) for value in best]
    evidence = tuple(
        (kept[int(z[:, number].argmax())], f"key-point:{point}")
        for number, point in enumerate(key_points)
        if points[number] > 0
    )
    detail = {}
    for number in range(len(points)):
        detail[f"key_point_{number + 1}"] = points[number]
        detail[f"key_point_{number + 1}_z"] = round(best[number], 3)
    missing = tuple(f"key-point:{point}" for number, point in enumerate(key_points) if points[number] == 0)
    value = round(sum(points) / len(points), 1)
    return Measure("coverage", value, None, evidence, missing, detail)


def _coherence(vectors: Vectors, unrelated: _Unrelated, kept: Sequence[int]) -> Measure:
    """How much closer each sentence is to the one before it than two unrelated texts are."""
    if len(kept) < MIN_SENTENCES_COHERENCE:
        return Measure("coherence", None, "few-sentences", detail={"sentences": float(len(kept))})
    links = ((vectors[1:] * vectors[:-1]).sum(1) - unrelated.mean) / unrelated.spread
    mean = float(np.clip(links, 0, HIGHEST_Z).mean())
    best, weakest = int(links.argmax()), int(links.argmin())
    evidence = ((kept[best + 1], "best-link"), (kept[weakest + 1], "weakest-link"))
    return Measure("coherence", _points(mean, COHERENCE), None, evidence, detail={"z": round(mean, 3)})


def _richness(said: Sequence[Sequence[str]], language: Language, kept: Sequence[int]) -> Measure:
    words = [word for sentence in said for word in sentence]
    if len(words) < MIN_TOKENS_RICHNESS:
        return Measure("lexical_richness", None, "few-tokens", detail={"tokens": float(len(words))})
    mtld = lexical.mtld(words)
    densest = max(range(len(said)), key=lambda index: len(set(said[index])))
    return Measure(
        "lexical_richness",
        _points(mtld, RICHNESS[language]),
        None,
        ((kept[densest], "densest"),),
        detail={
            "mtld": round(mtld, 2),
            "hd_d": round(lexical.hd_d(words), 4),
            "maas": round(lexical.maas(words), 5),
            "tokens": float(len(words)),
        },
    )


def _specificity(
    question: str,
    told: Sequence[str],
    words: Sequence[Sequence[str]],
    near: NDArray[np.bool_],
    kept: Sequence[int],
    language: Language,
    apt: float,
) -> Measure:
    """Own actions, numbers and names, where the question is about the candidate's own past.

    Only in sentences that are `near` what was asked: figures and names from nowhere earn nothing.
    """
    if not story_questions.asks_about_person(question, language):
        return Measure("specificity", None, "no-own-past-asked")
    at = [int(number) for number in np.flatnonzero(near)]
    found = specifics.specifics([told[n] for n in at], [words[n] for n in at], language)
    counts = {kind: sum(one.kind == kind for one in found.found) for kind in specifics.KINDS}
    detail = {kind.replace("-", "_") + "s": float(count) for kind, count in counts.items()}
    return Measure(
        "specificity",
        round(apt * specifics.value(found.found), 1),
        None,
        tuple((kept[at[one.sentence]], one.kind) for one in found.found),
        tuple(kind for kind, count in counts.items() if not count),
        {**detail, "i": float(found.own), "we_or_one": float(found.others), "to_the_point": round(apt, 3)},
    )


def _points(value: float, scale: tuple[float, float]) -> float:
    low, high = scale
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 1)
