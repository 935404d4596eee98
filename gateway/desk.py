"""The reception desk: who a cookie stands for, and the trail of who read what.

Made once per gateway; everything it knows is in the database, so any gateway admits whom another signed in.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiohttp import web

from gateway import cookies
from gateway.auth import Person, Principal, secret_file
from gateway.problems import Problem
from gateway.proxy import REQUEST_ID
from gateway.settings import Settings
from interviews.roles import HEAD, reach
from storage.attempts import Attempts
from storage.audit import Audit, Entry
from storage.branches import Branches
from storage.database import Database
from storage.errors import StorageError
from storage.passwords import Passwords
from storage.people import People, PersonRow
from storage.sealing import SealingKey
from storage.sessions import SessionRow
from storage.signins import SignIn, SignIns

log = structlog.get_logger("viva.desk")
SETUP = "setup-code"


@dataclass(slots=True)
class Desk:
    """`setup_file` holds the code by which the first administrator is made; gone once there is one."""

    settings: Settings
    key: SealingKey
    people: People
    branches: Branches
    signins: SignIns
    accounts: Attempts
    addresses: Attempts
    audit: Audit
    passwords: Passwords
    setup_file: Path
    polls: dict[tuple[str, ...], float] = field(default_factory=dict)  # when each was noted last, monotonic

    @classmethod
    async def open(cls, settings: Settings, database: Database) -> Desk:
        """Raises StorageError, OSError."""
        asked = settings.people
        key = SealingKey.of(
            asked.key.get_secret_value() if asked.key else secret_file(settings.data / "people-key")
        )
        waits = (asked.first_wait_s, asked.longest_wait_s)
        desk = cls(
            settings=settings,
            key=key,
            people=People(database, key),
            branches=Branches(database),
            signins=SignIns(database, asked.idle_s, asked.lifetime_s),
            accounts=Attempts(database, asked.free_attempts, *waits),
            addresses=Attempts(database, asked.free_attempts_address, *waits),
            audit=Audit(database),
            passwords=Passwords(),
            setup_file=settings.data / SETUP,
        )
        if await desk.people.none():
            secret_file(desk.setup_file)
        else:
            desk.setup_file.unlink(missing_ok=True)
        return desk

    # --- who comes -----------------------------------------------------------------------------------

    async def look(self, request: web.Request) -> tuple[SignIn, PersonRow] | None:
        """Whom the cookie stands for, complete or not; None without a cookie.

        Raises Problem signin.needed where it stands for nobody (any more).
        """
        token = request.cookies.get(cookies.name(self.settings))
        if not token:
            return None
        signin = await self.signins.find(token)
        row = await self.people.get(signin.person) if signin else None
        if signin is None or row is None or row.disabled:
            raise Problem("signin.needed")
        return signin, row

    async def admit(self, request: web.Request) -> Principal | None:
        """The person who signed in; None without a cookie.

        Raises Problem signin.needed, signin.second-factor or signin.csrf.
        """
        found = await self.look(request)
        if found is None:
            return None
        signin, row = found
        if not signin.complete:
            raise Problem("signin.second-factor")
        cookies.check_csrf(request, self.settings, signin.csrf)
        return Principal("hr", None, await self.person(row), signin)

    async def person(self, row: PersonRow) -> Person:
        below = reach(await self.branches.list(), row.branch)
        return Person(row.id, row.name, row.role, row.branch, below)

    # --- what is remembered --------------------------------------------------------------------------

    async def note(
        self,
        request: web.Request,
        principal: Principal | None,
        action: str,
        *,
        session: SessionRow | None = None,
        subject: tuple[str, str] = ("", ""),
        branch: str | None = None,
        outcome: str = "done",
    ) -> None:
        """One line of the audit trail. Raises Problem audit.failed: what it tells of must not be done."""
        person = principal.person if principal else None
        if session is not None:
            subject, branch = ("session", session.id), session.branch or HEAD
        entry = Entry(
            action=action,
            role=person.role if person else (principal.role if principal else "nobody"),
            person=person.id if person else None,
            branch=branch or (person.branch if person else HEAD),
            subject_kind=subject[0],
            subject=subject[1],
            session=session.id if session else None,
            request=request.get(REQUEST_ID, ""),
            outcome=outcome,
        )
        try:
            await self.audit.append(entry)
        except StorageError as error:
            log.error("audit trail not written", action=action, error=str(error))
            raise Problem("audit.failed", headers={"Retry-After": "5"}) from error

    async def note_poll(
        self,
        request: web.Request,
        principal: Principal,
        action: str,
        *,
        session: SessionRow | None = None,
        subject: tuple[str, str] = ("", ""),
    ) -> None:
        """As `note`, but once in people.audit_lists_s for who asks, what for and of what; by each gateway."""
        now = time.monotonic()
        lately = now - self.settings.people.audit_lists_s
        self.polls = {key: at for key, at in self.polls.items() if at > lately}
        who = principal.person.id if principal.person else f"{principal.role} {principal.session or ''}"
        if (who, action, *subject) not in self.polls:
            await self.note(request, principal, action, session=session, subject=subject)
            self.polls[who, action, *subject] = now


def fingerprint(text: str) -> str:
    """Of what should not stand in the trail itself, an unknown address say."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
