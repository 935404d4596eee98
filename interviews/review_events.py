"""What people of the company say of a result, as events: their own ratings, and comments.

None of it moves a score: it stands beside the machine's, with who said it and when.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interviews.live_events import Who
from interviews.payload import Payload

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
PersonId = Annotated[str, StringConstraints(max_length=64)]


class RatingGiven(Payload):
    """A person's own rating of one dimension, 0–100; `level`: it was given as a BARS level, 1–5.

    `person`: id of who signed in; empty for a token. Their next rating of the dimension takes its place, and
    this one stays in the log.
    """

    type: Literal["rating.given"] = "rating.given"
    dimension: str
    score: float = Field(ge=0, le=100)
    level: int | None = Field(default=None, ge=1, le=5)
    reason: Reason
    by: Who
    person: PersonId = ""


class CommentAdded(Payload):
    type: Literal["comment.added"] = "comment.added"
    id: str
    text: Reason
    by: Who
    person: PersonId = ""


class CommentEdited(Payload):
    """The comment as it is from now on; as it was stands in the log."""

    type: Literal["comment.edited"] = "comment.edited"
    id: str
    text: Reason
    by: Who
    person: PersonId = ""


class CommentDeleted(Payload):
    type: Literal["comment.deleted"] = "comment.deleted"
    id: str
    by: Who
    person: PersonId = ""


ReviewPayload = RatingGiven | CommentAdded | CommentEdited | CommentDeleted
