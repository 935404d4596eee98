"""The master key of recordings, and the data key of each session that it wraps (RFC 3394)."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from storage.sealed_file import SealBroken

KEY_BYTES = 32


def read_key(text: str) -> bytes:
    """32 bytes from base64 (standard or URL alphabet) or hexadecimal. Raises ValueError, without the text."""
    text = text.strip()
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        key = base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("the media key is not 32 bytes as base64 or hexadecimal")
    return key


def key_file(path: Path) -> bytes:
    """The key kept at `path`, made when missing; the file has mode 0600 from its first moment.

    Raises ValueError for a file that holds no key, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_key(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        key = os.urandom(KEY_BYTES)
        file.write(base64.urlsafe_b64encode(key).decode())
        file.flush()
        os.fsync(file.fileno())
    return key


class MasterKey:
    """Wraps the data keys. Without it nothing that was recorded can be read again."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._key = key

    def new(self) -> tuple[bytes, bytes]:
        """(data key, the same wrapped)."""
        key = os.urandom(KEY_BYTES)
        return key, aes_key_wrap(self._key, key)

    def open(self, wrapped: bytes) -> bytes:
        """Raises SealBroken where another master key wrapped it."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap:
            raise SealBroken("the data key was wrapped by another master key") from None
