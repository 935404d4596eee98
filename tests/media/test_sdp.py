"""Every offer is answered, or refused for a reason that can be told."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from media.aiortc_adapter import Peer
from media.answer import finish_answer
from media.errors import OfferError
from media.sdp import Offer, is_candidate, read_offer
from media.settings import MediaSettings
from tests.media import offers

SETTINGS = MediaSettings(ice_hosts=("127.0.0.1",))
CODES = {
    "offer.malformed",
    "offer.no-media",
    "offer.no-common-codec",
    "offer.no-dtls",
    "offer.no-ice",
    "offer.unsupported",
}
EVAL = Path(os.environ.get("VIVA_EVAL", Path(__file__).parents[3] / "shared" / "eval")) / "sdp"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    one = Peer(SETTINGS, {}, lambda state: None)
    yield one
    await one.close()


async def answer(peer: Peer, text: str) -> str:
    offer = read_offer(text, SETTINGS)
    return finish_answer(await peer.answer(offer), offer, SETTINGS)


def read_or_refuse(text: str) -> Offer | None:
    """The checked offer, None when it is refused with a known code; any other exception is a failure."""
    refusal = None
    try:
        return read_offer(text, SETTINGS)
    except OfferError as error:
        refusal = error
    assert refusal.code in CODES
    return None


@pytest.mark.parametrize(
    ("offer", "kinds"),
    [
        (offers.CHROMIUM, {"audio", "video"}),
        (offers.CHROMIUM_DATA, {"audio", "video", "application"}),
        (offers.SOUND_ONLY, {"audio"}),
        (offers.PICTURE_ONLY, {"video"}),
        (offers.OBS, {"audio", "video"}),
        (offers.CHROMIUM.replace("\r\n", "\n"), {"audio", "video"}),
        (offers.without(offers.SOUND_ONLY, "a=mid", "a=group"), {"audio"}),
    ],
    ids=["chromium", "data channel", "sound", "picture", "obs", "newlines", "no mid"],
)
async def test_offers_of_clients_are_answered(peer: Peer, offer: str, kinds: set[str]) -> None:
    text = await answer(peer, offer)
    offered, answered = SessionDescription.parse(offer), SessionDescription.parse(text)
    assert [(m.kind, m.rtp.muxId) for m in answered.media] == [(m.kind, m.rtp.muxId) for m in offered.media]
    assert {m.kind for m in answered.media if m.port} == kinds
    assert all(m.ice_candidates and m.ice_candidates_complete for m in answered.media)
    for media in answered.media:
        assert media.kind == "application" or media.direction == "recvonly"
    assert ("a=group:BUNDLE" in text) == ("a=group:BUNDLE" in offer)


async def test_the_answer_asks_for_a_good_start(peer: Peer) -> None:
    text = await answer(peer, offers.CHROMIUM)
    assert "a=fmtp:96 x-google-start-bitrate=1200\r\n" in text
    assert "profile-level-id=42e01f;x-google-start-bitrate=1200\r\n" in text
    assert "b=AS:1500\r\n" in text
    assert "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=0;usedtx=0\r\n" in text
    assert "a=ice-options:trickle\r\n" in text
    assert "AV1" not in text
    assert "G722" not in text


async def test_sections_that_are_not_taken_are_refused_in_their_place(peer: Peer) -> None:
    screen = [line.replace("a=mid:1", "a=mid:9").replace("m=video 9", "m=video 10") for line in offers.VIDEO]
    text = offers.sdp(offers.HEAD, offers.bundle("9", "0", "1"), screen, offers.AUDIO, offers.VIDEO)
    lines = [line for line in (await answer(peer, text)).split("\r\n") if line.startswith(("m=", "a=mid"))]
    ports = [int(line.split()[1]) for line in lines if line.startswith("m=")]
    assert [bool(port) for port in ports] == [True, True, False]
    assert [line for line in lines if line.startswith("a=mid")] == ["a=mid:9", "a=mid:0", "a=mid:1"]


REFUSED = {
    "empty": ("", "offer.malformed"),
    "no offer": ("GET / HTTP/1.1\r\n\r\n", "offer.malformed"),
    "binary": ("\x00\xff\ufffd" * 50, "offer.malformed"),
    "endless": ("v=0\r\no=- 1 1 IN IP4 0\r\n" + "a=x\r\n" * 100_000, "offer.malformed"),
    "bad section": (offers.SOUND_ONLY.replace("m=audio 9", "m=audio x"), "offer.malformed"),
    "two of a mid": (offers.CHROMIUM.replace("a=mid:1", "a=mid:0"), "offer.malformed"),
    "head only": (offers.sdp(offers.HEAD), "offer.no-media"),
    "data alone": (offers.sdp(offers.HEAD, offers.bundle("2"), offers.DATA), "offer.no-media"),
    "wants to watch": (offers.CHROMIUM.replace("a=sendonly", "a=recvonly"), "offer.no-media"),
    "disabled": (offers.SOUND_ONLY.replace("m=audio 9", "m=audio 0"), "offer.no-media"),
    "no fingerprint": (offers.without(offers.CHROMIUM, "a=fingerprint"), "offer.no-dtls"),
    "weak hash": (offers.CHROMIUM.replace("sha-256", "sha-1"), "offer.no-dtls"),
    "no role": (offers.CHROMIUM.replace("setup:actpass", "setup:holdconn"), "offer.no-dtls"),
    "no ice": (offers.without(offers.CHROMIUM, "a=ice-pwd"), "offer.no-ice"),
    "odd ice": (offers.CHROMIUM.replace("Ab1+", "A b ü"), "offer.no-ice"),
    "AV1 alone": (offers.PICTURE_ONLY.replace("96 97 102 103 45", "45"), "offer.no-common-codec"),
    "G.722 alone": (offers.SOUND_ONLY.replace("111 63 9 0 8 13", "9"), "offer.no-common-codec"),
    "no mux": (offers.without(offers.CHROMIUM, "a=rtcp-mux"), "offer.unsupported"),
    "no bundle": (offers.without(offers.CHROMIUM, "a=group"), "offer.unsupported"),
    "no mids": (offers.without(offers.CHROMIUM, "a=mid"), "offer.unsupported"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_reason_of_a_refusal(what: str) -> None:
    offer, code = REFUSED[what]
    with pytest.raises(OfferError) as refused:
        read_offer(offer, SETTINGS)
    assert refused.value.code == code
    assert refused.value.detail
    assert "\n" not in refused.value.detail


def _real_offers() -> list[str]:
    if not (EVAL / "offers.csv").is_file():
        return []
    with (EVAL / "offers.csv").open(newline="") as table:
        return [row["path"] for row in csv.DictReader(table)]


@pytest.mark.eval
@pytest.mark.skipif(not _real_offers(), reason=f"no offers at {EVAL}: set VIVA_EVAL to the labelled material")
@pytest.mark.parametrize("path", _real_offers())
async def test_real_offers_are_answered_or_refused_for_a_reason(path: str, peer: Peer) -> None:
    text = (EVAL / path).read_text(errors="replace")
    offer = read_or_refuse(text)
    if offer is not None:
        answered = finish_answer(await peer.answer(offer), offer, SETTINGS)
        assert SessionDescription.parse(answered).media


@pytest.mark.eval
@pytest.mark.skipif(not _real_offers(), reason=f"no offers at {EVAL}: set VIVA_EVAL to the labelled material")
def test_offers_of_browsers_and_obs_are_not_refused() -> None:
    for path in ("exwebrtc_chromium_audio_video_sdp.sdp", "exwebrtc_obs_audio_video_sdp.sdp"):
        assert read_offer((EVAL / path).read_text(), SETTINGS).kinds == {"audio", "video"}
    for path in ("aiortc_test_audio_firefox.sdp", "aiortc_test_audio_chrome.sdp"):
        assert read_offer((EVAL / path).read_text(), SETTINGS).kinds == {"audio"}


GOOD = (offers.CHROMIUM_DATA, offers.OBS, offers.SOUND_ONLY, offers.PICTURE_ONLY)
NOISE = ("", "a", "-1", "99999999999", "0", " ", ":", "/", "\x00", "\u2028", "ü", "1 2 3", "=", "127", "%s")


def mutate(offer: str, seed: int) -> str:
    """Lines dropped, doubled, swapped and cut, tokens replaced by nonsense."""
    rng = random.Random(seed)
    lines = offer.split("\r\n")
    for _ in range(rng.randint(1, 6)):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(6):
            case 0:
                del lines[i]
            case 1:
                lines.insert(j, lines[i])
            case 2:
                lines[i], lines[j] = lines[j], lines[i]
            case 3:
                lines[i] = lines[i][: rng.randint(0, len(lines[i]))]
            case 4:
                lines[i] = lines[i] + rng.choice(NOISE)
            case _:
                parts = lines[i].split(rng.choice(" :/;="))
                parts[rng.randrange(len(parts))] = rng.choice(NOISE)
                lines[i] = rng.choice(" :/;=").join(parts)
    return "\r\n".join(lines)


@pytest.mark.parametrize("seed", range(60))
async def test_damaged_offers_never_surprise(peer: Peer, seed: int) -> None:
    for again in range(5):
        offer = read_or_refuse(mutate(GOOD[seed % len(GOOD)], seed * 100 + again))
        if offer is not None:
            # What passes the checks is taken by aiortc without an objection.
            SessionDescription.parse(finish_answer(await peer.answer(offer), offer, SETTINGS))
            return


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), st.text().map(lambda text: f"v=0\r\no=-\r\nm=audio 9 X 0\r\na={text}")))
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(text, SETTINGS)
    assert refused.value.code in CODES


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(GOOD), st.integers(0, 1 << 30))
def test_what_passes_the_checks_is_well_formed(offer: str, seed: int) -> None:
    checked = read_or_refuse(mutate(offer, seed))
    if checked is None:
        return
    parsed = SessionDescription.parse(checked.text)
    assert all(media.rtp.codecs for media in parsed.media if media.kind != "application")
    assert all(
        is_candidate(line[12:]) for line in checked.text.split("\r\n") if line.startswith("a=candidate:")
    )


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        ("1 1 udp 2113937151 192.0.2.7 54321 typ host", True),
        ("1 1 UDP 2113937151 2001:db8::1 54321 typ srflx raddr 10.0.0.1 rport 9 generation 0", True),
        ("1 1 udp 1 3ae0fd7b.local 54321 typ host", False),
        ("1 1 tcp 1 192.0.2.7 9 typ host tcptype active", False),
        ("1 2 udp 1 192.0.2.7 9 typ host", False),
        ("1 1 udp 1 192.0.2.7 0 typ host", False),
        ("1 1 udp 1 192.0.2.7 70000 typ host", False),
        ("1 1 udp -1 192.0.2.7 9 typ host", False),
        ("1 1 udp 1 example.com 9 typ host", False),
        ("1 1 udp 1 192.0.2.7 9 typ host rport x", False),
        ("", False),
    ],
)
def test_candidates(value: str, usable: bool) -> None:
    assert is_candidate(value) == usable


async def test_repeated_sound_is_taken_where_it_is_offered(peer: Peer) -> None:
    offered = offers.CHROMIUM.replace(
        "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n"
    )
    assert offered != offers.CHROMIUM
    assert "a=rtcp-fb:111 nack\r\n" in await answer(peer, offered)


async def test_repeated_sound_is_not_wished_for_unasked(peer: Peer) -> None:
    assert "a=rtcp-fb:111 nack\r\n" not in await answer(peer, offers.CHROMIUM)


@pytest.mark.parametrize(
    ("audio", "video", "kinds"),
    [
        ("recvonly", "recvonly", {"audio", "video"}),
        ("sendrecv", "recvonly", {"audio", "video"}),  # with talk-back
        ("recvonly", "sendonly", {"audio"}),
        ("inactive", "recvonly", {"video"}),
    ],
)
def test_a_viewer_gets_the_sections_that_receive(audio: str, video: str, kinds: set[str]) -> None:
    sections = [
        [line.replace("a=sendonly", f"a={direction}") for line in section]
        for direction, section in ((audio, offers.AUDIO), (video, offers.VIDEO))
    ]
    text = offers.sdp(offers.HEAD, offers.bundle("0", "1"), *sections)
    offer = read_offer(text, MediaSettings(), viewer=True)
    assert offer.kinds == kinds
    assert [section.taken for section in offer.sections] == [kind in kinds for kind in ("audio", "video")]


def test_a_publisher_is_no_viewer() -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(offers.CHROMIUM, MediaSettings(), viewer=True)
    assert refused.value.code == "offer.no-media"
