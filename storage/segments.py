"""Recorded segments, sealed: in a folder by default, elsewhere by URL (`s3://bucket/folder`, through fsspec).

Per session a folder: `key` (its data key, wrapped), `index.jsonl` (one line per segment), and the segments.
The folder describes itself: a copy of it and the master key are all that reading takes; no table is kept.
Everything blocks: call it from a thread.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from storage.keys import MasterKey
from storage.sealed_file import SealedReader, seal

INDEX, KEY, TEMPORARY = "index.jsonl", "key", ".tmp"
SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAME = re.compile(r"\d{6,9}\.(webm|mp4)")
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a deletion removed. `digest`: SHA-256 over the index as it was, which names every segment's."""

    session: str
    segments: int
    size: int  # bytes on disk
    digest: str


class SegmentStore:
    """`url`: a folder, or anything fsspec knows. Every method raises OSError."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._fs, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")
        self._local = isinstance(self._fs, LocalFileSystem)
        self._master = master
        self._lock = threading.Lock()
        if self._local:
            Path(self._root).mkdir(parents=True, exist_ok=True, mode=0o700)

    def writer(self, session: str) -> SegmentWriter:
        return SegmentWriter(self, session)

    def sessions(self) -> list[str]:
        """Those with anything kept."""
        self._fs.invalidate_cache()
        if not self._fs.isdir(self._root):
            return []
        names = (str(one).rstrip("/").rsplit("/", 1)[-1] for one in self._fs.ls(self._root, detail=False))
        return sorted(name for name in names if SAFE.fullmatch(name))

    def index(self, session: str) -> list[Line]:
        """One JSON object per segment, in order; empty for a session without a recording."""
        text = self._get(session, INDEX)
        return [json.loads(line) for line in text.splitlines()] if text else []

    def read(self, session: str, name: str) -> bytes:
        """A segment as it was muxed. Raises FileNotFoundError, SealBroken."""
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        path = self._path(session, name)
        with self._fs.open(path, "rb") as file:
            reader = SealedReader(file, int(self._fs.size(path)), self.key(session), f"{session}/{name}")
            return reader.read()

    def key(self, session: str) -> bytes:
        """The session's data key. Raises FileNotFoundError, SealBroken."""
        wrapped = self._get(session, KEY)
        if not wrapped:
            raise FileNotFoundError(f"no recording of {session}")
        return self._master.open(wrapped)

    def age_s(self, session: str) -> float:
        """Seconds since the session's last segment was written."""
        path = self._path(session, INDEX)
        self._fs.invalidate_cache()
        if not self._fs.exists(path):
            path = self._path(session, KEY)
        return max(0.0, time.time() - float(self._fs.modified(path).timestamp()))

    def delete(self, session: str) -> Receipt | None:
        """Removes everything of the session, its key first: what a crash leaves cannot be read any more.

        None where there was nothing.
        """
        folder = self._path(session, "")
        with self._lock:
            self._fs.invalidate_cache()
            if not self._fs.exists(folder):
                return None
            index = self._get(session, INDEX)
            files = [str(one) for one in self._fs.find(folder)]
            size = sum(int(self._fs.size(one)) for one in files)
            for one in sorted(files, key=lambda path: not path.endswith(f"/{KEY}")):
                self._fs.rm_file(one)
            if self._fs.exists(folder):
                self._fs.rm(folder, recursive=True)
            if self._local:
                _sync_folder(self._root)
        count = sum(1 for one in files if NAME.fullmatch(one.rsplit("/", 1)[-1]))
        return Receipt(session, count, size, hashlib.sha256(index).hexdigest())

    # --- for the writer ------------------------------------------------------------------------------

    def new_key(self, session: str) -> bytes:
        key, wrapped = self._master.new()
        self.put(session, KEY, wrapped)
        return key

    def put(self, session: str, name: str, data: bytes) -> None:
        """Whole or not at all: a crash leaves either the old file or the new one."""
        path = self._path(session, name)
        if not self._local:
            self._fs.pipe_file(path, data)  # object stores put whole objects
            return
        folder = Path(path).parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with whole_file(Path(path)) as file:
            file.write(data)

    def _get(self, session: str, name: str) -> bytes:
        try:
            return bytes(self._fs.cat_file(self._path(session, name)))
        except FileNotFoundError:
            return b""

    def _path(self, session: str, name: str) -> str:
        if not SAFE.fullmatch(session):
            raise FileNotFoundError(session)
        return f"{self._root}/{session}/{name}".rstrip("/")


class SegmentWriter:
    """One session's way in; a `media.record.items.SegmentSink`. A restarted server goes on counting."""

    def __init__(self, store: SegmentStore, session: str) -> None:
        self._store, self._session = store, session
        self._key: bytes | None = None
        self._index: bytes | None = None

    def next_number(self) -> int:
        lines = self._store.index(self._session)
        return 1 + max((int(line["number"]) for line in lines), default=0)

    def put(self, segment: Any, data: bytes) -> None:
        """Segment first, index after: an index never names what is not there."""
        if self._key is None:
            try:
                self._key = self._store.key(self._session)
            except FileNotFoundError:
                self._key = self._store.new_key(self._session)
        index = self._store._get(self._session, INDEX)
        if self._index not in (None, index):
            # One process writes at a time; one that was thought dead must not overwrite what came after.
            raise OSError("the recording goes on elsewhere")
        self._index = index
        name = f"{self._session}/{segment.name}"
        self._store.put(self._session, segment.name, seal(data, self._key, name))
        index = self._index + segment.model_dump_json().encode() + b"\n"
        self._store.put(self._session, INDEX, index)
        self._index = index


@contextmanager
def whole_file(path: Path) -> Iterator[Any]:
    """A file that appears under its name only once it is whole and on the disk. Mode 0600.

    Written under a temporary name, synced, renamed, and the folder synced; a failure leaves nothing.
    """
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
