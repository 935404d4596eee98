"""A question with something to program: written and run by the candidate, followed and judged at the desk."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from bench.browser import CandidatePage
from bench.screens.stage import PHONE, Stage

TASK: dict[str, Any] = {
    "id": "sum",
    "kind": "coding",
    "text": {
        "en": "Read one line of whole numbers and print their sum.",
        "zh": "读入一行整数，输出它们的和。",
    },
    "answer_s": 600,
    "task": {
        "languages": ["python", "java"],
        "starter": {"python": "numbers = input().split()\n"},
        "cases": [
            {"stdin": "1 2 3\n", "expected": "6\n", "visible": True},
            {"stdin": "4\n", "expected": "4\n", "visible": True},
            {"stdin": "-1 1\n", "expected": "0\n", "weight": 2},
        ],
    },
}
TALK = {
    "id": "why",
    "text": {"en": "Why did you solve it like that?", "zh": "为什么这样写？"},
    "answer_s": 60,
}
# Right as long as no number is negative.
WRITTEN = (
    "numbers = input().split()\ntotal = 0\nfor one in numbers:\n"
    "    if one.isdigit():\n        total += int(one)\nprint(total)\n"
)


def coding(stage: Stage) -> None:
    made = stage.call(
        "POST",
        "/sessions",
        {"candidate": stage.words.others[1], "language": stage.language, "questions": [TASK, TALK]},
    )
    candidate = CandidatePage(
        stage.context(PHONE).new_page(), made["candidate_url"], f"?fidelity=1&lang={stage.language}"
    )
    candidate.agree()
    candidate.begin()
    page = candidate.page
    text = page.locator("candidate-editor textarea")
    expect(text).to_be_editable()
    text.fill(WRITTEN)
    page.locator("candidate-editor").get_by_role(
        "button", name={"zh": "运行", "en": "Run"}[stage.language]
    ).click()
    page.wait_for_selector(
        "candidate-editor .code-summary:visible, candidate-editor .code-results:not(:empty)"
    )
    stage.take(page, "candidate-coding", whole=True)
    hr = stage.hr(f"s={made['id']}")
    expect(hr.locator("hr-code pre.code-shown").first).to_have_text(WRITTEN)
    stage.take(hr, "hr-coding", whole=True)
    candidate.next()
    page.context.close()
    stage.call("POST", f"/sessions/{made['id']}/end")
    hr.wait_for_selector(".code-report", timeout=120_000)
    stage.take(hr, "hr-coding-result", whole=True)
    hr.close()
