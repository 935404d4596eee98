"""Signing in by an identity provider, against one that really signs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.people_settings import OidcSettings, PeopleSettings
from tests.gateway.conftest import Running, Start
from tests.gateway.desk_visitor import CHIEF, Visitor, set_up, visitor
from tests.gateway.provider import CLIENT, SECRET, Provider, provider

LEAVE, BACK = "/api/v1/signin/provider", "/api/v1/signin/provider/back"
GOOD = {"email": CHIEF.upper(), "email_verified": True}


@pytest.fixture
async def idp() -> AsyncIterator[Provider]:
    async with provider() as made:
        yield made


@pytest.fixture
async def joined(start: Start, idp: Provider) -> Running:
    oidc = OidcSettings(issuer=idp.issuer, client_id=CLIENT, client_secret=SECRET)
    running: Running = await start(people=PeopleSettings(oidc=oidc))
    await set_up(running)
    return running


async def _come(guest: Visitor, idp: Provider, **changes: str) -> str:
    """Where the browser ends up."""
    assert (await guest.call("GET", LEAVE))[0] == 303
    query = {**idp.authorise(guest.answer.headers["Location"]), **changes}
    path = f"{BACK}?" + "&".join(f"{name}={value}" for name, value in query.items())
    # A browser says cross-site here: the provider's page sent it.
    status, _ = await guest.call("GET", path, Sec_Fetch_Site="cross-site", Origin="")
    assert status == 303
    return guest.answer.headers["Location"]


async def test_without_a_provider_there_is_nothing(running: Running) -> None:
    for path in (LEAVE, BACK):
        status, said, _ = await running.call("GET", path, token=None)
        assert (status, said["code"]) == (404, "signin.provider-none")


async def test_whom_the_provider_vouches_for_is_signed_in(joined: Running, idp: Provider) -> None:
    idp.claims = GOOD
    async with visitor(joined) as guest:
        assert await _come(guest, idp) == "/hr"
        assert (await guest.look())["person"]["email"] == CHIEF


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"email": "nobody@example.com", "email_verified": True}, "people.unknown"),
        ({"email": CHIEF, "email_verified": False}, "people.unknown"),
        ({"email": CHIEF, "email_verified": "true"}, "people.unknown"),
        ({}, "people.unknown"),
        ({**GOOD, "nonce": "other"}, "signin.provider"),
        ({**GOOD, "aud": "other"}, "signin.provider"),
        ({**GOOD, "iss": "https://evil.example.com"}, "signin.provider"),
        ({**GOOD, "exp": int(time.time()) - 600}, "signin.provider"),
    ],
)
async def test_what_else_it_says_opens_nothing(
    joined: Running, idp: Provider, claims: dict[str, Any], problem: str
) -> None:
    idp.claims = claims
    async with visitor(joined) as guest:
        assert await _come(guest, idp) == f"/signin#problem={problem}"
        assert (await guest.call("GET", "/api/v1/me"))[0] == 401


async def test_another_key_opens_nothing(joined: Running, idp: Provider) -> None:
    idp.claims = GOOD
    idp.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    async with visitor(joined) as guest:
        assert await _come(guest, idp) == "/signin#problem=signin.provider"


async def test_an_answer_that_nobody_asked_for_opens_nothing(joined: Running, idp: Provider) -> None:
    idp.claims = GOOD
    async with visitor(joined) as guest, visitor(joined) as victim:
        assert await _come(guest, idp, state="other") == "/signin#problem=signin.provider"
        await guest.call("GET", LEAVE)
        brought = idp.authorise(guest.answer.headers["Location"])
        # The attacker's answer in the victim's browser, which has no cookie of it.
        await victim.call("GET", f"{BACK}?code={brought['code']}&state={brought['state']}")
        assert victim.answer.headers["Location"] == "/signin#problem=signin.provider"
        assert victim.cookie == ""


async def test_a_provider_that_is_down_is_told(start: Start) -> None:
    oidc = OidcSettings(issuer="http://127.0.0.1:9", client_id=CLIENT, client_secret=SECRET)
    running = await start(people=PeopleSettings(oidc=oidc))
    status, said, _ = await running.call("GET", LEAVE, token=None)
    assert (status, said["code"]) == (502, "signin.provider")
