"""Offers: what of a client's SDP is taken, and why the rest is refused (RFC 8866, RFC 9429, RFC 9725).

A WHIP client offers at most one sound and one picture for us to receive. `read_offer` picks those sections,
and a data channel, and writes them again from checked tokens alone, so that the WebRTC stack never sees a
line that it could trip over. Sections that are not taken are answered with port 0 (`media.answer`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from media.errors import OfferError
from media.settings import MediaSettings

MAX_BYTES = 200_000
AUDIO_CODECS = {"opus": 48000, "pcmu": 8000, "pcma": 8000}
STATIC_CODECS = {"0": "PCMU/8000", "8": "PCMA/8000"}  # RFC 3551: need no rtpmap
EXTENSIONS = (
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
)
HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
SENDING = ("sendonly", "sendrecv")
RECEIVING = ("recvonly", "sendrecv")
_TOKEN = re.compile(r"[!#-~]{1,64}")
_ICE = re.compile(r"[A-Za-z0-9+/=_-]{1,256}")
_MEDIA = re.compile(r"m=([a-z]{1,16}) (\d{1,5})(?:/\d+)? ([A-Za-z0-9/]{1,40}) ([!-~]+(?: [!-~]+)*)")
_H264_PROFILE = re.compile(r"42[0-9a-fA-F]{4}")


@dataclass(slots=True)
class Section:
    """One `m=` section, its attributes in order as (name, value)."""

    kind: str
    port: int
    profile: str
    formats: list[str]
    attributes: list[tuple[str, str]] = field(default_factory=list)
    mid: str = ""
    taken: bool = False

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.attributes)

    def repeats(self, payload_type: str) -> bool:
        """Whether lost packets of this type may be asked for again (generic NACK, RFC 4585)."""
        offered = (value.split() for value in self.every("rtcp-fb"))
        return any(words[1:] == ["nack"] and words[0] in (payload_type, "*") for words in offered)

    @property
    def direction(self) -> str:
        names = ("sendonly", "sendrecv", "recvonly", "inactive")
        return next((key for key, _ in self.attributes if key in names), "sendrecv")

    @property
    def sends(self) -> bool:
        return self.direction in SENDING and self._open

    @property
    def receives(self) -> bool:
        return self.direction in RECEIVING and self._open

    @property
    def _open(self) -> bool:
        return self.port != 0 or self.has("bundle-only")


@dataclass(frozen=True, slots=True)
class Offer:
    """A checked offer. `text` is what the WebRTC stack is given; `sections` are all that were offered."""

    text: str
    sections: tuple[Section, ...]
    ufrag: str
    bundled: bool
    named: bool  # the client's sections carry a mid

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(section.kind for section in self.sections if section.taken)


def read_offer(text: str, settings: MediaSettings, *, viewer: bool = False) -> Offer:
    """The offer of one who publishes, or of a viewer, who wants to receive (draft-ietf-wish-whep).

    Raises `OfferError` for anything that cannot be answered, and nothing else.
    """
    session, sections = _parse(text)
    media = [section for section in sections if section.kind in ("audio", "video")]
    if not any(section.receives if viewer else section.sends for section in media):
        does = "receives" if viewer else "sends"
        raise OfferError("offer.no-media", f"the offer {does} neither sound nor picture")
    taken = _take(sections, viewer=viewer)
    named = all(section.mid for section in taken)
    if not named and len(taken) > 1:
        raise OfferError("offer.unsupported", "sections need a mid (a=mid)")
    bundled = _check_bundle(session, taken)
    ufrag, transport = _transport(session, taken)
    if any(section.kind != "application" and not section.has("rtcp-mux") for section in taken):
        raise OfferError("offer.unsupported", "RTP and RTCP must share one port (a=rtcp-mux)")
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if session.has("ice-lite"):
        lines.append("a=ice-lite")
    if bundled:
        lines.append("a=group:BUNDLE " + " ".join(section.mid for section in taken))
    for section in taken:
        lines += [*_describe(section, settings), *transport]
        lines += [f"a=candidate:{value}" for value in section.every("candidate") if is_candidate(value)]
    return Offer("\r\n".join(lines) + "\r\n", tuple(sections), ufrag, bundled, named)


def is_candidate(value: str) -> bool:
    """Whether a candidate (RFC 8839) can be used: UDP, component 1, and a literal address.

    mDNS names (`….local`) are left out: resolving one takes seconds, and the client's own checks make it
    known as peer-reflexive at once.
    """
    parts = value.split()
    if len(parts) < 8 or parts[6] != "typ" or parts[2].lower() != "udp" or parts[1] != "1":
        return False
    numbers = parts[3].isascii() and parts[3].isdigit() and parts[5].isascii() and parts[5].isdigit()
    if not numbers or not 0 < int(parts[5]) < 65536 or int(parts[3]) >= 1 << 32:
        return False
    rest = dict(zip(parts[8::2], parts[9::2], strict=False))
    if not rest.get("rport", "0").isdigit() or not rest.get("rport", "0").isascii():
        return False
    literal = re.fullmatch(r"[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}", parts[4])
    return bool(literal) and all(_TOKEN.fullmatch(part) for part in parts[:8])


def is_credential(value: str) -> bool:
    """Whether it can be an `ice-ufrag` or `ice-pwd`."""
    return bool(_ICE.fullmatch(value))


def _parse(text: str) -> tuple[Section, list[Section]]:
    if len(text) > MAX_BYTES:
        raise OfferError("offer.malformed", "the offer is longer than any real one")
    lines = [line.rstrip("\r") for line in text.strip().split("\n")]
    if lines[0].strip() != "v=0":
        raise OfferError("offer.malformed", "the first line must be v=0")
    if not any(line.startswith("o=") for line in lines):
        raise OfferError("offer.malformed", "there is no origin (o=)")
    session = Section("session", 0, "", [])
    sections: list[Section] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("m="):
            found = _MEDIA.fullmatch(line.strip())
            if found is None or int(found[2]) > 65535:
                raise OfferError("offer.malformed", f"line {number} is no media description")
            sections.append(Section(found[1], int(found[2]), found[3], found[4].split()))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            (sections[-1] if sections else session).attributes.append((name.strip(), value.strip()))
        elif line.strip() and not re.match(r"[a-z]=", line):
            raise OfferError("offer.malformed", f"line {number} is not of the form x=…")
    if not sections:
        raise OfferError("offer.no-media", "the offer holds no media section")
    for number, section in enumerate(sections):
        section.mid = section.first("mid") or ""
        if section.mid and not _TOKEN.fullmatch(section.mid):
            raise OfferError("offer.malformed", f"the mid of section {number} is malformed")
    mids = [section.mid for section in sections if section.mid]
    if len(set(mids)) != len(mids):
        raise OfferError("offer.malformed", "two sections have the same mid")
    return session, sections


def _take(sections: Sequence[Section], *, viewer: bool) -> list[Section]:
    """The first sending (a viewer's: receiving) section of either kind, and the first data channel."""
    wanted = {"audio", "video", "application"}
    for section in sections:
        if section.kind not in wanted:
            continue
        data = section.kind == "application" and "DTLS/SCTP" in section.profile
        if data and section.port != 0 and (section.mid or len(sections) == 1):
            data = section.profile != "DTLS/SCTP" or section.formats[0].isdigit()
            section.taken = data
        elif section.kind != "application":
            section.taken = section.receives if viewer else section.sends
        if section.taken:
            wanted.discard(section.kind)
    return [section for section in sections if section.taken]


def _check_bundle(session: Section, taken: Sequence[Section]) -> bool:
    groups = [value.split()[1:] for value in session.every("group") if value.split()[:1] == ["BUNDLE"]]
    if len(taken) < 2:
        return bool(taken[0].mid) and any(taken[0].mid in group for group in groups)
    if not any(all(section.mid in group for section in taken) for group in groups):
        raise OfferError("offer.unsupported", "sound and picture must share one transport (a=group:BUNDLE)")
    return True


def _transport(session: Section, taken: Sequence[Section]) -> tuple[str, list[str]]:
    """The ufrag, and the ICE and DTLS lines that all taken sections share."""

    def find(name: str) -> str | None:
        return next((value for part in (*taken, session) if (value := part.first(name)) is not None), None)

    prints = next((found for part in (*taken, session) if (found := part.every("fingerprint"))), [])
    usable = [value for value in prints if _is_fingerprint(value)]
    if not prints:
        raise OfferError("offer.no-dtls", "there is no certificate fingerprint (a=fingerprint)")
    if not usable:
        raise OfferError("offer.no-dtls", "no fingerprint is of SHA-256, SHA-384 or SHA-512")
    setup = find("setup") or "active"  # RFC 4145, section 4: the default
    if setup not in ("actpass", "active", "passive"):
        raise OfferError("offer.no-dtls", "a=setup must be actpass, active or passive")
    ufrag, password = find("ice-ufrag"), find("ice-pwd")
    if not ufrag or not password:
        raise OfferError("offer.no-ice", "there are no ICE credentials (a=ice-ufrag, a=ice-pwd)")
    if not is_credential(ufrag) or not is_credential(password):
        raise OfferError("offer.no-ice", "the ICE credentials are malformed")
    lines = [f"a=fingerprint:{value}" for value in usable]
    return ufrag, [*lines, f"a=setup:{setup}", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}"]


def _is_fingerprint(value: str) -> bool:
    algorithm, _, digest = value.partition(" ")
    size = HASHES.get(algorithm.lower())
    octets = digest.strip().split(":")
    return size == len(octets) and all(re.fullmatch(r"[0-9a-fA-F]{2}", octet) for octet in octets)


def _describe(section: Section, settings: MediaSettings) -> list[str]:
    """The section's own lines, with the codecs that both sides know."""
    mid = section.mid or "0"
    if section.kind == "application":
        if section.profile == "DTLS/SCTP":
            head = [f"m=application 9 DTLS/SCTP {int(section.formats[0])}"]
        else:
            port = section.first("sctp-port") or "5000"
            head = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel"]
            head.append(f"a=sctp-port:{port if port.isascii() and port.isdigit() else 5000}")
        size = section.first("max-message-size") or "65536"
        size = size if size.isascii() and size.isdigit() and len(size) < 10 else "65536"
        return [*head, "c=IN IP4 0.0.0.0", f"a=mid:{mid}", f"a=max-message-size:{size}"]
    codecs = _common_codecs(section, settings)
    lines = [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(codecs)}", "c=IN IP4 0.0.0.0"]
    lines += [f"a=mid:{mid}", f"a={section.direction}", "a=rtcp-mux"]
    for value in section.every("extmap"):
        number, _, uri = value.partition(" ")
        number = number.partition("/")[0]
        if uri.strip() in EXTENSIONS and number.isascii() and number.isdigit() and 0 < int(number) < 256:
            lines.append(f"a=extmap:{number} {uri.strip()}")
    for number, described in codecs.items():
        lines += [f"a=rtpmap:{number} {described[0]}"]
        lines += [f"a=fmtp:{number} {described[1]}"] if described[1] else []
        lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in _feedback(section, number)]
    return lines + _sources(section)


def _common_codecs(section: Section, settings: MediaSettings) -> dict[str, tuple[str, str]]:
    """Payload type → (encoding, parameters) in the client's order, retransmission (RFC 4588) included."""
    maps = dict(STATIC_CODECS) if section.kind == "audio" else {}
    maps |= {number: encoding.strip() for number, encoding in _by_payload(section, "rtpmap")}
    parameters = dict(_by_payload(section, "fmtp"))
    common: dict[str, tuple[str, str]] = {}
    for number in section.formats:
        if not re.fullmatch(r"\d{1,3}", number) or int(number) > 127 or number not in maps:
            continue
        name, _, rate = maps[number].partition("/")
        rate = rate.partition("/")[0]
        options = _options(parameters.get(number, ""))
        if section.kind == "audio" and str(AUDIO_CODECS.get(name.lower())) == rate:
            channels = "/2" if name.lower() == "opus" else ""
            common[number] = (f"{name}/{rate}{channels}", "")
        elif section.kind == "video" and name.upper() in settings.video_codecs and rate == "90000":
            if name.upper() == "VP8":
                common[number] = (f"VP8/{rate}", "")
            elif options.get("packetization-mode") == "1" and _H264_PROFILE.fullmatch(
                options.get("profile-level-id", "42e01f")
            ):
                profile = options.get("profile-level-id", "42e01f")
                common[number] = (
                    f"H264/{rate}",
                    f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}",
                )
        elif name.lower() == "rtx" and rate == "90000" and options.get("apt") in common:
            common[number] = (f"rtx/{rate}", f"apt={options['apt']}")
    if not common:
        known = "Opus, PCMU, PCMA" if section.kind == "audio" else ", ".join(settings.video_codecs)
        what = "sound" if section.kind == "audio" else "picture"
        raise OfferError("offer.no-common-codec", f"the {what} is offered in none of {known}")
    return common


def _by_payload(section: Section, name: str) -> list[tuple[str, str]]:
    pairs = (value.partition(" ") for value in section.every(name))
    return [(number, rest) for number, _, rest in pairs]


def _options(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {key.lower(): value for key, _, value in pairs if re.fullmatch(r"[\w-]+", key)}


def _feedback(section: Section, number: str) -> list[str]:
    known = ("nack", "nack pli", "goog-remb")
    found = [rest.strip() for payload, rest in _by_payload(section, "rtcp-fb") if payload in (number, "*")]
    return [feedback for feedback in known if feedback in found]


def _sources(section: Section) -> list[str]:
    """The stream's SSRC, and that of its retransmissions where the client names the pair (RFC 5576)."""
    pattern = re.compile(r"\d{1,10}")
    for value in section.every("ssrc-group"):
        parts = value.split()
        if parts[:1] == ["FID"] and len(parts) == 3 and all(pattern.fullmatch(part) for part in parts[1:]):
            return [f"a=ssrc-group:{' '.join(parts)}", *(f"a=ssrc:{part} cname:c" for part in parts[1:])]
    names = [value.split(" ", 1)[0] for value in section.every("ssrc")]
    return [f"a=ssrc:{name} cname:c" for name in names[:1] if pattern.fullmatch(name)]
