"""All recordings of this server: where they are kept, how they are played, when they are deleted."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.settings import Settings
from media.record.assemble import Part, assemble, cover, front_bytes, parts
from media.record.items import CONTENT_TYPES, Segment
from media.worker import Worker
from storage.keys import MasterKey, key_file, read_key
from storage.sealed_file import SealedReader, SealedWriter
from storage.segments import Receipt, SegmentStore, SegmentWriter, whole_file

KEPT_FILES = 3  # assembled files kept per session, newest first
LINKS_KNOWN = 4096
DAY_S = 86_400.0
log = structlog.get_logger("viva.recordings")


@dataclass(frozen=True, slots=True)
class Playable:
    """One file that plays, sealed on disk. Its zero is `start` on the media clock; `size` in plain bytes."""

    session: str
    path: Path
    etag: str
    content_type: str
    start: float
    end: float
    size: int
    stored: int


class Recordings:
    """Reads and deletes; `writer` and `worker` are for those who record. Lives on one event loop."""

    def __init__(self, store: SegmentStore, played: Path) -> None:
        self.worker = Worker("media-record")
        self._store = store
        self._played = played
        self._links: OrderedDict[str, None] = OrderedDict()
        self._turn = asyncio.Lock()  # one file is assembled at a time: it costs a core

    @classmethod
    def open(cls, settings: Settings) -> Recordings:
        """Raises ValueError for a key that is none, OSError."""
        given = settings.media_key.get_secret_value() if settings.media_key else None
        master = MasterKey(read_key(given) if given else key_file(settings.media_key_file))
        url = settings.recordings_url or str(settings.data / "recordings")
        return cls(SegmentStore(url, master), settings.data / "playback")

    def close(self) -> None:
        self.worker.close()

    def writer(self, session: str) -> SegmentWriter:
        return self._store.writer(session)

    def first_read(self, link: str) -> bool:
        """True the first time that this link is used; a player then asks for many ranges with the same."""
        if link in self._links:
            return False
        self._links[link] = None
        while len(self._links) > LINKS_KNOWN:
            self._links.popitem(last=False)
        return True

    async def segments(self, session: str) -> list[Segment]:
        """The index; empty where nothing was recorded. Raises OSError."""
        lines = await asyncio.to_thread(self._store.index, session)
        return [Segment.model_validate(line) for line in lines]

    async def playable(self, session: str, start: float | None, end: float | None) -> Playable:
        """One file from the last key frame at or before `start` up to `end` (media time; None: all there is).

        It ends earlier where the codec changes. Raises LookupError, SealBroken, OSError.
        """
        found = parts(await self.segments(session))
        if not found:
            raise LookupError("nothing was recorded")
        first = found[0].start if start is None else start
        part = next((one for one in found if one.end > first), found[-1])
        # Up to whole milliseconds: the same question about a recording that is over gives the same file.
        until = round(min(part.end, part.end if end is None else end), 3)
        chosen, begin = cover(part, max(first, part.start), until)
        async with self._turn:
            return await asyncio.to_thread(self._file, session, chosen, begin, until)

    def _file(self, session: str, part: Part, begin: float, end: float) -> Playable:
        named = f"{session} {begin:.3f} {end:.3f} " + " ".join(one.sha256 for one in part.segments)
        name = hashlib.sha256(named.encode()).hexdigest()[:40]
        path = self._played / session / f"{name}.{part.container}"
        key = self._store.key(session)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with whole_file(path) as file:
                writer = SealedWriter(file, key, path.name, front_bytes(part))
                assemble(part, begin, end, lambda one: self._store.read(session, one.name), writer)
                writer.close()
            self._tidy(path.parent, path)
        stored = path.stat().st_size
        with path.open("rb") as opened:
            size = SealedReader(opened, stored, key, path.name).size
        kind = CONTENT_TYPES[part.container]
        return Playable(session, path, f'"{name}"', kind, begin, end, size, stored)

    def read(self, playable: Playable, start: int, end: int) -> bytes:
        """Bytes `start` up to `end` of the file; only the chunks they lie in are decrypted. Blocks."""
        with playable.path.open("rb") as file:
            key = self._store.key(playable.session)
            return SealedReader(file, playable.stored, key, playable.path.name).read(start, end)

    async def delete(self, session: str) -> Receipt | None:
        """Raises OSError. None where there was nothing."""
        async with self._turn:
            await asyncio.to_thread(shutil.rmtree, self._played / session, True)
            receipt = await asyncio.to_thread(self._store.delete, session)
        if receipt:
            log.info("recording deleted", session=session, segments=receipt.segments, bytes=receipt.size)
        return receipt

    async def expired(self, days: float) -> list[str]:
        """Sessions whose last segment is older. Raises OSError."""

        def find() -> list[str]:
            return [one for one in self._store.sessions() if self._store.age_s(one) > days * DAY_S]

        return await asyncio.to_thread(find)

    def _tidy(self, folder: Path, keep: Path) -> None:
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in [one for one in files if one != keep][KEPT_FILES - 1 :]:
            path.unlink(missing_ok=True)
