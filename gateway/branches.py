"""Which branches a caller may name, and which they get when they name none."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast, get_args

from gateway.operations import Call
from gateway.problems import Problem
from interviews.events import Policy
from interviews.roles import HEAD, policy_of


def within(call: Call, branch: str) -> str:
    """The branch, where it is theirs or below it. Raises Problem token.forbidden; a token reaches all."""
    if call.person is not None and branch not in call.person.reach:
        raise Problem("token.forbidden")
    return branch


def listed(call: Call, asked: str | None) -> Collection[str] | None:
    """What a list is of: the branch asked for, or all in reach; None: every branch there is."""
    if asked is not None:
        return [within(call, asked)]
    return None if call.person is None else call.person.reach


async def policy_for(call: Call, branch: str | None, asked: Policy | None) -> Policy:
    """What holds for an interview of `branch`: its own policy or that of a branch above it, else what was
    asked for, else the server's. Raises Problem branch.policy where a person asks for another than the
    branch's; a token may.
    """
    regional, default = await _regional(call, branch), call.service.shared.settings.policy
    if call.person is not None and None not in (asked, regional) and asked != regional:
        raise Problem("branch.policy")
    return asked or regional or default


async def policies_for(call: Call) -> list[Policy]:
    """What `policy_for` takes for the caller's own branch, first what holds where none is asked for."""
    regional = await _regional(call, call.person.branch if call.person else None)
    usual = regional or call.service.shared.settings.policy
    if call.person is not None and regional is not None:
        return [usual]
    return [usual, *(one for one in get_args(Policy) if one != usual)]


async def _regional(call: Call, branch: str | None) -> Policy | None:
    """That of the branch or of one above it; None where none has one."""
    branches = await call.service.desk.branches.list()
    return cast("Policy | None", policy_of(branches, branch or HEAD))


def actor(call: Call) -> str:
    """Who is noted as having done it: a person by name, a token by its role."""
    return call.person.name if call.person else call.principal.role
