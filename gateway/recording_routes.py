"""Operations on recordings."""

from __future__ import annotations

from gateway import recording_api
from gateway.api_models import MediaQuery, RecordingIndex, RecordingLink, RecordingReceipt, SpanQuery
from gateway.operations import Operation, Reply
from gateway.route_parts import ONE, PLAYED, RECORDING, json_of
from media.record.items import CONTENT_TYPES

RECORDING_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        RECORDING,
        "getRecording",
        "What was recorded, segment by segment",
        "hr",
        recording_api.index,
        json_of(RecordingIndex),
        problems=(*ONE, "recording.none"),
        tag="recordings",
        needs="results.read",
        audits=True,
    ),
    Operation(
        "DELETE",
        RECORDING,
        "deleteRecording",
        "Delete the recording; the receipt stays in the log",
        "hr",
        recording_api.delete,
        json_of(RecordingReceipt, "The receipt"),
        problems=(*ONE, "recording.none", "storage.full"),
        tag="recordings",
        needs="results.decide",
        audits=True,
    ),
    Operation(
        "GET",
        f"{RECORDING}/link",
        "linkRecording",
        "A link that plays a range of media time, good for a short time",
        "hr",
        recording_api.link,
        json_of(RecordingLink),
        query=SpanQuery,
        problems=(*ONE, "recording.none", "recording.damaged"),
        tag="recordings",
        needs="results.read",
        audits=True,
    ),
    Operation(
        "GET",
        f"{RECORDING}/media",
        "playRecording",
        "One file of a range of media time, from the key frame before it; byte ranges are served",
        "link",
        recording_api.media,
        {
            200: tuple(Reply("The file", None, kind, PLAYED) for kind in CONTENT_TYPES.values()),
            206: tuple(Reply("A range of it", None, kind, PLAYED) for kind in CONTENT_TYPES.values()),
            304: (Reply("Not changed", None, None),),
        },
        query=MediaQuery,
        headers={
            "Range": "One range of bytes",
            "If-Range": "ETag of the file that the range is of",
            "If-None-Match": "ETag of the file already known",
        },
        problems=(*ONE, "recording.none", "recording.damaged", "recording.range", "storage.full"),
        tag="recordings",
        needs="results.read",
        audits=True,
    ),
)
