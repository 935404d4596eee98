"""Operations on what people say of a result."""

from __future__ import annotations

from gateway import review_api
from gateway.operations import Body, Operation
from gateway.review_api import CommentAsked, RatingAsked
from gateway.route_parts import ONE, SESSION, json_of
from interviews.reviews import Reviewed

COMMENT = f"{SESSION}/comments/{{comment}}"
_PROBLEMS = (*ONE, "storage.full", "session.not-ended")

REVIEW_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "PUT",
        f"{SESSION}/ratings/{{dimension}}",
        "rateDimension",
        "A person's own rating of one dimension beside the machine's; those before are kept",
        "hr",
        review_api.rate,
        json_of(Reviewed),
        body=Body("application/json", RatingAsked),
        problems=(*_PROBLEMS, "dimension.unknown"),
        tag="results",
        needs="results.comment",
        audits=True,
    ),
    Operation(
        "POST",
        f"{SESSION}/comments",
        "addComment",
        "A comment on the result, for instance of the hiring manager",
        "hr",
        review_api.comment,
        json_of(Reviewed, "Noted", 201),
        body=Body("application/json", CommentAsked),
        problems=_PROBLEMS,
        tag="results",
        needs="results.comment",
        audits=True,
    ),
    Operation(
        "PUT",
        COMMENT,
        "editComment",
        "Change a comment of one's own; as it was before is kept",
        "hr",
        review_api.edit,
        json_of(Reviewed),
        body=Body("application/json", CommentAsked),
        problems=(*_PROBLEMS, "comment.unknown"),
        tag="results",
        needs="results.comment",
        audits=True,
    ),
    Operation(
        "DELETE",
        COMMENT,
        "deleteComment",
        "Delete a comment of one's own; what it said stays in the history",
        "hr",
        review_api.delete,
        json_of(Reviewed),
        problems=(*_PROBLEMS, "comment.unknown"),
        tag="results",
        needs="results.comment",
        audits=True,
    ),
)
