"""Which operation is whose: every declared operation, every role."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.people_routes import PEOPLE_OPERATIONS
from gateway.routes import OPERATIONS
from interviews.roles import Permission, Role, allows

# Deliberately not for people who sign in: the candidate's side, and what is open to all.
CANDIDATES = {
    "startChallenge",
    "startFlash",
    "noteDevices",
    "askForHumanCheck",
    "enrolPhoto",
    "publish",
    "trickle",
    "hangUp",
    "noteOpened",
    "giveConsent",
    "withdrawConsent",
    "noteDeviceCheck",
    "answerSurvey",
    "askForReview",
    "saveCode",
    "runCode",
    "submitCode",
    "reportLink",
    "getOwnData",
}
OPEN = {
    "whipOptions",
    "whipResourceOptions",
    "whepOptions",
    "whepResourceOptions",
    "getSignIn",
    "signIn",
    "showSecondFactor",
    "setUp",
    "leaveForProvider",
    "backFromProvider",
    "signOut",
    "health",
    "ready",
    "metrics",
    "openInvitation",
    "claimInvitation",
    "handOverInvitation",
}
WHOEVER_SIGNED_IN = {"getMe", "changePassword", "enrolSecondFactor", "confirmSecondFactor", "getConfig"}
READS = {"getSession", "readEvents", "watchEvents", "getTranscript", "getScores", "getReport"}
READS |= {"getRecording", "linkRecording", "playRecording", "view", "verifyIdentity", "decideIdentity"}
READS |= {"listSessions", "listInvitations", "getInvitation", "getInvitationLink", "resendInvitation"}
READS |= {"getSessionInvitation", "previewResult"}


def test_every_operation_says_what_it_needs_or_is_deliberately_not_for_people() -> None:
    without = {operation.id: operation.access for operation in OPERATIONS if operation.needs is None}
    assert set(without) == CANDIDATES | OPEN | WHOEVER_SIGNED_IN
    assert {id_ for id_, access in without.items() if access == "open"} == OPEN
    assert {id_ for id_, access in without.items() if access == "candidate"} == CANDIDATES


def test_what_a_candidate_alone_may_do_is_never_a_persons() -> None:
    assert [one.id for one in OPERATIONS if one.access == "candidate" and one.needs] == []


def test_every_read_of_a_candidates_data_is_audited() -> None:
    audited = {operation.id for operation in OPERATIONS if operation.audits}
    assert audited >= READS
    needs = {operation.id: operation.needs for operation in OPERATIONS}
    assert {id_ for id_, need in needs.items() if need and need.startswith("results.")} <= audited


EXPECTED: dict[Role, set[Permission]] = {
    "recruiter": {
        "jobs.read",
        "jobs.write",
        "invitations.read",
        "invitations.write",
        "sessions.read",
        "sessions.watch",
        "sessions.command",
        "results.read",
    },
    "hiring-manager": {"jobs.read", "sessions.read", "results.read", "results.comment"},
    "recruiting-manager": set(get_args(Permission)) - {"people.manage", "audit.read", "server.manage"},
    "administrator": set(get_args(Permission)),
}


@pytest.mark.parametrize("role", get_args(Role))
def test_roles(role: Role) -> None:
    assert {one for one in get_args(Permission) if allows(role, one)} == EXPECTED[role]


def test_only_administrators_keep_people_and_read_the_trail() -> None:
    kept = {one.needs for one in PEOPLE_OPERATIONS if one.tag == "audit" or one.method in ("PATCH", "DELETE")}
    assert kept == {"people.manage", "audit.read"}
    for need in ("people.manage", "audit.read", "server.manage"):
        assert [role for role in get_args(Role) if allows(role, need)] == ["administrator"]
