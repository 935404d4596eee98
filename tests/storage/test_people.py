"""Accounts, sign-ins and attempts at rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from interviews.roles import HEAD, Branch
from storage.attempts import Attempts
from storage.branches import Branches, BranchRefused
from storage.database import Database
from storage.errors import StorageError
from storage.passwords import Passwords
from storage.people import EmailTaken, People
from storage.sealing import SealingKey, WrongKey
from storage.sessions import Sessions
from storage.signins import SignIns
from storage.tables_people import people, recovery_codes, signins
from tests.storage.conftest import CREATED

KEY, OTHER = SealingKey.of("k" * 32), SealingKey.of("o" * 32)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_password_is_kept_as_argon2id_and_made_anew_when_parameters_change() -> None:
    quick, slow = Passwords(QUICK), Passwords()
    hashed = await quick.hash("secret")
    assert hashed.startswith("$argon2id$")
    assert await quick.check(hashed, "secret")
    assert not await quick.check(hashed, "other")
    assert not await quick.check(None, "secret")
    assert not await quick.check("not a hash", "secret")
    assert not quick.outdated(hashed)
    assert slow.outdated(hashed)


async def test_an_address_has_one_account_however_it_is_written(database: Database) -> None:
    kept = People(database, KEY)
    made = await kept.add(" Li.Lei@Example.com", "Li Lei", "recruiter", HEAD, None)
    assert made is not None
    assert await kept.by_email("LI.LEI@example.com") == made
    with pytest.raises(EmailTaken):
        await kept.add("li.lei@example.com", "Other", "recruiter", HEAD, None)
    with pytest.raises(StorageError):
        await kept.change(made.id, branch="nowhere")
    assert await kept.add("new@example.com", "New", "administrator", HEAD, None, first=True) is None


async def test_a_second_factor_is_sealed_and_each_code_counts_once(database: Database) -> None:
    kept = People(database, KEY)
    made = await kept.add("a@example.com", "A", "recruiter", HEAD, None)
    assert made is not None
    await kept.offer_totp(made.id, "SECRETSECRET")
    async with database.read() as connection:
        sealed = (await connection.execute(select(people.c.totp_sealed))).scalar_one()
    assert b"SECRET" not in sealed
    assert await kept.totp_secret(made.id) == "SECRETSECRET"
    with pytest.raises(WrongKey):
        await People(database, OTHER).totp_secret(made.id)
    assert [await kept.take_step(made.id, step) for step in (7, 7, 6, 8)] == [True, False, False, True]
    await kept.confirm_totp(made.id, ["abcd-efgh"])
    row = await kept.get(made.id)
    assert row is not None
    assert row.totp
    async with database.read() as connection:
        assert "abcd" not in (await connection.execute(select(recovery_codes.c.hash))).scalar_one()
    assert await kept.take_recovery(made.id, "ABCDEFGH")
    assert not await kept.take_recovery(made.id, "abcd-efgh")


async def test_a_sign_in_runs_out_and_its_token_is_not_kept(database: Database) -> None:
    made = await People(database, KEY).add("a@example.com", "A", "recruiter", HEAD, None)
    assert made is not None
    kept = SignIns(database, idle_s=100, lifetime_s=250)
    token, signin = await kept.begin(made.id, complete=True, at=NOW)
    assert len(token) >= 43  # 256 bits in base 64
    async with database.read() as connection:
        assert token not in str((await connection.execute(select(signins))).one())
    assert await kept.find("other", at=NOW) is None

    async def there(seconds: int) -> bool:
        return await kept.find(token, at=NOW + timedelta(seconds=seconds)) is not None

    assert [await there(s) for s in (90, 180, 240, 251)] == [True, True, True, False]
    token, signin = await kept.begin(made.id, complete=True, at=NOW)
    assert await kept.find(token, at=NOW + timedelta(seconds=101)) is None
    other, _ = await kept.begin(made.id, complete=True, at=NOW)
    assert await kept.end_all(made.id, but=signin.id) >= 1
    assert await kept.find(other, at=NOW) is None
    assert await kept.find(token, at=NOW) is not None


async def test_waiting_doubles_up_to_a_bound_and_is_forgotten(database: Database) -> None:
    tries = Attempts(database, free=2, first_s=10, most_s=35)
    at, waits = NOW, []
    for _ in range(6):
        assert await tries.take("a", at=at) == 0.0
        waits.append(await tries.blocked_s("a", at=at))
        at += timedelta(seconds=waits[-1])
    assert waits == [0, 0, 10, 20, 35, 35]
    await tries.take("a", at=at)
    assert await tries.take("a", at=at) == 35.0  # refused, and not counted
    assert await tries.blocked_s("b", at=at) == 0.0
    await tries.clear("a")
    assert await tries.take("a", at=at) == 0.0
    assert await tries.blocked_s("a", at=at) == 0.0


async def test_branches_stay_a_tree(database: Database) -> None:
    kept = Branches(database)
    assert [one.id for one in await kept.list()] == [HEAD]
    east = Branch(id="east", parent=HEAD, name={"zh": "华东", "en": "East"})
    await kept.add(east)
    await kept.add(Branch(id="shanghai", parent="east", name={"zh": "上海"}))
    for refused in (east, Branch(id="x", parent="none", name={}), Branch(id="x", parent=None, name={})):
        with pytest.raises(BranchRefused):
            await kept.add(refused)
    for ring in ("shanghai", "east"):
        with pytest.raises(BranchRefused):
            await kept.change(east.model_copy(update={"parent": ring}))
    await kept.change(east.model_copy(update={"name": {"zh": "东部"}}))
    assert {one.id: one.name for one in await kept.list()}["east"] == {"zh": "东部"}


async def test_sessions_are_listed_by_branch_and_those_without_one_are_the_heads(database: Database) -> None:
    kept = Sessions(database)
    await kept.create("old", CREATED)
    await kept.create("east", CREATED, branch="east", created_by="p-1")
    assert (await kept.get("east")).created_by == "p-1"
    assert [row.id for row in await kept.list(branches=["east"])] == ["east"]
    assert [row.id for row in await kept.list(branches=[HEAD])] == ["old"]
    assert {row.id for row in await kept.list()} == {"old", "east"}
