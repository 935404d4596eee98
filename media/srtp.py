"""SRTP (RFC 3711) of what comes in, by libsrtp through pylibsrtp's own binding.

`pylibsrtp.Session.unprotect` allocates for every packet; a core that takes ten thousand a second has better
to do. What is decrypted, and what is refused, is libsrtp's affair here as there.
"""

from __future__ import annotations

from typing import Any

import pylibsrtp
from pylibsrtp import ffi, lib

OK = lib.srtp_err_status_ok


class Unprotector:
    """Takes the packets of one session, on one thread."""

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session: Any = session  # keeps what the handles below point into
        self._handle = self._session._srtp[0]
        self._memory = self._session._cdata
        self._buffer = self._session._buffer
        self._most = len(self._memory)
        self._length = ffi.new("int *")

    def __call__(self, packet: bytes) -> bytes | None:
        """The RTP packet; None for one that is forged, repeated, too long, or of another key."""
        length = len(packet)
        if length > self._most:
            return None
        self._buffer[0:length] = packet
        self._length[0] = length
        if lib.srtp_unprotect(self._handle, self._memory, self._length) != OK:
            return None
        plain: bytes = self._buffer[0 : self._length[0]]
        return plain
