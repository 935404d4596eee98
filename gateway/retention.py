"""Recordings are deleted when their time is over; the receipt goes to the session's log."""

from __future__ import annotations

import structlog

from gateway.registry import Registry
from gateway.shared import Shared
from interviews.events import RecordingDeleted
from storage.errors import StorageError

log = structlog.get_logger("viva.retention")


async def delete_expired(registry: Registry, shared: Shared) -> int:
    """How many recordings were deleted. What fails is logged and tried again the next time."""
    recordings, count = shared.recordings, 0
    if recordings is None or not await _elder(shared):
        return 0
    try:
        expired = await recordings.expired(shared.settings.retention_days)
    except OSError as error:
        log.error("recordings cannot be listed", error=str(error))
        return 0
    for session in expired:
        live = registry.resident(session)
        if live is not None and not live.over:
            continue
        try:
            receipt = await recordings.delete(session)
            if receipt is not None:
                count += 1
                told = RecordingDeleted(
                    reason="retention", segments=receipt.segments, size=receipt.size, digest=receipt.digest
                )
                await registry.note(session, told)
        except (OSError, StorageError) as error:
            log.error("a recording could not be deleted", session=session, error=str(error))
    return count


async def _elder(shared: Shared) -> bool:
    """One of several gateways does it."""
    try:
        return await shared.membership.first()
    except StorageError as error:
        log.error("gateways cannot be listed", error=str(error))
        return False
