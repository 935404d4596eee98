"""All rooms one after the other, as people go through them."""

from __future__ import annotations

from bench.screens import analyses, candidate, design, desk, history, inviting, office, signin
from bench.screens.company import Company
from bench.screens.stage import Stage


def tour(stage: Stage) -> None:
    """One whole interview, from the design to the comparison of candidates; `stage.take` sees every step."""
    signin.set_up(stage)
    design.design(stage)
    inviting.invite(stage)
    history.history(stage)
    candidate.refused(stage, desk.listed(stage))
    candidate.astray(stage)
    with Company(stage, [_claimed(stage, name) for name in stage.words.others]):
        page = candidate.prepare(stage)
        session = stage.call("GET", f"/jobs/{stage.job}/invitations?limit=200")["invitations"]
        mine = next(one["session"] for one in session if one["invitee"]["name"] == stage.words.candidate)
        hr = desk.live(stage, page, mine)
        desk.ended(stage, hr)
        candidate.afterwards(stage, page)
    desk.result(stage, hr)
    desk.decided(stage, hr)
    inviting.invitations(stage)
    analyses.analyses(stage)
    office.office(stage)
    signin.account(stage)


def _claimed(stage: Stage, name: str) -> tuple[str, str]:
    token = stage.links[name].rpartition("/i/")[2]
    stage.call("POST", "/invitations/open", {"token": token}, token="")
    claimed = stage.call("POST", "/invitations/claim", {"token": token}, token="")
    return claimed["session"], claimed["token"]
