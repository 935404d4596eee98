"""The small parts: problems, settings, TURN, loop lag, memory, TLS, pages, logs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import ssl
import stat
import time
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import ValidationError

from gateway import problems, tls, turn
from gateway.looplag import LoopLag
from gateway.memory import Memory
from gateway.plain_items import payload_of
from gateway.problems import Problem, locale_of
from gateway.settings import Settings
from interviews.events import FaceState
from media.items import FacesChanged
from tests.gateway.conftest import API_TOKEN, Running, Start

ROOT = Path(__file__).parents[2]


def test_the_table_of_errors_is_current() -> None:
    assert (ROOT / "docs" / "errors.md").read_text() == problems.markdown()


def test_every_code_that_is_raised_is_in_the_table() -> None:
    raised = set()
    for file in [*ROOT.glob("gateway/*.py"), *ROOT.glob("media/*.py")]:
        pattern = r'(?:Problem|OfferError|Alarm|later)\(\s*(?:code=)?"([a-z.-]+)"'
        raised |= set(re.findall(pattern, file.read_text()))
    assert len(raised) > 20
    assert raised <= set(problems.KINDS)


def test_problems_speak_both_languages() -> None:
    problem = Problem("session.unknown", where="abc")
    zh, en = problem.document("zh"), problem.document("en")
    assert (zh.status, zh.code, zh.type) == (404, "session.unknown", "urn:viva:error:session.unknown")
    assert zh.detail == zh.messages.zh == "没有这场面试。 (abc)"
    assert en.detail == en.messages.en == "There is no such session. (abc)"


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr, zh-CN;q=0.8, en;q=0.9", "en"),
        ("de", "zh"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en;q=x, zh", "zh"),
    ],
)
def test_the_language_of_errors(header: str, locale: str) -> None:
    assert locale_of(header) == locale


def test_settings_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "viva.toml"
    file.write_text('port = 9000\npolicy = "EU"\n[media]\nface_fps = 2.0\n[inference.speech]\nslots = 3\n')
    monkeypatch.setenv("VIVA_MEDIA__WATCHDOG_S", "9")
    monkeypatch.setenv("VIVA_PORT", "9001")
    settings = Settings.load(file, host="0.0.0.0", tls=None)
    assert (settings.host, settings.port, settings.policy) == ("0.0.0.0", 9001, "EU")
    assert (settings.media.face_fps, settings.media.watchdog_s) == (2.0, 9.0)
    assert settings.inference.speech.slots == 3
    assert not settings.affect_allowed("CN")
    assert settings.sql == f"sqlite:///{settings.data / 'viva.db'}"
    with pytest.raises(OSError, match="missing"):
        Settings.load(tmp_path / "missing.toml")
    file.write_text("portt = 1\n")
    with pytest.raises(ValidationError, match="portt"):
        Settings.load(file)


def test_affect_is_off_where_it_is_forbidden() -> None:
    settings = Settings()
    assert settings.affect_allowed("CN")
    assert settings.affect_allowed("US-IL")
    assert not settings.affect_allowed("EU")
    assert not settings.affect_allowed("strict")
    assert not Settings(affect="off").affect_allowed("CN")


def test_turn_credentials_are_what_coturn_expects() -> None:
    [stun, server] = turn.ice_servers(["stun:a"], ["turn:b", "turns:b"], "secret", "s1", 60)
    assert stun.urls == ["stun:a"]
    assert server.username is not None
    expiry, label = server.username.split(":")
    assert label == "s1"
    assert 55 < int(expiry) - time.time() <= 60
    digest = hmac.new(b"secret", server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(digest).decode()
    assert len(turn.link_headers([stun, server])) == 3
    assert turn.ice_servers([], ["turn:b"], None, "s1", 60) == []


async def test_loop_lag_sees_a_block() -> None:
    seen: list[float] = []
    lag = LoopLag(seen.append)
    assert lag.over(60).max == 0
    lag.start()
    await asyncio.sleep(0.15)
    time.sleep(0.2)  # noqa: ASYNC251 - the fault it must see
    await asyncio.sleep(0.05)
    await lag.stop()
    measured = lag.over(60)
    assert 150 < measured.max < 2000
    assert measured.p50 <= measured.p99 <= measured.max
    assert len(seen) >= 3
    await asyncio.sleep(0.02)
    assert lag.over(0.001).max == 0


async def test_memory_counts_the_tree_and_is_cached() -> None:
    memory = Memory()
    child = await asyncio.create_subprocess_exec("sleep", "30")
    try:
        found = await memory.now()
        assert {"gateway", "sleep"} <= {process.name for process in found}
        assert next(p.pss_mb for p in found if p.name == "gateway") > 20
        assert await memory.now() is found
    finally:
        child.kill()
        await child.wait()


def test_a_certificate_for_this_machine(tmp_path: Path) -> None:
    certificate, key = tls.self_signed(tmp_path)
    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    addresses = {str(a) for a in names.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "::1", *tls.lan_addresses()} <= addresses
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert isinstance(tls.server_context(certificate, key), ssl.SSLContext)
    before = certificate.read_bytes()
    tls.self_signed(tmp_path)
    assert certificate.read_bytes() == before  # kept: phones have accepted it
    certificate.write_text("damaged")
    tls.self_signed(tmp_path)
    assert x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number != made.serial_number


async def test_serving_with_tls(start: Start) -> None:
    running: Running = await start(tls="self-signed")
    assert running.server.url.startswith("https://127.0.0.1:")
    trusted = ssl.create_default_context(cafile=str(running.server.settings.data / "tls" / "self-signed.crt"))
    status, _, answer = await running.call("GET", "/readyz", ssl=trusted)
    assert status == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    session = None
    async with running.http.post(
        f"{running.server.url}/api/v1/sessions",
        json={"candidate": "a", "language": "zh"},
        headers={"Authorization": f"Bearer {API_TOKEN}"},
        ssl=trusted,
    ) as made:
        session = await made.json()
    assert session["candidate_url"].startswith("https://")


async def test_pages_and_headers(running: Running) -> None:
    for path, kind in (("/", "text/html"), ("/hr", "text/html"), ("/candidate", "text/html")):
        status, _, answer = await running.call("GET", path, token=None)
        assert (status, answer.content_type) == (200, kind)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Request-ID"]
        assert "Access-Control-Allow-Origin" not in answer.headers
    etag = answer.headers["ETag"]
    status, _, again = await running.call("GET", "/candidate", token=None, headers={"If-None-Match": etag})
    assert (status, again.headers["ETag"]) == (304, etag)
    status, _, answer = await running.call("GET", "/static/css/tokens.css", token=None)
    assert (status, answer.content_type, answer.headers["Cache-Control"]) == (200, "text/css", "no-cache")
    for path in (
        "/static/../server.py",
        "/static/%2e%2e/%2e%2e/server.py",
        "/static/none.js",
        "/static/a%00b",
        "/x",
    ):
        status, problem, _ = await running.call("GET", path, token=None)
        assert (status, problem["code"]) == (404, "request.not-found"), path


async def test_other_origins_only_when_configured(start: Start) -> None:
    running: Running = await start(cors_origins=("https://hr.example",))
    preflight = {"Origin": "https://hr.example", "Access-Control-Request-Method": "PATCH"}
    status, _, answer = await running.call("OPTIONS", "/whip/x/y", token=None, headers=preflight)
    assert (status, answer.headers["Access-Control-Allow-Origin"]) == (204, "https://hr.example")
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
    _, _, answer = await running.call("GET", "/healthz", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_faulty_requests_are_problems(running: Running) -> None:
    post = {"Content-Type": "application/json"}
    question = {"id": "q", "text": {"en": "Why?"}}
    bodies = {
        "{": (400, "request.malformed"),
        "[]": (422, "request.invalid"),
        '{"candidate": "", "language": "zh"}': (422, "request.invalid"),
        '{"candidate": "a", "language": "fr"}': (422, "request.invalid"),
        '{"candidate": "a", "language": "zh", "x": 1}': (422, "request.invalid"),
        '{"candidate": "' + "a" * 300_000 + '", "language": "zh"}': (413, "request.too-large"),
    }
    for body, expected in bodies.items():
        status, problem, answer = await running.call("POST", "/api/v1/sessions", data=body, headers=post)
        assert (status, problem["code"]) == expected
        assert answer.content_type == "application/problem+json"
    for questions in ([question, question], [{**question, "text": {"zh": "为什么?"}}], []):
        status, problem, _ = await running.call(
            "POST", "/api/v1/sessions", {"candidate": "a", "language": "en", "questions": questions}
        )
        assert (status, problem["code"]) == (422, "request.invalid")
    headers = {"Accept-Language": "en", "X-Request-ID": "my-request-1"}
    status, problem, answer = await running.call("GET", "/api/v1/nothing", headers=headers)
    assert problem["detail"] == "There is nothing at this address."
    assert answer.headers["X-Request-ID"] == "my-request-1"


async def test_an_unforeseen_fault_reveals_nothing(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail in /some/path")

    monkeypatch.setattr(running.server.service.shared.sessions, "list", fail)
    status, problem, _ = await running.call("GET", "/api/v1/sessions")
    assert (status, problem["code"]) == (500, "server.error")
    assert "secret" not in str(problem)


async def test_the_operators_view_and_metrics(running: Running) -> None:
    await running.create()
    _, view, _ = await running.call("GET", "/api/v1/server?window_s=10")
    assert view["ready"] is True
    assert view["deployments"]["AnswerQuality"] == "ready"
    assert view["sessions"]["live"] == 0
    assert view["memory"]["pss_mb"] >= view["memory"]["processes"][0]["pss_mb"] > 0
    assert view["loop_lag_ms"].keys() == {"p50", "p99", "max"}
    status, text, answer = await running.call("GET", "/metrics", token=None)
    assert (status, answer.content_type) == (200, "text/plain")
    assert "viva_sessions_created_total 1.0" in text
    assert 'viva_deployment_ready{deployment="SpeechRecognition"} 1.0' in text
    assert "viva_loop_lag_seconds_bucket" in text
    _, config, _ = await running.call("GET", "/api/v1/config")
    assert config["languages"] == ["zh", "en"]


def test_a_count_of_faces_says_how_sure_it_is_and_old_logs_read() -> None:
    told = payload_of(FacesChanged(1.0, 2, 0.8347))
    assert told == FaceState(state="several", faces=2, confidence=0.83)
    assert payload_of(FacesChanged(1.0, 0)) == FaceState(state="none", faces=0)
    old = {"type": "face.state", "state": "several", "faces": 2}
    assert FaceState.model_validate(old).confidence is None
