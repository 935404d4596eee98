"""The words that the scores of one answer rest on: none is without, also where the words hold nothing."""

from __future__ import annotations

from collections.abc import Sequence

from interviews.answers import Evidence, Measure
from interviews.parts import Part, Quote
from interviews.state import Answer
from interviews.wording import message, note

POINT = "key-point:"
LONGEST = 400  # characters of a whole answer that stand for it; the times are those of all of it


class KeyPoint(Part):
    """What a good answer would hold. `found` None: it could not be judged."""

    point: str
    found: bool | None
    evidence: tuple[Quote, ...]


def quotes(evidence: Sequence[Evidence]) -> tuple[Quote, ...]:
    return tuple(Quote(quote=e.quote, start=e.start, end=e.end, note=note(e.note)) for e in evidence)


def quotes_of(measure: Measure, answer: Answer) -> tuple[Quote, ...]:
    """The measure's own; where it has a value but found nothing, the whole answer, in which it looked."""
    if measure.value is None or measure.evidence:
        return quotes(measure.evidence)
    return whole(answer)


def whole(answer: Answer) -> tuple[Quote, ...]:
    """One quote for all that was said; none where nothing was."""
    said = [one for one in answer.utterances if one.text.strip()]
    if not said:
        return ()
    joiner = "" if said[0].language == "zh" else " "
    text = joiner.join(one.text.strip() for one in said)
    start = said[0].words[0].start if said[0].words else said[0].start
    end = said[-1].words[-1].end if said[-1].words else said[-1].end
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"
    return (Quote(quote=shown, start=start, end=end, note=message("whole-answer")),)


def key_points(answer: Answer) -> tuple[KeyPoint, ...]:
    """In the order of the plan. Empty where the question has none."""
    measures = answer.rating.measures if answer.rating else ()
    coverage = next((one for one in measures if one.name == "coverage" and one.value is not None), None)
    by_note = {one.note: one for one in coverage.evidence} if coverage else {}

    def one(point: str) -> KeyPoint:
        if coverage is None:
            return KeyPoint(point=point, found=None, evidence=())
        evidence = by_note.get(POINT + point)
        missing = evidence is None or POINT + point in coverage.missing
        return KeyPoint(point=point, found=not missing, evidence=quotes([evidence] if evidence else ()))

    return tuple(one(point) for point in answer.question.key_points)
