"""What people say of a result, beside what the machine says: ratings with their reasons, and comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Literal

from pydantic import Field

from interviews.dimension_scores import LEVELS, DimensionScore, level_of
from interviews.dimensions import ByLanguage, ListByLanguage
from interviews.events import Event
from interviews.parts import Part
from interviews.review_events import CommentAdded, CommentDeleted, CommentEdited, RatingGiven
from interviews.rubric import RubricDimension


class HumanRating(Part):
    """`level` and `score` both, whichever was given: a level stands for the middle of its 20 points.

    `current` False: the same person has rated the dimension anew since.
    """

    level: int = Field(ge=1, le=LEVELS)
    score: float = Field(ge=0, le=100)
    given_as: Literal["level", "score"]
    reason: str
    by: str
    at: datetime
    current: bool


class DimensionReview(Part):
    """One dimension as rated by people beside the machine's score, which it leaves alone.

    `anchors`: the behaviour at the five levels that they rate against; empty where the plan has none.
    `human`: mean of the current ratings. `difference`: human − machine; None where either is missing.
    `ratings`: all that were given, the oldest first.
    """

    dimension: str
    name: ByLanguage
    anchors: ListByLanguage
    machine: float | None
    human: float | None
    difference: float | None
    ratings: tuple[HumanRating, ...]


class CommentVersion(Part):
    text: str
    by: str
    at: datetime


class Comment(Part):
    """`versions`: as it was before, the oldest first. `deleted_by`: then `text` is empty."""

    id: str
    text: str
    by: str
    at: datetime
    deleted_by: str | None
    versions: tuple[CommentVersion, ...]


class Reviewed(Part):
    dimensions: tuple[DimensionReview, ...]
    comments: tuple[Comment, ...]


@dataclass(slots=True)
class Reviews:
    """The fold: every rating, and every version of every comment. Never raises."""

    ratings: list[tuple[datetime, RatingGiven]] = field(default_factory=list)
    comments: dict[str, list[tuple[datetime, CommentAdded | CommentEdited]]] = field(default_factory=dict)
    deleted: dict[str, CommentDeleted] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        match event.data:
            case RatingGiven() as rating:
                self.ratings.append((event.at, rating))
            case CommentAdded(id=id_) as added if id_ not in self.comments:
                self.comments[id_] = [(event.at, added)]
            case CommentEdited(id=id_) as edited if self.open(id_):
                self.comments[id_].append((event.at, edited))
            case CommentDeleted(id=id_) as gone if self.open(id_):
                self.deleted[id_] = gone

    def open(self, comment: str) -> bool:
        """Whether it is there and may still be changed."""
        return comment in self.comments and comment not in self.deleted

    def newest(self, dimension: str) -> dict[tuple[str, str], RatingGiven]:
        """The current rating of each person who rated the dimension."""
        return {_who(one): one for _, one in self.ratings if one.dimension == dimension}


def reviewed(
    reviews: Reviews, dimensions: Sequence[DimensionScore], rubric: Sequence[RubricDimension]
) -> Reviewed:
    """`dimensions` and `rubric` are of the same session."""
    anchors = {one.id: one.anchors for one in rubric}
    return Reviewed(
        dimensions=tuple(_dimension(reviews, one, anchors[one.dimension]) for one in dimensions),
        comments=tuple(_comment(reviews, id_) for id_ in reviews.comments),
    )


def middle_of(level: int) -> float:
    """The score that a level stands for."""
    return (level - 0.5) * 100 / LEVELS


def human_score(reviews: Reviews, dimension: str) -> float | None:
    """Mean over the people who rated it."""
    newest = reviews.newest(dimension).values()
    return round(fmean(one.score for one in newest), 1) if newest else None


def _dimension(reviews: Reviews, one: DimensionScore, anchors: ListByLanguage) -> DimensionReview:
    newest = reviews.newest(one.dimension)
    human = human_score(reviews, one.dimension)
    known = human is not None and one.score is not None
    return DimensionReview(
        dimension=one.dimension,
        name=one.name,
        anchors=anchors,
        machine=one.score,
        human=human,
        difference=round((human or 0.0) - (one.score or 0.0), 1) if known else None,
        ratings=tuple(
            HumanRating(
                level=level_of(rating.score) if rating.level is None else rating.level,
                score=rating.score,
                given_as="score" if rating.level is None else "level",
                reason=rating.reason,
                by=rating.by,
                at=at,
                current=newest[_who(rating)] is rating,
            )
            for at, rating in reviews.ratings
            if rating.dimension == one.dimension
        ),
    )


def _comment(reviews: Reviews, id_: str) -> Comment:
    versions = reviews.comments[id_]
    gone = reviews.deleted.get(id_)
    at, newest = versions[-1]
    past = versions if gone else versions[:-1]
    return Comment(
        id=id_,
        text="" if gone else newest.text,
        by=versions[0][1].by,
        at=at,
        deleted_by=gone.by if gone else None,
        versions=tuple(CommentVersion(text=one.text, by=one.by, at=when) for when, one in past),
    )


def _who(rating: RatingGiven) -> tuple[str, str]:
    """People by their id; those who came by a token by the name that was noted."""
    return rating.person, "" if rating.person else rating.by
