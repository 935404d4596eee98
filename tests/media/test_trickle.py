"""Trickled candidates (RFC 8840)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import OfferError
from media.sdp import read_offer
from media.settings import MediaSettings
from media.trickle import Restart, Trickled, read_fragment, read_restart, write_restart
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


RESTART = ["a=mid:0", "a=ice-ufrag:new1", "a=ice-pwd:0123456789abcdefghijkl"]


def test_a_restart_names_new_credentials_and_may_bring_candidates() -> None:
    text = "\r\n".join([*RESTART, f"a=candidate:{HOST}", "a=end-of-candidates", ""])
    assert read_restart(text, OFFER) == Restart("new1", "0123456789abcdefghijkl", (("0", HOST),))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        RESTART[:2],
        [RESTART[0], RESTART[2]],
        [*RESTART, "a=ice-ufrag:new2"],
        [*RESTART, "a=ice-pwd:abcdefghijklmnopqrstuvwx"],
        ["a=ice-ufrag:", RESTART[2]],
        ["a=ice-ufrag:n w", RESTART[2]],
        [f"a=ice-ufrag:{OFFER.ufrag}", RESTART[2]],
        [*RESTART, "a=mid:7"],
        [*RESTART, "a=candidate:1 1 udp"],
        [*RESTART, "hello"],
    ],
)
def test_malformed_restarts(lines: list[str]) -> None:
    with pytest.raises(OfferError) as refused:
        read_restart("\r\n".join(lines), OFFER)
    assert refused.value.code == "ice.malformed"


def test_the_answer_to_a_restart_is_a_fragment_too() -> None:
    text = write_restart(OFFER, "new1", "0123456789abcdefghijkl", [HOST])
    assert read_restart(text, OFFER) == Restart("new1", "0123456789abcdefghijkl", (("0", HOST),))
    assert text.endswith("a=end-of-candidates\r\n")


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
