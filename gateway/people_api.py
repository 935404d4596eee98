"""People and branches as an administrator keeps them: those of the own branch and below."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from gateway.desk import Desk
from gateway.operations import Call
from gateway.people_models import (
    BranchChange,
    BranchList,
    Me,
    NewBranch,
    NewPerson,
    PersonChange,
    PersonList,
    PersonView,
)
from gateway.problems import Problem
from gateway.signin import accepted
from interviews.roles import HEAD, Branch, Permission, allows
from storage.branches import BranchRefused
from storage.people import EmailTaken, PersonRow


async def me(call: Call) -> Me:
    person, signin = call.person, call.principal.signin
    row = await call.service.desk.people.get(person.id) if person else None
    if person is None or signin is None or row is None:
        raise Problem("signin.needed")
    return Me(
        person=_view(row),
        role=person.role,
        branch=person.branch,
        reach=sorted(person.reach),
        permissions=[one for one in get_args(Permission) if allows(person.role, one)],
        csrf=signin.csrf,
    )


async def list_people(call: Call) -> PersonList:
    rows = await call.service.desk.people.list(await _reach(call))
    return PersonList(people=[_view(row) for row in rows])


async def add_person(call: Call) -> PersonView:
    asked: NewPerson = call.body
    desk = call.service.desk
    await _within(call, asked.branch)
    secret = asked.password.get_secret_value() if asked.password else None
    password = await accepted(desk, secret, asked.email) if secret is not None else None
    try:
        row = await desk.people.add(asked.email, asked.name, asked.role, asked.branch, password)
    except EmailTaken:
        raise Problem("people.email") from None
    if row is None:
        raise Problem("people.unknown")
    await desk.note(call.request, call.principal, "addPerson", subject=("person", row.id), branch=row.branch)
    return _view(row)


async def get_person(call: Call) -> PersonView:
    return _view(await _person(call))


async def change_person(call: Call) -> PersonView:
    asked: PersonChange = call.body
    desk, row = call.service.desk, await _person(call)
    if asked.branch is not None:
        await _within(call, asked.branch)
    loses = (
        asked.disabled or (asked.role or row.role) != "administrator" or (asked.branch or row.branch) != HEAD
    )
    if loses and not row.disabled and await _is_last(desk, row):
        raise Problem("people.last")
    secret = asked.password.get_secret_value() if asked.password else None
    password = await accepted(desk, secret, row.email) if secret is not None else None
    subject = ("person", row.id)
    await desk.note(call.request, call.principal, "changePerson", subject=subject, branch=row.branch)
    changed = await desk.people.change(
        row.id,
        name=asked.name,
        role=asked.role,
        branch=asked.branch,
        password=password,
        disabled=asked.disabled,
    )
    if asked.drop_second_factor:
        await desk.people.drop_totp(row.id)
    if asked.model_fields_set - {"name"}:
        await desk.signins.end_all(row.id)
    return _view(await desk.people.get(row.id) or changed or row)


async def list_branches(call: Call) -> BranchList:
    within = await _reach(call)
    return BranchList(branches=[one for one in await call.service.desk.branches.list() if one.id in within])


async def add_branch(call: Call) -> Branch:
    asked: NewBranch = call.body
    await _within(call, asked.parent)
    made = Branch(id=asked.id, parent=asked.parent, name=asked.name, policy=asked.policy)
    return await _kept(call, made, "addBranch")


async def change_branch(call: Call) -> Branch:
    """Its parent stays where none is given. One's own branch cannot be moved, only what is below it."""
    asked: BranchChange = call.body
    id_ = call.request.match_info["branch"]
    old = next((one for one in await call.service.desk.branches.list() if one.id == id_), None)
    if old is None:
        raise Problem("branch.unknown")
    await _within(call, id_)
    parent = asked.parent if asked.parent is not None else old.parent
    if parent != old.parent:
        await _within(call, parent or HEAD)
        if call.person and call.person.branch == id_:
            raise Problem("token.forbidden")
    made = Branch(id=id_, parent=parent, name=asked.name, policy=asked.policy)
    return await _kept(call, made, "changeBranch")


async def end_signins(call: Call) -> web.Response:
    """Everywhere: a lost laptop, say."""
    desk, row = call.service.desk, await _person(call)
    await desk.note(call.request, call.principal, "endSignIns", subject=("person", row.id), branch=row.branch)
    await desk.signins.end_all(row.id)
    return web.Response(status=204)


async def _kept(call: Call, branch: Branch, action: str) -> Branch:
    desk = call.service.desk
    try:
        await (desk.branches.add if action == "addBranch" else desk.branches.change)(branch)
    except BranchRefused:
        raise Problem("branch.refused") from None
    await desk.note(call.request, call.principal, action, subject=("branch", branch.id), branch=branch.id)
    return branch


async def _reach(call: Call) -> frozenset[str]:
    if call.person:
        return call.person.reach
    return frozenset(one.id for one in await call.service.desk.branches.list())


async def _within(call: Call, branch: str) -> None:
    """Raises Problem branch.unknown, token.forbidden."""
    if branch not in {one.id for one in await call.service.desk.branches.list()}:
        raise Problem("branch.unknown")
    if call.person and branch not in call.person.reach:
        raise Problem("token.forbidden")


async def _person(call: Call) -> PersonRow:
    """Raises Problem people.unknown, or token.forbidden for somebody out of reach."""
    row = await call.service.desk.people.get(call.request.match_info["person"])
    if row is None:
        raise Problem("people.unknown")
    await _within(call, row.branch)
    return row


async def _is_last(desk: Desk, row: PersonRow) -> bool:
    chiefs = [
        one for one in await desk.people.list([HEAD]) if one.role == "administrator" and not one.disabled
    ]
    return [one.id for one in chiefs] == [row.id]


def _view(row: PersonRow) -> PersonView:
    return PersonView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        branch=row.branch,
        second_factor=row.totp,
        disabled=row.disabled,
        created_at=row.created_at,
    )
