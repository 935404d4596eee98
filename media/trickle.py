"""Candidates that follow the offer: the SDP fragments of trickle ICE (RFC 8840, RFC 9725 section 4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from media.errors import OfferError
from media.sdp import Offer, is_candidate, is_credential

MAX_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Trickled:
    """Usable candidates as (mid, value of a=candidate), and whether the client will send no more."""

    candidates: tuple[tuple[str, str], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Restart:
    """A client's new credentials and what candidates it has so far; see `Trickled`."""

    ufrag: str
    password: str
    candidates: tuple[tuple[str, str], ...]


def read_restart(text: str, offer: Offer) -> Restart:
    """An ICE restart (RFC 9725 section 4.3.2). Raises `OfferError`: `ice.malformed`."""
    lines = [line.strip().partition(":") for line in text.replace("\r", "").split("\n")]
    ufrags = {value.strip() for name, _, value in lines if name == "a=ice-ufrag"}
    passwords = {value.strip() for name, _, value in lines if name == "a=ice-pwd"}
    if len(ufrags) != 1 or len(passwords) != 1:
        raise OfferError("ice.malformed", "a restart names one a=ice-ufrag and one a=ice-pwd")
    (ufrag,), (password,) = ufrags, passwords
    if not is_credential(ufrag) or not is_credential(password):
        raise OfferError("ice.malformed", "the ICE credentials are malformed")
    if ufrag == offer.ufrag:
        raise OfferError("ice.malformed", "the a=ice-ufrag of a restart is a new one")
    return Restart(ufrag, password, read_fragment(text, replace(offer, ufrag=ufrag)).candidates)


def write_restart(offer: Offer, ufrag: str, password: str, candidates: Iterable[str]) -> str:
    """The server's side of a restart: its new credentials and all of its candidates."""
    section = next(section for section in offer.sections if section.taken)
    mids = [section.mid for section in offer.sections if section.taken]
    return "\r\n".join(
        [
            "a=ice-options:trickle",
            *([f"a=group:BUNDLE {' '.join(mids)}"] if offer.bundled else []),
            f"m={section.kind} 9 {section.profile} {section.formats[0]}",
            *([f"a=mid:{section.mid}"] if offer.named else []),
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            *(f"a=candidate:{value}" for value in candidates),
            "a=end-of-candidates",
            "",
        ]
    )


def read_fragment(text: str, offer: Offer) -> Trickled:
    """Raises `OfferError`: `ice.malformed`; `ice.restart-unsupported` for credentials not the offer's.

    A section is named by its mid; a pseudo `m=` line without one goes by its position. Candidates that
    cannot be used (TCP, mDNS names, a section that was not taken) are left out.
    """
    if len(text) > MAX_BYTES:
        raise OfferError("ice.malformed", "the fragment is longer than any real one")
    index, mid, complete = -1, "", False
    candidates: list[tuple[str, str]] = []
    known = {section.mid or "0": section.taken for section in offer.sections}
    for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
        name, _, value = line.strip().partition(":")
        value = value.strip()
        if not name:
            continue
        if name.startswith("m="):
            index += 1
            if index >= len(offer.sections):
                raise OfferError("ice.malformed", f"line {number}: the offer has no such section")
            mid = offer.sections[index].mid or "0"
        elif not name.startswith("a="):
            raise OfferError("ice.malformed", f"line {number} is neither m= nor a=")
        elif name == "a=mid":
            if value not in known:
                raise OfferError("ice.malformed", f"line {number}: the offer has no section of this mid")
            mid = value
        elif name == "a=ice-ufrag" and value != offer.ufrag:
            raise OfferError("ice.restart-unsupported", "these are not the credentials of this ICE session")
        elif name == "a=end-of-candidates":
            complete = True
        elif name == "a=candidate":
            mid = mid or _only_section(offer)
            if len(value.split()) < 8:
                raise OfferError("ice.malformed", f"line {number} is no candidate")
            if known[mid] and is_candidate(value):
                candidates.append((mid, value))
    if not candidates and not complete and "a=" not in text:
        raise OfferError("ice.malformed", "the fragment holds nothing")
    return Trickled(tuple(candidates), complete)


def _only_section(offer: Offer) -> str:
    """A candidate before any section belongs to the bundled transport."""
    return next(section.mid or "0" for section in offer.sections if section.taken)
