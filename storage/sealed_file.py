"""Files encrypted in chunks, so that any range can be read without the rest.

AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015; the same shape as Tink's
AES-GCM-HKDF streaming AEAD): a key of the file's own is derived by HKDF-SHA-256 from the session's data key,
a random salt and the file's name; each chunk's nonce holds its number and whether it is the last. A chunk
that was changed, moved, taken from another file or cut off does not open.

Layout: `VIVASEG1`, salt (32 bytes), then chunks of 64 KiB, each followed by its tag (16 bytes).
"""

from __future__ import annotations

import os
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"VIVASEG1"
SALT, TAG, CHUNK = 32, 16, 64 * 1024
HEAD = len(MAGIC) + SALT


class SealBroken(OSError):
    """A sealed file that does not open: damaged, cut off, or of another key."""


class RandomRead(Protocol):
    """What is needed of an open file: `seek`, `read`."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def read(self, size: int = -1, /) -> bytes: ...


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=MAGIC + name.encode()).derive(key)
    return AESGCM(derived)


def _nonce(number: int, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


def seal(data: bytes, key: bytes, name: str) -> bytes:
    """`data` as a sealed file. `key`: 32 bytes; `name` must be given again to open it."""
    salt = os.urandom(SALT)
    cipher = _cipher(key, salt, name)
    pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)] or [b""]
    sealed = (
        cipher.encrypt(_nonce(number, number == len(pieces) - 1), piece, None)
        for number, piece in enumerate(pieces)
    )
    return b"".join([MAGIC, salt, *sealed])


class SealedReader:
    """Reads ranges of a sealed file. `stored`: its length on disk in bytes. Raises SealBroken, OSError."""

    def __init__(self, file: RandomRead, stored: int, key: bytes, name: str) -> None:
        self._file = file
        file.seek(0)
        head = file.read(HEAD)
        chunks, rest = divmod(stored - HEAD, CHUNK + TAG)
        if len(head) != HEAD or not head.startswith(MAGIC) or 0 < rest < TAG or stored <= HEAD:
            raise SealBroken(f"{name} is no sealed file")
        self._count = chunks + (1 if rest else 0)
        self._name = name
        self._cipher = _cipher(key, head[len(MAGIC) :], name)
        self.size = stored - HEAD - TAG * self._count

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from `start` up to `end` (left out: all)."""
        end = self.size if end is None else min(end, self.size)
        if start >= end and self.size:
            return b""
        first, last = start // CHUNK, max(start, end - 1) // CHUNK
        self._file.seek(HEAD + first * (CHUNK + TAG))
        stored = self._file.read((last - first + 1) * (CHUNK + TAG))
        plain = []
        for number in range(first, last + 1):
            at = (number - first) * (CHUNK + TAG)
            plain.append(self._open(number, stored[at : at + CHUNK + TAG]))
        return b"".join(plain)[start - first * CHUNK : end - first * CHUNK]

    def _open(self, number: int, chunk: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, number == self._count - 1), chunk, None)
        except InvalidTag:
            raise SealBroken(f"{self._name} does not open") from None


class SealedWriter:
    """A file object to write into that only ever puts sealed chunks into `file`.

    Writes go forward, but into the first `front` bytes at any time until `close`: a muxer comes back there to
    put its index in. Anything else raises OSError.
    """

    def __init__(self, file: BinaryIO, key: bytes, name: str, front: int) -> None:
        salt = os.urandom(SALT)
        self._cipher = _cipher(key, salt, name)
        self._file = file
        file.write(MAGIC + salt)
        self._held = -(-max(front, 1) // CHUNK)  # chunks in front that stay open until the end
        self._front = bytearray()
        self._tail = bytearray()  # from `_sealed` on; holds at least the file's last byte
        self._sealed = self._held  # number of the chunk at the tail's beginning
        self._at = self.size = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = base + offset
        return self._at

    def write(self, data: bytes) -> int:
        view = memoryview(bytes(data))
        border = self._held * CHUNK
        if self._at < border:
            piece = view[: border - self._at]
            if self._at > len(self._front):
                raise OSError("a hole in a sealed file")
            self._front[self._at : self._at + len(piece)] = piece
            self._at += len(piece)
            view = view[len(piece) :]
        if view:
            start = self._at - self._sealed * CHUNK
            if start < 0 or start > len(self._tail):
                raise OSError("a sealed file is written forwards")
            self._tail[start : start + len(view)] = view
            self._at += len(view)
            self._seal_whole()
        self.size = max(self.size, self._at)
        return len(data)

    def close(self) -> None:
        """Seals what is held: only then is the file whole. Leaves `file` open."""
        front = bytes(self._front)
        pieces = [front[at : at + CHUNK] for at in range(0, len(front), CHUNK)] or [b""]
        if self._tail:
            self._put(self._sealed, bytes(self._tail), last=True)
        for number, piece in enumerate(pieces):
            self._put(number, piece, last=not self._tail and number == len(pieces) - 1)

    def _seal_whole(self) -> None:
        while len(self._tail) > CHUNK:
            self._put(self._sealed, bytes(self._tail[:CHUNK]), last=False)
            del self._tail[:CHUNK]
            self._sealed += 1

    def _put(self, number: int, piece: bytes, *, last: bool) -> None:
        self._file.seek(HEAD + number * (CHUNK + TAG))
        self._file.write(self._cipher.encrypt(_nonce(number, last), piece, None))
