"""The answer as it goes out: aiortc's, in the shape of the client's offer and with wishes for the bitrate."""

from __future__ import annotations

import re

from media.sdp import Offer, Section
from media.settings import MediaSettings


def finish_answer(text: str, offer: Offer, settings: MediaSettings, *, viewer: bool = False) -> str:
    """The WebRTC stack's answer to `offer.text`, completed for the offer that the client sent.

    Sections that were not taken are refused with port 0 at their place (RFC 3264), profiles are the client's
    (RFC 9429 section 5.3.1), and the sender is asked to start at a bitrate that carries 640×480 at once. A
    `viewer` sends no picture that could be asked for.
    """
    head, *written = re.split(r"(?m)^(?=m=)", text)
    sections = iter(written)
    body = [
        _taken(next(sections), section, offer, None if viewer else settings)
        if section.taken
        else _refused(section)
        for section in offer.sections
    ]
    lines = [line for line in head.split("\r\n") if line and not line.startswith("a=group:")]
    if offer.bundled:
        lines.append("a=group:BUNDLE " + " ".join(section.mid for section in offer.sections if section.taken))
    return "\r\n".join([*lines, "a=ice-options:trickle", ""]) + "".join(body)


def _refused(section: Section) -> str:
    lines = [f"m={section.kind} 0 {section.profile} {' '.join(section.formats)}", "c=IN IP4 0.0.0.0"]
    lines += [f"a=mid:{section.mid}"] if section.mid else []
    return "\r\n".join([*lines, "a=inactive", ""])


def _taken(text: str, section: Section, offer: Offer, settings: MediaSettings | None) -> str:
    lines = [line for line in text.split("\r\n") if line]
    if not offer.named:
        lines = [line for line in lines if not line.startswith("a=mid:")]
    kind, port, _, formats = lines[0].split(" ", 3)
    lines[0] = f"{kind} {port} {section.profile} {formats}"
    if settings is None:
        return "\r\n".join([*lines, ""])
    if section.kind == "audio":
        lines = _with_bandwidth(lines, settings.max_audio_kbps)
        lines = _with_options(lines, "opus", "stereo=0;usedtx=0")
        return "\r\n".join([*_with_repeats(lines, section), ""])
    if section.kind == "video":
        lines = _with_bandwidth(lines, settings.max_video_kbps)
        start = f"x-google-start-bitrate={settings.start_kbps}"
        for name in ("VP8", "H264"):
            lines = _with_options(lines, name, start)
    return "\r\n".join([*lines, ""])


def _with_bandwidth(lines: list[str], kbps: int) -> list[str]:
    place = next((i for i, line in enumerate(lines) if line.startswith("c=")), 0) + 1
    return [*lines[:place], f"b=AS:{kbps}", *lines[place:]]


def _with_repeats(lines: list[str], section: Section) -> list[str]:
    """Lost sound is asked for again (RFC 4585) where the client offers that; aiortc would not say so."""
    out: list[str] = []
    for line in lines:
        out.append(line)
        match = re.match(r"a=rtpmap:(\d+) ", line)
        if match and section.repeats(match[1]) and f"a=rtcp-fb:{match[1]} nack" not in lines:
            out.append(f"a=rtcp-fb:{match[1]} nack")
    return out


def _with_options(lines: list[str], codec: str, options: str) -> list[str]:
    """Adds format parameters to every payload type of one codec."""
    found = (re.match(rf"a=rtpmap:(\d+) {codec}/", line, re.IGNORECASE) for line in lines)
    numbers = [match[1] for match in found if match]
    out: list[str] = []
    for line in lines:
        match = re.match(r"a=fmtp:(\d+) ", line)
        out.append(f"{line};{options}" if match and match[1] in numbers else line)
        match = re.match(r"a=rtpmap:(\d+) ", line)
        if match and match[1] in numbers and not any(x.startswith(f"a=fmtp:{match[1]} ") for x in lines):
            out.append(f"a=fmtp:{match[1]} {options}")
    return out
