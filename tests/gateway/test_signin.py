"""Signing in over HTTP: the cookie, the second factor, what is refused and how soon one may try again."""

from __future__ import annotations

import asyncio
import time

import pyotp
import pytest

from gateway import second_factor
from gateway.people_settings import PeopleSettings
from tests.gateway.conftest import Running, Start
from tests.gateway.desk_visitor import CHIEF, PASSWORD, Visitor, hire, set_up, visitor

WRONG = {"email": CHIEF, "password": "not the password"}


async def test_the_first_administrator_needs_the_code_and_there_is_one_first(running: Running) -> None:
    file = running.server.service.desk.setup_file
    assert file.stat().st_mode & 0o777 == 0o600
    body = {"code": "guess", "email": CHIEF, "name": "Chief", "password": PASSWORD}
    status, said, _ = await running.call("POST", "/api/v1/signin/setup", body, token=None)
    assert (status, said["code"]) == (403, "signin.setup")
    code = file.read_text()
    status, said, _ = await running.call(
        "POST", "/api/v1/signin/setup", {**body, "code": code, "password": "short"}, token=None
    )
    assert (status, said["code"]) == (422, "people.password")
    assert (await running.call("GET", "/api/v1/signin", token=None))[1]["setup"] is True
    await set_up(running)
    assert not file.exists()
    assert (await running.call("GET", "/api/v1/signin", token=None))[1]["setup"] is False
    again = {**body, "code": code, "email": "other@example.com"}
    status, said, _ = await running.call("POST", "/api/v1/signin/setup", again, token=None)
    assert (status, said["code"]) == (403, "signin.setup")


async def test_the_cookie_and_what_it_tells(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as chief:
        assert (await chief.call("GET", "/api/v1/me"))[0] == 401
        me = await chief.sign_in()
        assert me["role"] == "administrator"
        assert me["person"]["email"] == CHIEF
        assert {"people.manage", "results.read"} <= set(me["permissions"])
        await chief.call("POST", "/api/v1/signin", {"email": CHIEF, "password": PASSWORD})
        set_cookie = chief.answer.headers["Set-Cookie"]
        assert "HttpOnly" in set_cookie
        assert "SameSite=Lax" in set_cookie
        assert "Path=/" in set_cookie
        assert "Secure" not in set_cookie  # loopback without TLS: a browser would drop it
        desk = running.server.service.desk
        async with visitor(running) as other:
            assert chief.cookie not in str(await desk.audit.list())
            assert (await other.call("GET", "/api/v1/me", Cookie=f"viva={chief.cookie}"))[0] == 200


async def test_over_tls_the_cookie_is_bound_to_the_host(start: Start) -> None:
    running = await start(public_url="https://viva.example.com")
    await set_up(running)
    body = {"email": CHIEF, "password": PASSWORD}
    _, _, answer = await running.call("POST", "/api/v1/signin", body, token=None)
    assert answer.headers["Set-Cookie"].startswith("__Host-viva=")
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_planted_cookie_is_worth_nothing(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as chief:
        planted = "x" * 43
        body = {"email": CHIEF, "password": PASSWORD}
        status, _ = await chief.call("POST", "/api/v1/signin", body, Cookie=f"viva={planted}")
        assert status == 200
        assert chief.cookie != planted
        first = chief.cookie
        async with visitor(running) as thief:
            assert (await thief.call("GET", "/api/v1/me", Cookie=f"viva={planted}"))[0] == 401
        await chief.sign_in()
        assert chief.cookie != first
        async with visitor(running) as thief:  # the one before has ended
            status, said = await thief.call("GET", "/api/v1/me", Cookie=f"viva={first}")
            assert (status, said["code"]) == (401, "signin.needed")


async def test_signing_out_ends_it_on_the_server(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as chief:
        await chief.sign_in()
        kept = chief.cookie
        assert (await chief.call("POST", "/api/v1/signout", X_CSRF_Token="wrong"))[0] == 403
        assert (await chief.call("POST", "/api/v1/signout"))[0] == 204
        assert chief.cookie == ""
        assert (await chief.call("GET", "/api/v1/me", Cookie=f"viva={kept}"))[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CSRF_Token": ""},
        {"X_CSRF_Token": "x" * 32},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
    ],
)
async def test_another_sites_page_cannot_use_the_cookie(running: Running, headers: dict[str, str]) -> None:
    await set_up(running)
    body = {"candidate": "Li Lei", "language": "en"}
    async with visitor(running) as chief:
        await chief.sign_in()
        status, said = await chief.call("POST", "/api/v1/sessions", body, **headers)
        assert (status, said["code"]) == (403, "signin.csrf")
        assert (await chief.call("POST", "/api/v1/sessions", body))[0] == 201


async def test_another_sites_page_cannot_sign_in(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as chief:
        body = {"email": CHIEF, "password": PASSWORD}
        status, said = await chief.call("POST", "/api/v1/signin", body, Sec_Fetch_Site="cross-site")
        assert (status, said["code"]) == (403, "signin.csrf")


async def test_a_websocket_needs_the_own_origin(running: Running) -> None:
    await set_up(running)
    made = await running.create()
    url = f"{running.server.url}/api/v1/sessions/{made['id']}/ws"
    async with visitor(running) as chief:
        await chief.sign_in()
        for headers in ({}, {"Origin": "https://evil.example.com"}):
            async with chief.http.get(
                url, headers={"Connection": "Upgrade", "Upgrade": "websocket", **headers}
            ) as answer:
                assert answer.status == 403
        async with chief.http.ws_connect(url, origin=running.server.url) as socket:
            assert "session.created" in (await socket.receive(timeout=5)).data


async def test_unknown_and_wrong_are_answered_alike_and_take_as_long(running: Running) -> None:
    await set_up(running)
    answers, took = [], []
    for email in (CHIEF, "nobody@example.com"):
        began = time.perf_counter()
        status, said, _ = await running.call("POST", "/api/v1/signin", {**WRONG, "email": email}, token=None)
        took.append(time.perf_counter() - began)
        answers.append((status, said))
    assert answers[0] == answers[1]
    assert answers[0][1]["code"] == "signin.refused"
    assert took[1] > took[0] / 3  # the hash dominates; without it the answer would take a hundredth


@pytest.mark.parametrize("email", [CHIEF, "nobody@example.com"])
async def test_guessing_is_slowed_whoever_it_is(start: Start, email: str) -> None:
    running = await start(people=PeopleSettings(free_attempts=3, first_wait_s=60))
    await set_up(running)
    wrong = {**WRONG, "email": email}
    answers = await asyncio.gather(
        *(running.call("POST", "/api/v1/signin", wrong, token=None) for _ in range(8))
    )
    statuses = sorted(status for status, _, _ in answers)
    assert statuses == [401] * 4 + [429] * 4  # also where all are sent at once
    status, said, answer = await running.call(
        "POST", "/api/v1/signin", {"email": email, "password": PASSWORD}, token=None
    )
    assert (status, said["code"]) == (429, "signin.wait")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


async def test_one_address_cannot_try_many_accounts(start: Start) -> None:
    running = await start(people=PeopleSettings(free_attempts_address=2, first_wait_s=60))
    for n in range(3):
        wrong = {"email": f"p{n}@example.com", "password": "x"}
        assert (await running.call("POST", "/api/v1/signin", wrong, token=None))[0] == 401
    wrong = {"email": "p9@example.com", "password": "x"}
    assert (await running.call("POST", "/api/v1/signin", wrong, token=None))[0] == 429


async def _enrol(chief: Visitor, running: Running) -> tuple[str, list[str]]:
    await set_up(running)
    await chief.sign_in()
    status, said = await chief.call("POST", "/api/v1/me/totp", {"password": "wrong"})
    assert (status, said["code"]) == (401, "signin.refused")
    status, offered = await chief.call("POST", "/api/v1/me/totp", {"password": PASSWORD})
    assert status == 200
    assert offered["uri"].startswith("otpauth://totp/Viva:chief%40example.com?secret=")
    assert offered["svg"].startswith("<svg")
    if (left := second_factor.STEP_S - time.time() % second_factor.STEP_S) < 5:
        await asyncio.sleep(left)  # the code of the step before would not count on the way there
    body = {"code": pyotp.TOTP(offered["secret"]).at(int(time.time()) - second_factor.STEP_S)}
    status, said = await chief.call("POST", "/api/v1/me/totp/confirm", body)
    assert status == 200, said
    return offered["secret"], said["codes"]


async def test_a_second_factor_is_asked_for_and_counts_once(running: Running) -> None:
    async with visitor(running) as chief, visitor(running) as thief:
        secret, _ = await _enrol(chief, running)
        assert await thief.sign_in() == {"complete": False}
        half = thief.cookie
        status, said = await thief.call("GET", "/api/v1/me")
        assert (status, said["code"]) == (401, "signin.second-factor")
        assert (await thief.call("GET", "/api/v1/sessions"))[0] == 401
        used = pyotp.TOTP(secret).at(int(time.time()) - second_factor.STEP_S)
        status, said = await thief.call("POST", "/api/v1/signin/totp", {"code": used})
        assert (status, said["code"]) == (401, "signin.code")
        code = {"code": pyotp.TOTP(secret).now()}
        assert (await thief.call("POST", "/api/v1/signin/totp", code))[0] == 200
        assert thief.cookie != half
        await thief.look()
        async with visitor(running) as other:
            await other.sign_in()
            assert (await other.call("POST", "/api/v1/signin/totp", code))[0] == 401
            assert (await other.call("GET", "/api/v1/me", Cookie=f"viva={half}"))[0] == 401


async def test_a_recovery_code_signs_in_once(running: Running) -> None:
    async with visitor(running) as chief:
        _, codes = await _enrol(chief, running)
        assert len(set(codes)) == second_factor.CODES
        await chief.sign_in()
        assert (await chief.call("POST", "/api/v1/signin/totp", {"code": codes[0].upper()}))[0] == 200
        await chief.sign_in()
        assert (await chief.call("POST", "/api/v1/signin/totp", {"code": codes[0]}))[0] == 401


async def test_a_second_factor_is_not_replaced_without_it(running: Running) -> None:
    async with visitor(running) as chief:
        _, codes = await _enrol(chief, running)
        status, said = await chief.call("POST", "/api/v1/me/totp", {"password": PASSWORD})
        assert (status, said["code"]) == (401, "signin.code")
        body = {"password": PASSWORD, "code": codes[0]}
        assert (await chief.call("POST", "/api/v1/me/totp", body))[0] == 200


async def test_codes_cannot_be_guessed_in_a_burst(start: Start) -> None:
    running = await start(people=PeopleSettings(free_attempts=3, first_wait_s=60))
    async with visitor(running) as chief:
        await _enrol(chief, running)
        await chief.sign_in()
        answers = await asyncio.gather(
            *(chief.call("POST", "/api/v1/signin/totp", {"code": f"{n:06}"}) for n in range(9))
        )
        assert [status for status, _ in answers].count(401) <= 3
        assert {status for status, _ in answers} == {401, 429}


async def test_a_new_password_ends_the_other_sign_ins(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as here, visitor(running) as there:
        await here.sign_in()
        await there.sign_in()
        before = here.cookie
        body = {"old": PASSWORD, "new": "another long password"}
        assert (await here.call("POST", "/api/v1/me/password", {**body, "old": "no"}))[0] == 401
        assert (await here.call("POST", "/api/v1/me/password", body))[0] == 200
        assert here.cookie != before
        await here.look()
        assert (await there.call("GET", "/api/v1/me"))[0] == 401


async def test_who_is_disabled_is_out_at_once(running: Running) -> None:
    await set_up(running)
    person = await hire(running, "rec@example.com", "recruiter")
    async with visitor(running) as recruiter:
        await recruiter.sign_in("rec@example.com")
        status, _, _ = await running.call("PATCH", f"/api/v1/people/{person['id']}", {"disabled": True})
        assert status == 200
        assert (await recruiter.call("GET", "/api/v1/me"))[0] == 401
        body = {"email": "rec@example.com", "password": PASSWORD}
        assert (await recruiter.call("POST", "/api/v1/signin", body))[0] == 401


async def test_the_last_administrator_stays(running: Running) -> None:
    await set_up(running)
    async with visitor(running) as chief:
        me = await chief.sign_in()
        path = f"/api/v1/people/{me['person']['id']}"
        for change in ({"disabled": True}, {"role": "recruiter"}):
            status, said = await chief.call("PATCH", path, change)
            assert (status, said["code"]) == (409, "people.last")


def test_a_step_is_found_near_now_alone() -> None:
    secret = second_factor.new_secret()
    at = 1_700_000_000.0
    code = pyotp.TOTP(secret).at(int(at))
    assert second_factor.step_of(secret, code, at) == int(at) // 30
    assert second_factor.step_of(secret, code, at + 30) == int(at) // 30
    assert second_factor.step_of(secret, code, at + 61) is None
    assert second_factor.step_of(secret, "１２３４５６", at) is None
