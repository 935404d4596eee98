"""Signing in and out: password, second factor, first administrator, one's own password and second factor.

Every sign-in gets a new token, so one that somebody planted in the browser is worth nothing (OWASP: session
fixation). An unknown address and a wrong password take as long and are answered alike, and both wait alike.
"""

from __future__ import annotations

import hmac
import math

from aiohttp import web

from gateway import cookies, second_factor
from gateway.desk import Desk, fingerprint
from gateway.operations import Call
from gateway.people_models import (
    Credentials,
    EnrolAsked,
    Enrolment,
    PasswordChange,
    RecoveryCodes,
    SecondFactor,
    Setup,
    SignedIn,
    SignInState,
)
from gateway.problems import Problem
from interviews.roles import HEAD
from storage.people import PersonRow, normal


async def state(call: Call) -> SignInState:
    desk = call.service.desk
    people = desk.settings.people
    return SignInState(
        setup=await desk.people.none(),
        provider=people.oidc is not None,
        password_length=people.password_length,
    )


async def sign_in(call: Call) -> web.Response:
    asked: Credentials = call.body
    desk = _here(call)
    names = await _allowed(call, asked.email)
    row = await desk.people.by_email(asked.email)
    hashed = row.password if row and not row.disabled else None
    if not await desk.passwords.check(hashed, asked.password.get_secret_value()) or row is None:
        await _failed(call, names)
        subject = ("person", row.id) if row else ("address", fingerprint(normal(asked.email)))
        await desk.note(call.request, None, "signIn", subject=subject, outcome="refused")
        raise Problem("signin.refused")
    if not row.totp:  # else the count goes on until the second factor was shown
        await _clear(desk, names)
    if desk.passwords.outdated(row.password or ""):
        new = await desk.passwords.hash(asked.password.get_secret_value())
        await desk.people.change(row.id, password=new)
    return await begin(call, row, complete=not row.totp)


async def show_factor(call: Call) -> web.Response:
    """A code counts once; a new token takes the place of the one that was good for this step alone."""
    asked: SecondFactor = call.body
    desk = _here(call)
    found = await desk.look(call.request)
    if found is None or found[0].complete:
        raise Problem("signin.needed")
    signin, row = found
    names = await _allowed(call, row.email)
    if not await shown(desk, row, asked.code):
        await _failed(call, names)
        await desk.note(call.request, None, "showSecondFactor", subject=("person", row.id), outcome="refused")
        raise Problem("signin.code")
    await _clear(desk, names)
    await desk.signins.end(signin.id)
    return await begin(call, row, complete=True)


async def shown(desk: Desk, row: PersonRow, code: str) -> bool:
    """Whether it is a code of the person's that was not taken before; it is taken now."""
    if not code.isascii() or not code.isdigit():
        return await desk.people.take_recovery(row.id, code)
    secret = await desk.people.totp_secret(row.id)
    step = second_factor.step_of(secret, code) if secret else None
    return step is not None and await desk.people.take_step(row.id, step)


async def set_up(call: Call) -> web.Response:
    """The first administrator, by the code from the server's own folder."""
    asked: Setup = call.body
    desk = _here(call)
    names = await _allowed(call, "setup")
    code = desk.setup_file.read_text().strip() if desk.setup_file.exists() else ""
    if not code or not hmac.compare_digest(asked.code.encode("utf-8", "surrogatepass"), code.encode()):
        await _failed(call, names)
        raise Problem("signin.setup")
    password = await accepted(desk, asked.password.get_secret_value(), asked.email)
    row = await desk.people.add(asked.email, asked.name, "administrator", HEAD, password, first=True)
    desk.setup_file.unlink(missing_ok=True)
    if row is None:
        raise Problem("signin.setup")
    await desk.note(call.request, None, "setUp", subject=("person", row.id))
    return await begin(call, row, complete=True)


async def sign_out(call: Call) -> web.Response:
    """Also for a sign-in whose second factor was never shown."""
    desk = call.service.desk
    cookies.check_origin(call.request, desk.settings)
    response = web.Response(status=204)
    try:
        found = await desk.look(call.request)
    except Problem:
        found = None
    if found:
        signin, row = found
        if signin.complete:
            cookies.check_csrf(call.request, desk.settings, signin.csrf)
        await desk.signins.end(signin.id)
        await desk.note(call.request, None, "signOut", subject=("person", row.id))
    cookies.drop(response, desk.settings)
    return response


async def change_password(call: Call) -> web.Response:
    """Ends the person's other sign-ins, and gives this one a new token."""
    asked: PasswordChange = call.body
    row = await _confirmed(call, asked.old.get_secret_value())
    desk = call.service.desk
    new = await accepted(desk, asked.new.get_secret_value(), row.email)
    await desk.people.change(row.id, password=new)
    await desk.signins.end_all(row.id)
    await desk.note(call.request, call.principal, "changePassword", subject=("person", row.id))
    return await begin(call, row, complete=True)


async def enrol(call: Call) -> Enrolment:
    """A new secret; with the password, so that an unwatched screen is not enough, and with a code of the
    second factor that it is to replace."""
    asked: EnrolAsked = call.body
    row = await _confirmed(call, asked.password.get_secret_value())
    if row.totp:
        names = await _allowed(call, row.email)
        if not await shown(call.service.desk, row, asked.code):
            await _failed(call, names)
            raise Problem("signin.code")
        await _clear(call.service.desk, names)
    secret = second_factor.new_secret()
    await call.service.desk.people.offer_totp(row.id, secret)
    uri = second_factor.uri(secret, row.email)
    return Enrolment(uri=uri, svg=second_factor.picture(uri), secret=secret)


async def confirm(call: Call) -> RecoveryCodes:
    asked: SecondFactor = call.body
    desk, row = call.service.desk, await _me(call)
    names = await _allowed(call, row.email)
    if not asked.code.isdigit() or not await shown(desk, row, asked.code):
        await _failed(call, names)
        raise Problem("signin.code")
    await _clear(desk, names)
    codes = second_factor.recovery_codes()
    await desk.people.confirm_totp(row.id, codes)
    signin = call.principal.signin
    await desk.signins.end_all(row.id, but=signin.id if signin else None)
    await desk.note(call.request, call.principal, "confirmSecondFactor", subject=("person", row.id))
    return RecoveryCodes(codes=codes)


async def begin(call: Call, row: PersonRow, *, complete: bool) -> web.Response:
    desk = call.service.desk
    try:
        old = await desk.look(call.request)
    except Problem:
        old = None
    if old:
        await desk.signins.end(old[0].id)
    token, _ = await desk.signins.begin(row.id, complete=complete)
    subject = ("person", row.id)
    await desk.note(call.request, None, "signIn", subject=subject, outcome="done" if complete else "begun")
    response = web.json_response(SignedIn(complete=complete).model_dump())
    cookies.put(response, desk.settings, token, desk.settings.people.lifetime_s)
    return response


async def accepted(desk: Desk, password: str, email: str) -> str:
    """The hash of a password that may be had. Raises Problem people.password."""
    own = normal(email).partition("@")[0]
    plain = password.lower()
    if len(password) < desk.settings.people.password_length or len(set(plain)) < 5 or plain == own:
        raise Problem("people.password", where=f"≥ {desk.settings.people.password_length}")
    return await desk.passwords.hash(password)


def _here(call: Call) -> Desk:
    """What signs in must come from our own page, over TLS or on this machine."""
    desk = call.service.desk
    cookies.check_transport(call.request, desk.settings)
    cookies.check_origin(call.request, desk.settings)
    return desk


async def _me(call: Call) -> PersonRow:
    row = await call.service.desk.people.get(call.person.id) if call.person else None
    if row is None:
        raise Problem("signin.needed")
    return row


async def _confirmed(call: Call, password: str) -> PersonRow:
    """The person again, by their password, which may be guessed here no faster than at the sign-in."""
    row = await _me(call)
    names = await _allowed(call, row.email)
    if not await call.service.desk.passwords.check(row.password, password):
        await _failed(call, names)
        raise Problem("signin.refused")
    await _clear(call.service.desk, names)
    return row


async def _allowed(call: Call, account: str) -> tuple[str, str]:
    """What attempts are counted for: account and address. Raises Problem signin.wait.

    The account's is counted at once. The address' only when it has failed: many people may share one.
    """
    desk = call.service.desk
    names = f"account {normal(account)}", f"address {cookies.address(call.request, desk.settings)}"
    wait = await desk.addresses.blocked_s(names[1]) or await desk.accounts.take(names[0])
    if wait > 0:
        raise Problem("signin.wait", headers={"Retry-After": str(math.ceil(wait))})
    return names


async def _failed(call: Call, names: tuple[str, str]) -> None:
    await call.service.desk.addresses.take(names[1])


async def _clear(desk: Desk, names: tuple[str, str]) -> None:
    """The account's count alone: else an account of one's own would let one try others' without end."""
    await desk.accounts.clear(names[0])
