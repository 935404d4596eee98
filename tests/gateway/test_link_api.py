"""The link from both sides: what media measures, and what the candidate's page says of its own."""

from __future__ import annotations

import asyncio

import pytest

from bench.clip import EncodedClip
from gateway import link_api
from interviews.link_events import LinkReported
from tests.gateway.conftest import Running

REPORT = {"rtt_ms": 41.5, "loss": 0.02, "jitter_ms": 3.0, "kbps": 812.0, "fps": 14.9, "limited": "bandwidth"}


async def test_what_the_page_reports_is_logged_and_measured(running: Running) -> None:
    made = await running.create()
    path, token = f"/api/v1/sessions/{made['id']}/link", made["candidate_token"]
    assert (await running.call("POST", path, REPORT, token=token))[0] == 204
    assert (await running.call("POST", path, REPORT, token=token))[0] == 204  # too soon to be kept
    told = [
        e.data for e in await running.until(made["id"], "link.reported") if e.data.type == "link.reported"
    ]
    assert told == [LinkReported.model_validate(REPORT)]
    _, metrics, _ = await running.call("GET", "/metrics")
    assert 'viva_link_rtt_seconds_sum{side="page"} 0.0415' in metrics
    assert 'viva_link_loss_count{side="page"} 1.0' in metrics


@pytest.mark.parametrize("wrong", [{"loss": 1.5}, {"rtt_ms": -1}, {"limited": "mood"}, {"more": 1}])
async def test_what_cannot_be_is_refused(running: Running, wrong: dict[str, object]) -> None:
    made = await running.create()
    path = f"/api/v1/sessions/{made['id']}/link"
    assert (await running.call("POST", path, REPORT | wrong, token=made["candidate_token"]))[0] == 422
    assert [event.data.type for event in await running.log(made["id"])] == ["session.created"]


async def test_another_candidate_may_not_report(running: Running) -> None:
    made, other = await running.create(), await running.create()
    path = f"/api/v1/sessions/{made['id']}/link"
    assert (await running.call("POST", path, REPORT, token=other["candidate_token"]))[0] in (403, 404)


async def test_reports_are_kept_again_after_a_while(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_api, "EVERY_S", 0.1)
    made = await running.create()
    for _ in range(2):
        await running.call(
            "POST", f"/api/v1/sessions/{made['id']}/link", {"loss": 0.0}, token=made["candidate_token"]
        )
        await asyncio.sleep(0.15)
    await running.until(made["id"], "link.reported", 2)


async def test_a_word_that_comes_just_after_the_end_is_no_fault_and_not_kept(running: Running) -> None:
    made = await running.create()
    path, token = f"/api/v1/sessions/{made['id']}/link", made["candidate_token"]
    await running.call("POST", f"/api/v1/sessions/{made['id']}/end")
    assert (await running.call("POST", path, REPORT, token=token))[0] == 204
    events = await running.until(made["id"], "result.ready")
    assert (await running.call("POST", path, REPORT, token=token))[0] == 204
    assert "link.reported" not in [event.data.type for event in events + await running.log(made["id"])]


async def test_what_waits_and_the_server_s_side_are_metrics(running: Running, clip: EncodedClip) -> None:
    made = await running.create()
    async with running.peer(made, clip) as peer:
        await peer.connect()
        events = await running.until(made["id"], "link.measured", 2)
    link = [event.data for event in events if event.data.type == "link.measured"][-1]
    assert link.freezes >= 0
    assert link.frozen_ms >= 0
    _, metrics, _ = await running.call("GET", "/metrics")
    assert 'viva_link_loss_count{side="server"}' in metrics
    for queue in ("audio", "video", "events", "utterances"):
        assert f'viva_waiting{{queue="{queue}"}}' in metrics
    tasks = next(line for line in metrics.splitlines() if line.startswith("viva_tasks "))
    assert float(tasks.split()[1]) > 3
