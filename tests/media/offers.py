"""Offers in the shape that browsers and OBS send them."""

from __future__ import annotations

FINGERPRINT = "sha-256 " + ":".join(["5A"] * 32)
ICE = ["a=ice-ufrag:Ab1+", "a=ice-pwd:0123456789abcdefghijkl"]
TRANSPORT = [*ICE, "a=ice-options:trickle", f"a=fingerprint:{FINGERPRINT}", "a=setup:actpass"]
HEAD = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]

AUDIO = [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13",
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2113937151 3ae0fd7b-7c8f-4f4e-8f2e-2f6f1f0d5a11.local 54321 typ host generation 0",
    "a=candidate:2 1 udp 2113937151 192.0.2.7 54321 typ host generation 0 network-cost 999",
    "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0",
    *TRANSPORT,
    "a=mid:0",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=sendonly",
    "a=msid:s a",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtpmap:63 red/48000/2",
    "a=fmtp:63 111/111",
    "a=rtpmap:9 G722/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:13 CN/8000",
    "a=ssrc:1111 cname:x",
]
VIDEO = [
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 45",
    "c=IN IP4 0.0.0.0",
    *TRANSPORT,
    "a=mid:1",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=extmap:13 urn:3gpp:video-orientation",
    "a=sendonly",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 goog-remb",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=rtpmap:102 H264/90000",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:103 rtx/90000",
    "a=fmtp:103 apt=102",
    "a=rtpmap:45 AV1/90000",
    "a=ssrc-group:FID 2222 3333",
    "a=ssrc:2222 cname:x",
    "a=ssrc:3333 cname:x",
]
DATA = [
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    *TRANSPORT,
    "a=mid:2",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
]


def sdp(*parts: list[str]) -> str:
    return "\r\n".join(line for part in parts for line in part) + "\r\n"


def bundle(*mids: str) -> list[str]:
    return ["a=group:BUNDLE " + " ".join(mids), "a=extmap-allow-mixed", "a=msid-semantic: WMS s"]


CHROMIUM = sdp(HEAD, bundle("0", "1"), AUDIO, VIDEO)
CHROMIUM_DATA = sdp(HEAD, bundle("0", "1", "2"), AUDIO, VIDEO, DATA)
SOUND_ONLY = sdp(HEAD, bundle("0"), AUDIO)
PICTURE_ONLY = sdp(HEAD, bundle("1"), VIDEO)
OBS = sdp(
    [*HEAD, "a=group:BUNDLE 0 1", "a=setup:actpass", *ICE, f"a=fingerprint:{FINGERPRINT}"],
    [
        "m=audio 58712 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:111 OPUS/48000/2",
        "a=ssrc:7 cname:o",
    ],
    [
        "m=video 58712 UDP/TLS/RTP/SAVPF 96",
        "a=mid:1",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtpmap:96 H264/90000",
        "a=rtcp-fb:96 nack",
        "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
        "a=ssrc:8 cname:o",
    ],
)


def without(offer: str, *starts: str) -> str:
    """The offer without the lines that start so."""
    return "".join(line for line in offer.splitlines(True) if not line.startswith(starts))
