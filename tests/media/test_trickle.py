"""Trickled candidates (RFC 8840)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import OfferError
from media.sdp import read_offer
from media.settings import MediaSettings
from media.trickle import Trickled, read_fragment
from tests.media import offers

OFFER = read_offer(offers.CHROMIUM, MediaSettings())
HOST = "1 1 udp 2113937151 192.0.2.9 50000 typ host generation 0 ufrag Ab1+"


def fragment(*lines: str) -> str:
    return "\r\n".join(["a=ice-ufrag:Ab1+", "a=ice-pwd:0123456789abcdefghijkl", *lines, ""])


@pytest.mark.parametrize(
    "lines",
    [
        ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", f"a=candidate:{HOST}"],
        ["m=audio 9 RTP/AVP 0", f"a=candidate:{HOST}"],
        ["a=mid:0", f"a=candidate:{HOST}"],
        [f"a=candidate:{HOST}"],
    ],
    ids=["by mid", "by position", "mid alone", "no section"],
)
def test_candidates_find_their_section(lines: list[str]) -> None:
    assert read_fragment(fragment(*lines), OFFER) == Trickled((("0", HOST),), complete=False)


def test_the_end_of_candidates() -> None:
    text = fragment("m=audio 9 RTP/AVP 0", "a=mid:0", f"a=candidate:{HOST}", "a=end-of-candidates")
    assert read_fragment(text, OFFER) == Trickled((("0", HOST),), complete=True)


def test_names_and_tcp_are_passed_over() -> None:
    text = fragment(
        "a=mid:0",
        "a=candidate:1 1 udp 1 3ae0fd7b-7c8f.local 54321 typ host",
        "a=candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active",
    )
    assert read_fragment(text, OFFER).candidates == ()


def test_a_restart_is_refused_in_so_many_words() -> None:
    with pytest.raises(OfferError) as refused:
        read_fragment("a=ice-ufrag:other\r\na=ice-pwd:0123456789abcdefghijkl\r\n", OFFER)
    assert refused.value.code == "ice.restart-unsupported"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        '{"candidate": ""}',
        fragment("a=mid:7"),
        fragment("m=audio 9 X 0", "m=video 9 X 0", "m=video 9 X 0"),
        fragment("a=mid:0", "a=candidate:1 1 udp"),
        "a=candidate:" + "x" * 100_000,
    ],
)
def test_malformed_fragments(text: str) -> None:
    with pytest.raises(OfferError) as refused:
        read_fragment(text, OFFER)
    assert refused.value.code == "ice.malformed"


@given(
    st.text()
    | st.lists(st.sampled_from(["a=mid:0", "m=", f"a=candidate:{HOST}", "a=", "\x00"])).map("\n".join)
)
def test_any_fragment_is_read_or_refused(text: str) -> None:
    code = None
    try:
        read_fragment(text, OFFER)
    except OfferError as refusal:
        code = refusal.code
    assert code in (None, "ice.malformed", "ice.restart-unsupported")
