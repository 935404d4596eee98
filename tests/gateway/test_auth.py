"""Who is let in, who is not, and what they are told."""

from __future__ import annotations

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from gateway.auth import Principal, Tokens, bearer, secret_file
from gateway.problems import Problem
from tests.gateway.conftest import Running, Start

SECRET = "a-signing-secret-of-32-characters!"


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET, "api")


def test_a_token_says_who_holds_it(tokens: Tokens) -> None:
    token, expires = tokens.issue("s1", "candidate", timedelta(minutes=5))
    assert tokens.check(token) == Principal("candidate", "s1")
    assert tokens.check("api") == Principal("operator", None)
    assert timedelta(minutes=4) < expires - datetime.now(UTC) <= timedelta(minutes=5)


def _forged(**changes: object) -> str:
    claims = {
        "sub": "s1",
        "role": "hr",
        "aud": "viva",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        **changes,
    }
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "token.missing"),
        ("", "token.missing"),
        ("nonsense", "token.invalid"),
        ("a.b.c", "token.invalid"),
        ("\udcff", "token.invalid"),
        (_forged(exp=datetime.now(UTC) - timedelta(seconds=5)), "token.expired"),
        (_forged(exp=None), "token.invalid"),
        (_forged(aud="other"), "token.invalid"),
        (_forged(role="operator"), "token.invalid"),
        (_forged(sub=None), "token.invalid"),
        (
            jwt.encode({"sub": "s1", "role": "hr", "aud": "viva"}, "x" * 32, algorithm="HS256"),
            "token.invalid",
        ),
        (jwt.encode({"sub": "s1", "role": "hr", "aud": "viva"}, None, algorithm="none"), "token.invalid"),
    ],
)
def test_other_tokens_are_refused(tokens: Tokens, token: str | None, code: str) -> None:
    with pytest.raises(Problem) as raised:
        tokens.check(token)
    assert raised.value.code == code
    assert raised.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_bearer_reads_the_header() -> None:
    assert bearer("Bearer abc") == "abc"
    assert bearer("bearer  abc ") == "abc"
    assert bearer("Basic abc") is None
    assert bearer(None) is None


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret_file(tmp_path / "new" / "secret")
    assert len(first) >= 32
    assert secret_file(tmp_path / "new" / "secret") == first
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600


async def test_roles_and_sessions(running: Running) -> None:
    one, two = await running.create(), await running.create(candidate="Han Meimei")
    candidate, hr = one["candidate_token"], one["hr_url"].split("&t=")[1]
    mine, other = f"/api/v1/sessions/{one['id']}", f"/api/v1/sessions/{two['id']}"
    expected = {
        ("GET", mine, candidate): 200,
        ("GET", mine, hr): 200,
        ("GET", other, candidate): 403,
        ("GET", other, hr): 403,
        ("GET", f"{mine}/events", candidate): 200,
        ("GET", f"{mine}/scores", candidate): 403,
        ("GET", f"{mine}/report", candidate): 403,
        ("GET", f"{mine}/transcript", candidate): 403,
        ("GET", f"{mine}/scores", hr): 200,
        ("GET", "/api/v1/sessions", candidate): 403,
        ("GET", "/api/v1/server", hr): 403,
        ("POST", "/api/v1/sessions", hr): 403,
        ("POST", f"/whip/{one['id']}", hr): 403,
        ("POST", f"/whip/{two['id']}", candidate): 403,
        ("GET", "/api/v1/config", candidate): 200,
        ("GET", "/api/v1/config", None): 401,
        ("GET", mine, None): 401,
        ("GET", mine, "wrong"): 401,
        ("GET", "/api/v1/sessions/unknown", "operator-token-for-tests"): 404,
    }
    for (method, path, token), status in expected.items():
        got, body, answer = await running.call(method, path, token=token)
        assert got == status, (method, path, body)
        if status == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    _, listed, _ = await running.call("GET", "/api/v1/sessions", token=hr)
    assert [session["id"] for session in listed["sessions"]] == [one["id"]]


async def test_an_expired_link_is_told_so(start: Start) -> None:
    running = await start(token_ttl_s=0.5)
    session = await running.create()
    await asyncio.sleep(1.1)
    status, problem, _ = await running.post_offer(session["id"], session["candidate_token"], "v=0")
    assert (status, problem["code"]) == (401, "token.expired")
    assert problem["detail"].startswith("访问令牌已过期")


async def test_the_candidate_never_sees_key_points(running: Running) -> None:
    questions = [{"id": "q", "text": {"en": "Why?"}, "key_points": ["because"]}]
    session = await running.create(questions=questions)
    path = f"/api/v1/sessions/{session['id']}"
    for token, seen in ((session["candidate_token"], []), ("operator-token-for-tests", ["because"])):
        _, view, _ = await running.call("GET", path, token=token)
        assert view["questions"][0]["key_points"] == seen
        _, page, _ = await running.call("GET", f"{path}/events", token=token)
        assert page["events"][0]["data"]["questions"][0]["key_points"] == seen
