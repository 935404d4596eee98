"""The second factor: time-based codes (RFC 6238: SHA-1, six digits, 30 s), and recovery codes."""

from __future__ import annotations

import base64
import hmac
import io
import secrets
import time

import pyotp
import segno

STEP_S = 30
DRIFT = 1  # steps that the clocks may be apart, either way (RFC 6238 section 5.2)
CODES = 10


def new_secret() -> str:
    """160 random bits in base 32, as RFC 4226 section 4 recommends."""
    return pyotp.random_base32(32)


def uri(secret: str, email: str) -> str:
    """What an authenticator reads (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Viva")


def picture(text: str) -> str:
    """A QR code of it as an SVG document, dark on white whatever the page's colours are."""
    document = io.BytesIO()
    code = segno.make(text, error="m")
    code.save(document, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, nl=False)
    return document.getvalue().decode()


def step_of(secret: str, code: str, at: float | None = None) -> int | None:
    """The time step that the code is of, near the time `at` in seconds since 1970; None for a wrong one.

    All are compared, so that the time it takes does not tell which.
    """
    totp = pyotp.TOTP(secret)
    now = int((time.time() if at is None else at) // STEP_S)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        expected = totp.generate_otp(step).encode()
        if hmac.compare_digest(expected, code.encode("utf-8", "surrogatepass")):
            found = step
    return found


def recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, in four groups."""
    made = []
    for _ in range(CODES):
        plain = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        made.append("-".join(plain[start : start + 4] for start in range(0, 16, 4)))
    return made
