from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.invitations import (
    CLOSED,
    TRANSITIONS,
    InterviewDesign,
    Invitation,
    InvitationState,
    Invitee,
    TransitionRefused,
    change,
    due_for_reminder,
    move,
    resumed,
    with_extra_time,
)
from interviews.questions import default_questions

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
STATES: tuple[InvitationState, ...] = get_args(InvitationState)


def invitation(**more: object) -> Invitation:
    made = Invitation(
        id="i1",
        branch="head",
        job="sales",
        session="s1",
        invitee=Invitee(name="李雷", email="li@example.com"),
        design=InterviewDesign(job_title={"zh": "销售"}, questions=default_questions("zh"), policy="CN"),
        nonce="n",
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )
    return made.model_copy(update=more)


@given(st.lists(st.sampled_from(STATES), max_size=20))
def test_only_listed_ways_lead_on_and_each_leaves_an_entry(wishes: list[InvitationState]) -> None:
    current, entries = invitation(), []
    for to in wishes:
        before = current
        if to in TRANSITIONS[current.state]:
            current, entry = move(current, to, NOW, "hr")
            entries.append(entry)
            assert (current.state, current.revision) == (to, before.revision + 1)
        else:
            with pytest.raises(TransitionRefused):
                move(current, to, NOW, "hr")
    assert [entry.state for entry in entries][-1:] == ([current.state] if entries else [])
    assert current.revision == len(entries)
    assert (current.opened_at is not None) == any(entry.act == "opened" for entry in entries)


def test_ends_are_ends() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert {state for state, onward in TRANSITIONS.items() if not onward} == {"finished", "revoked"}
    assert all("revoked" in TRANSITIONS[state] for state in STATES if state not in ("finished", "revoked"))


def test_the_first_opening_is_kept() -> None:
    opened, _ = move(invitation(state="sent"), "opened", NOW, "candidate")
    bound, _ = move(opened, "bound", NOW + timedelta(hours=1), "candidate")
    again, _ = move(bound, "opened", NOW + timedelta(hours=2), "hr")
    assert again.opened_at == NOW


@pytest.mark.parametrize("state", STATES)
def test_reminders_are_for_the_unread(state: InvitationState) -> None:
    sent = invitation(state=state, sent_at=NOW)
    assert due_for_reminder(sent, NOW + timedelta(hours=24), timedelta(hours=24)) is (
        state in ("sent", "delivered")
    )


def test_a_reminder_is_due_once_in_its_time_and_never_after_the_deadline() -> None:
    day = timedelta(hours=24)
    sent = invitation(state="sent", sent_at=NOW)
    assert not due_for_reminder(sent, NOW + day - timedelta(seconds=1), day)
    reminded, _ = change(sent, "reminded", NOW + day, "hr", reminded_at=NOW + day)
    assert not due_for_reminder(reminded, NOW + day + timedelta(hours=23), day)
    assert due_for_reminder(reminded, NOW + 2 * day, day)
    assert not due_for_reminder(sent, sent.expires_at, day)


def test_an_expired_one_goes_on_where_it_was() -> None:
    assert resumed(invitation(state="expired")) == "draft"
    assert resumed(invitation(state="expired", sent_at=NOW)) == "sent"
    assert resumed(invitation(state="expired", sent_at=NOW, opened_at=NOW)) == "opened"
    assert resumed(invitation(state="expired", opened_at=NOW, device="d")) == "bound"
    assert all(resumed(invitation(opened_at=o)) in TRANSITIONS["expired"] - CLOSED for o in (None, NOW))


@given(st.floats(1, 3))
def test_extra_time_never_takes_time_and_stays_within_what_a_question_allows(factor: float) -> None:
    questions = default_questions("en")
    longer = with_extra_time(
        [q.model_copy(update={"think_s": 700.0, "answer_s": 3000.0}) for q in questions], factor
    )
    assert all(700 <= q.think_s <= 1800 and 3000 <= q.answer_s <= 3600 for q in longer)
    assert longer[0].think_s == pytest.approx(min(1800, 700 * factor))
