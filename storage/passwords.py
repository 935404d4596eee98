"""Password hashes: Argon2id (RFC 9106) by argon2-cffi, in a thread, a few at a time for their memory."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2  # each takes `memory_cost` KiB while it runs


class Passwords:
    """Lives on one event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Without a hasher: RFC 9106's second recommendation, argon2-cffi's default (64 MiB, 3 passes)."""
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def check(self, hashed: str | None, password: str) -> bool:
        """False takes as long as true, also where `hashed` is None: nobody learns which accounts exist."""
        if hashed is None:
            self._nobody = self._nobody or await self.hash(secrets.token_urlsafe(32))
        async with self._turn:
            right = await asyncio.to_thread(self._verify, hashed or self._nobody or "", password)
        return right and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
