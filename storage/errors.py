"""What storage raises, and how a driver's error is told apart."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

# SQLite reports a full disk as SQLITE_FULL, and as SQLITE_IOERR_SHMSIZE or SQLITE_IOERR_TRUNCATE where it was
# the shared-memory index or the journal that could not grow (https://sqlite.org/rescode.html).
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_TRUNCATE})
_POSTGRES_DISK_FULL = "53100"


class StorageError(Exception):
    """The database refused or could not be reached. Nothing of the call was kept."""


class StorageFull(StorageError):
    """There is no space left for the database. Nothing of the call was kept; try again when there is."""


class SessionMissing(StorageError):
    """No session has this id."""


class NotOwner(StorageError):
    """Another gateway has the session now. Nothing of the call was kept, and nothing may be tried again."""


class LogMoved(StorageError):
    """Somebody else appended to the log meanwhile. Nothing of the call was kept: read on and decide anew."""


class InvitationMissing(StorageError):
    """No invitation has this id."""


class InvitationChanged(StorageError):
    """Somebody else changed the invitation meanwhile. Nothing of the call was kept: read it and try again."""


def translate(error: DBAPIError | OSError) -> StorageError:
    """The storage error that stands for a driver's or the operating system's error."""
    cause: object = error.orig if isinstance(error, DBAPIError) else error
    while cause is not None:
        if _is_full(cause):
            return StorageFull("no space left for the database")
        cause = getattr(cause, "__cause__", None)
    return StorageError(f"the database failed: {type(getattr(error, 'orig', None) or error).__name__}")


def _is_full(cause: object) -> bool:
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if getattr(cause, "sqlite_errorcode", None) in _SQLITE_FULL:
        return True
    return getattr(cause, "sqlstate", None) == _POSTGRES_DISK_FULL
