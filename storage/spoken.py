"""Questions that were read aloud before: a folder of sound files, each named by what is said in it and how.

Several processes may share the folder. Whoever renders holds `turn`, so that nothing is rendered twice at
once; files appear whole, by renaming. They hold no more than the database's questions do: not sealed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from storage.segments import whole_file

_NAME = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{3,4}")


@dataclass(frozen=True, slots=True)
class SpokenFile:
    """`data`: the whole file, some 3 kB for each second. `etag`: of these bytes, strong, with its quotes."""

    data: bytes
    etag: str


def key(voice: str, language: str, text: str) -> str:
    """SHA-256 of what decides how it sounds; `voice` names engine, version and voice."""
    return hashlib.sha256("\0".join((voice, language, text)).encode()).hexdigest()


class SpokenFiles:
    """All methods block, but for no longer than a file takes; they raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, key: str, kinds: tuple[str, ...]) -> bool:
        return all(self._path(key, kind).is_file() for kind in kinds)

    def read(self, key: str, kind: str) -> SpokenFile | None:
        """`kind`: the suffix. None where there is none. Reading keeps it from being tidied away."""
        try:
            with self._path(key, kind).open("rb") as file:
                data, told = file.read(), os.fstat(file.fileno())
                os.utime(file.fileno(), ns=(time.time_ns(), told.st_mtime_ns))
        except FileNotFoundError:
            return None
        return SpokenFile(data, f'"{key[:24]}-{kind}-{told.st_mtime_ns:x}"')

    def keep(self, key: str, files: Mapping[str, bytes]) -> None:
        """By suffix. Call it within `turn`."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for kind, data in files.items():
            with whole_file(self._path(key, kind)) as file:
                file.write(data)

    @contextlib.contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is this process's turn to render. Given back by the kernel when the process dies."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def tidy(self, max_bytes: int) -> int:
        """Removes what was not read for longest until the rest fits. Returns the number of files removed."""
        files = [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        known = sorted(((path.stat(), path) for path in files), key=lambda one: one[0].st_atime_ns)
        total, removed = sum(told.st_size for told, _ in known), 0
        for told, path in known:
            if total <= max_bytes:
                break
            path.unlink(missing_ok=True)
            total, removed = total - told.st_size, removed + 1
        return removed

    def _path(self, key: str, kind: str) -> Path:
        name = f"{key}.{kind}"
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name} names no spoken file")
        return self._folder / name
