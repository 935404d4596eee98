"""What a job description asks for: dimensions with the phrases that say so, and questions that suit it.

A phrase leads to a topic where it names one of the topic's keywords, or, where it names nobody's, by meaning
alone: when the topic is clearly closer to it than the others are. Likeness is in standard deviations
(`models.likeness`), less the phrase's median over all topics, since some phrases are close to everything.
Where nothing is found the answer is empty and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import keywords, lexical
from models.embedding import TextEncoder
from models.likeness import Likeness
from models.phrases import Span, phrases
from models.topics import JobMatch, JobText, Language, Phrase, QuestionFit, Topic, TopicFit
from models.wordmatch import hit

NAMED = {"exact": 0.6, "scattered": 0.45}  # score of a phrase that names a keyword; likeness adds up to .4
FULL_LIKENESS = 6.0  # standard deviations above the phrase's median
# By meaning alone: the least likeness, the least z at all, and the lead over the runner-up.
ALONE, ALONE_Z, ALONE_LEAD = 2.0, 4.0, 0.8
ALONE_SHARE = 0.7  # of the score that likeness alone can give
ENOUGH_TOPICS = 8  # fewer have no median to speak of: then only keywords lead
LEAST_SHARE = 0.25  # of the strongest topic's strength, below which a topic is left out
MOST_PHRASES = 5  # kept per topic
QUESTION_LEAST = 0.2
QUESTION_TOPIC_FULL = 40  # percent of weight on a question's topics that counts as wholly fitting

Matrix = NDArray[np.float32]


class JobMatcher:
    """One instance belongs to one thread."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self.model = encoder.name
        self._likeness = Likeness(encoder)

    def match(self, job: JobText) -> JobMatch:
        """No text can raise. Topics and questions in the description's language."""
        language: Language = "zh" if lexical.is_language(job.description, "zh") else "en"
        spans = phrases(job.description)
        if not spans:
            return JobMatch(language, (), (), (), "no-text", self.model)
        found = keywords.keywords(_kept(job.description, spans), language, self.encoder.surprisal)
        topics = self._topics(job, spans, language)
        questions = self._questions(job, spans, topics, language) if topics else ()
        return JobMatch(language, found, topics, questions, "" if topics else "nothing-found", self.model)

    def _topics(self, job: JobText, spans: Sequence[Span], language: Language) -> tuple[TopicFit, ...]:
        asked = [f"{topic.name}: {topic.about}" for topic in job.topics]
        z = self._likeness.z(asked, [span.text for span in spans], language)
        led = _leads(spans, job.topics, z)
        strengths = {id_: _strength(found) for id_, found in led.items() if found}
        ranked = sorted(strengths, key=lambda id_: -strengths[id_])[: job.most]
        ranked = [id_ for id_ in ranked if strengths[id_] >= LEAST_SHARE * strengths[ranked[0]]]
        weights = whole_percent([strengths[id_] for id_ in ranked])
        return tuple(
            TopicFit(id_, weight, tuple(led[id_][:MOST_PHRASES]))
            for id_, weight in zip(ranked, weights, strict=True)
        )

    def _questions(
        self, job: JobText, spans: Sequence[Span], topics: Sequence[TopicFit], language: Language
    ) -> tuple[QuestionFit, ...]:
        """Half by likeness to the best fitting phrase, half by the weights of what the question looks at."""
        z = self._likeness.z([question.text for question in job.questions], [s.text for s in spans], language)
        likeness = _above_median(z)
        weights = {topic.id: topic.weight for topic in topics}
        fits = []
        for number, question in enumerate(job.questions):
            best = int(likeness[:, number].argmax())
            alike = float(np.clip(likeness[best, number] / FULL_LIKENESS, 0, 1))
            wanted = min(1.0, sum(weights.get(id_, 0) for id_ in question.topics) / QUESTION_TOPIC_FULL)
            score = round((alike + wanted) / 2, 3)
            if wanted > 0 and score >= QUESTION_LEAST:
                span = spans[best]
                phrase = Phrase(span.text, span.start, span.end, round(alike, 3))
                fits.append(QuestionFit(question.id, score, phrase))
        fits.sort(key=lambda fit: (-fit.score, fit.id))
        return tuple(fits[: job.most_questions])


def _leads(spans: Sequence[Span], topics: Sequence[Topic], z: Matrix) -> dict[str, list[Phrase]]:
    """By topic, the phrases that lead there, the best first."""
    likeness = _above_median(z)
    led: dict[str, list[Phrase]] = {topic.id: [] for topic in topics}
    for row, span in enumerate(spans):
        named = [(column, *found) for column, t in enumerate(topics) if (found := _named(t, span.text))]
        for column, keyword, base in named:
            score = base + 0.4 * float(np.clip(likeness[row, column] / FULL_LIKENESS, 0, 1))
            led[topics[column].id].append(Phrase(span.text, span.start, span.end, round(score, 3), keyword))
        if not named and (clearest := _clearest(z[row], likeness[row])) is not None:
            score = ALONE_SHARE * min(1.0, float(likeness[row, clearest]) / FULL_LIKENESS)
            led[topics[clearest].id].append(Phrase(span.text, span.start, span.end, round(score, 3)))
    for ranked in led.values():
        ranked.sort(key=lambda phrase: (-phrase.score, phrase.start))
    return led


def _named(topic: Topic, text: str) -> tuple[str, float] | None:
    """The topic's keyword that the text names, the longest of the surest, and what that counts."""
    hits = [
        (NAMED[how], len(word), word) for word in (topic.name, *topic.keywords) if (how := hit(word, text))
    ]
    if not hits:
        return None
    base, _, word = max(hits)
    return word, base


def _clearest(z: Matrix, likeness: Matrix) -> int | None:
    if len(z) < ENOUGH_TOPICS:
        return None
    second, best = (int(column) for column in np.argsort(likeness)[-2:])
    clear = likeness[best] >= ALONE and z[best] >= ALONE_Z and likeness[best] - likeness[second] >= ALONE_LEAD
    return best if clear else None


def _above_median(z: Matrix) -> Matrix:
    """z less the median of its row; with few columns less what phrases have in common with any topic."""
    if z.shape[1] < ENOUGH_TOPICS:
        return z - np.float32(ALONE_Z)
    above: Matrix = z - np.median(z, 1, keepdims=True)
    return above


def _strength(found: Sequence[Phrase]) -> float:
    """The best phrase in full, each further one half of the one before: said twice is not wanted twice."""
    return sum(phrase.score * 0.5**rank for rank, phrase in enumerate(found))


def _kept(description: str, spans: Sequence[Span]) -> str:
    """The description with everything but the phrases blanked, so that places stay."""
    kept = ["\n"] * len(description)
    for span in spans:
        kept[span.start : span.end] = description[span.start : span.end]
    return "".join(kept)


def whole_percent(shares: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to positive shares, in sum exactly 100 (largest remainder, Hamilton)."""
    total = sum(shares)
    exact = [100 * share / total for share in shares]
    whole = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda at: (whole[at] - exact[at], at))
    for at in order[: 100 - sum(whole)] if whole else ():
        whole[at] += 1
    return whole
