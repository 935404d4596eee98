"""Which branches a caller may name, and which they get when they name none."""

from __future__ import annotations

from collections.abc import Collection

from gateway.operations import Call
from gateway.problems import Problem


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


def actor(call: Call) -> str:
    """Who is noted as having done it: a person by name, a token by its role."""
    return call.person.name if call.person else call.principal.role
