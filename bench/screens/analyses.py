"""What is seen over all interviews of a job: candidates side by side, validity, selection rates."""

from __future__ import annotations

from bench.screens.stage import Stage


def analyses(stage: Stage) -> None:
    page = stage.hr(f"/jobs/{stage.job}/compare")
    page.wait_for_selector("hr-compare table tbody tr")
    stage.take(page, "compare", whole=True)
    stage.goto(page, f"/validity/{stage.job}", "hr-validity select:has(option)")
    stage.take(page, "validity-ask")
    lines = [
        f"B-{2001 + at},{2.4 + (at * 7 % 5) * 0.5:.1f},{'fm'[at % 2]}"
        for at in range(len(stage.words.earlier))
    ]
    sheet = "\n".join(["id,performance,sex", *lines])
    page.set_input_files(
        "hr-validity input[type=file]",
        {"name": "later.csv", "mimeType": "text/csv", "buffer": sheet.encode()},
    )
    page.click("hr-validity .primary")
    page.wait_for_selector("hr-validity .validity-results section")
    stage.take(page, "validity", whole=True)
    page.close()
