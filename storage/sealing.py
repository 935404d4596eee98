"""Sealing what must not lie in the database in the clear: AES-256-GCM (NIST SP 800-38D), one key a server."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import StorageError

SHORTEST = 32  # characters of a secret
_NONCE = 12


class WrongKey(StorageError):
    """It was sealed under another key, or altered since. The message names both keys by their ids."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """`id` names the key without telling anything of it; it is kept beside what was sealed."""

    id: str
    _key: bytes

    @classmethod
    def of(cls, secret: str) -> SealingKey:
        """From a secret text. Raises ValueError when it is shorter than 32 characters."""
        if len(secret) < SHORTEST:
            raise ValueError(f"a key needs at least {SHORTEST} characters")
        return cls(_derived(secret, b"viva face key id", 6).hex(), _derived(secret, b"viva face key", 32))

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce and ciphertext. `context` (whose it is, say) must be the same at `open`; it is not kept."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str, key_id: str) -> bytes:
        """Raises WrongKey."""
        if key_id != self.id:
            raise WrongKey(f"sealed with key {key_id}, but the server's key is {self.id}")
        try:
            return AESGCM(self._key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode())
        except InvalidTag:
            raise WrongKey(f"what was sealed with key {key_id} has been altered or moved") from None


def _derived(secret: str, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(secret.encode())
