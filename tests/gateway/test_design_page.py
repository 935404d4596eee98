"""HR designs an interview in a real browser: description, plan, sheet of candidates, a link that opens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bench.browser import FLAGS, BrowserMissing, executable
from interviews.design_check import fits
from interviews.invitations import move
from interviews.starter_bank import starter_bank
from interviews.starter_plans import starter_plans
from tests.gateway.conftest import API_TOKEN, Json, Running
from tests.gateway.desk_visitor import CHIEF, PASSWORD, hire, set_up

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
# A character outside the basic plane: the server counts it as one, JavaScript's strings as two.
JD = (
    "🚀 销售代表\n岗位职责：\n1、负责产品销售，完成销售目标；\n"
    "2、与客户沟通，处理客户投诉；\n3、具备团队合作精神。"
)
SHEET = (
    "姓名,邮箱,手机\n李雷,li@example.com,\n韩梅梅,not-an-address,\nTom,,13800138000\n"
    "Ann,ann@example.com,123\n,nobody@example.com,\n"
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    try:
        path = executable()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        await started.close()


async def opened(browser: Browser, errors: list[str], viewport: Json = DESKTOP) -> Page:
    """A page of a browser context of its own, whose faults are kept in `errors`."""
    context = await browser.new_context(viewport=viewport)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if re.search("no message|Content", said.text) else None,
    )
    return page


async def made_job(running: Running, **more: str) -> str:
    body = {"title": {"zh": "销售代表", "en": "Sales representative"}, "role": "sales", **more}
    status, made, _ = await running.call("POST", "/api/v1/jobs", body)
    assert status == 201, made
    return str(made["job"]["id"])


async def fits_in(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def read(running: Running, path: str) -> Json:
    status, body, _ = await running.call("GET", f"/api/v1{path}")
    assert status == 200, body
    return dict(body)


async def test_from_the_description_to_the_link_of_a_candidate(
    running: Running, browser: Browser, tmp_path: Path
) -> None:
    errors: list[str] = []
    page = await opened(browser, errors)
    await page.goto(f"{running.server.url}/hr?lang=en#/jobs&t={API_TOKEN}")
    await page.get_by_role("button", name="New job").click()
    await page.fill("dialog[open] [name=title-en]", "Sales representative")
    await page.select_option("dialog[open] [name=role]", "sales")
    await page.click("dialog[open] .primary")
    await expect(page.locator("hr-job h1")).to_have_text("Sales representative")
    [job] = [one["job"]["id"] for one in (await read(running, "/jobs"))["jobs"]]

    await _describe(page)
    plan = await _plan(running, page, job)
    link = await _invite(running, page, job, plan, tmp_path)

    candidate = await opened(browser, errors, PHONE)
    await candidate.goto(link)
    await expect(candidate.locator("candidate-link h1")).to_have_text("Sales representative")
    await expect(page.locator("hr-invitations tr", has_text="李雷").locator(".chip")).to_have_text("Read")
    assert errors == []


async def _describe(page: Page) -> None:
    """Phrases are marked where the server found them; only weights of 100 % make a plan."""
    await page.fill("[name=jd]", JD)
    await page.locator("hr-description").get_by_role("button", name="Save").click()
    marks = page.locator("hr-description mark")
    await expect(marks.first).to_be_visible()
    rows = page.locator("hr-weights li[data-dimension]")
    for at in range(await rows.count()):
        phrase = await rows.nth(at).locator(".phrase").inner_text()
        id_ = await rows.nth(at).get_attribute("data-dimension")
        marked = page.locator(f'mark[data-dimensions~="{id_}"]')
        texts = await marked.evaluate_all("all => all.map((one) => one.firstChild.textContent)")
        assert phrase in "".join(texts)
    words = page.locator("hr-recommend .phrases [data-leads]")
    await expect(words.first).to_be_visible()
    led = await words.first.get_attribute("data-leads")
    await words.first.click()
    focused = await page.evaluate("document.activeElement.dataset.dimension")
    assert focused == led
    make = page.get_by_role("button", name="Make a plan from these")
    await rows.nth(0).locator("input").fill("90")
    await expect(page.locator(".weights-sum")).to_contain_text("too much")
    await expect(make).to_be_disabled()
    await page.get_by_role("button", name="Scale to 100 %").click()
    await expect(page.locator(".weights-sum")).to_have_text("Sum 100 %")
    await expect(make).to_be_enabled()


async def _plan(running: Running, page: Page, job: str) -> str:
    """A starter plan whose step is made too short cannot be saved; a save that came between is told."""
    await page.get_by_role("link", name="Plans").last.click()
    await page.click("[data-starter=sales]")
    blocks = page.locator(".track-step")
    await expect(blocks).to_have_count(4)
    state, save = page.locator("hr-plan header [role=status]"), page.get_by_role("button", name="Save")
    await expect(state).to_contain_text("may be saved")
    await blocks.nth(1).click()
    await page.fill("hr-step [name=limit]", "5")
    await expect(page.locator("hr-step .field", has_text="Time limit")).to_contain_text("more than its limit")
    await expect(blocks.nth(1)).to_contain_text("over the limit 5:00")
    await expect(save).to_be_disabled()
    await page.locator("hr-weights li input").first.fill("20")
    await expect(page.locator("hr-plan section .problem", has_text="90 %")).to_be_visible()
    await page.locator("hr-weights li input").first.fill("30")
    await page.fill("hr-step [name=limit]", "9")  # the field is left by pressing Save, which must still save
    await expect(state).to_contain_text("may be saved")
    await save.click()
    await expect(state).to_have_text("Saved")
    [kept] = (await read(running, f"/plans?job={job}"))["plans"]
    plan = kept["plan"]

    status, _, _ = await running.call("PUT", f"/api/v1/plans/{plan['id']}", {"seen": 1, "plan": plan})
    assert status == 200
    await page.uncheck("hr-plan [name=survey]")
    await expect(state).to_contain_text("may be saved")
    await save.click()
    await expect(page.locator(".notice", has_text="version 2 meanwhile")).to_be_visible()
    await page.get_by_role("button", name="Save mine as the next version").click()
    await expect(page.locator("hr-plan .badge").first).to_have_text("Version 3")
    await page.get_by_role("button", name="Preview").click()
    await page.locator("dialog[open] [name=language]").select_option("zh")
    await _preview(page)
    await page.keyboard.press("Escape")
    return str(plan["id"])


async def _preview(page: Page) -> None:
    """In the candidate's words and order; what the plan leaves out (the survey) is left out here too."""
    frame, forth = (
        page.locator(".preview-frame"),
        page.locator("dialog[open]").get_by_role("button", name="Next"),
    )
    await expect(frame).to_contain_text("7 questions")
    await forth.click()
    await expect(frame.locator("h3")).to_have_text("Practise first")
    await forth.click()
    await expect(frame.locator("li")).to_have_text(
        [
            "1 次自我介绍，2 分钟。",
            "3 道结构化问题，每题思考 1 分钟，每题作答 2 分钟。",
            re.compile("^2 道情景模拟题，"),
            "最后是自由提问，5 分钟。",
            re.compile("随时保存"),
            re.compile("不要离开本页"),
        ]
    )
    await forth.click()
    await expect(page.locator(".preview-question")).to_contain_text("介绍一下你自己")
    await expect(frame).to_contain_text("Question 1 of 7")
    await expect(frame).to_contain_text("2:00 left")
    for _ in range(7):
        await forth.click()
    await expect(forth).to_be_disabled()
    await expect(frame.locator("h3")).to_have_count(1)


async def _invite(running: Running, page: Page, job: str, plan: str, folder: Path) -> str:
    """A sheet is checked before anybody is invited; its bad rows are told by row and column."""
    sheet = folder / "candidates.csv"
    sheet.write_text(SHEET, "utf-8")
    await page.goto(f"{running.server.url}/hr?lang=en#/jobs/{job}/invitations")
    await page.get_by_role("button", name="Import spreadsheet").click()
    await expect(page.locator("dialog[open] [name=plan]")).to_have_value(plan)
    await page.set_input_files("dialog[open] [name=sheet]", sheet)
    cells = page.locator("dialog[open] table").first.locator("tbody tr")
    wrong = [(await row.inner_text()).split("\t")[:2] for row in await cells.all()]
    for _ in range(50):
        if wrong:
            break
        await page.wait_for_timeout(100)
        wrong = [(await row.inner_text()).split("\t")[:2] for row in await cells.all()]
    assert wrong == [["3", "E-mail"], ["5", "Phone"], ["6", "Name"]]
    assert (await read(running, f"/jobs/{job}/invitations"))["invitations"] == []
    await page.get_by_role("button", name="Invite these 2").click()
    links = page.locator("dialog[open] viva-copy input")
    await expect(links).to_have_count(2)
    assert len((await read(running, f"/jobs/{job}/invitations"))["invitations"]) == 2
    link = await page.locator("dialog[open] li", has_text="李雷").locator("input").input_value()
    await page.get_by_role("button", name="Close", exact=True).click()
    row = page.locator("hr-invitations tr", has_text="李雷")
    await expect(row.locator(".chip")).to_have_text("Not sent")
    await row.get_by_role("button", name="Manage").click()
    # Signed anew, second by second; the invitation in it is the same.
    await expect(page.locator("dialog[open] viva-copy input")).to_have_value(
        re.compile("^" + re.escape(link.rsplit(".", 2)[0]))
    )
    await page.get_by_role("button", name="Close", exact=True).click()
    return link


async def test_the_track_counts_times_as_the_server_does(running: Running, browser: Browser) -> None:
    bank, starters = starter_bank(), list(starter_plans().values())
    page = await opened(browser, [])
    await page.goto(f"{running.server.url}/hr?lang=en#/jobs&t={API_TOKEN}")
    counted = await page.evaluate(
        """async ([plans, questions]) => {
            const { neededS } = await import("/static/js/hr/design/times.js");
            const bank = new Map(Object.entries(questions).map(([id, question]) => [id, { question }]));
            return plans.map((plan) => plan.steps.map((step) => neededS(step, bank)));
        }""",
        [
            [one.model_dump(mode="json") for one in starters],
            {id_: one.model_dump(mode="json") for id_, one in bank.items()},
        ],
    )
    assert counted == [[time.needed_s for time in fits(plan, bank)] for plan in starters]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_place_fits_a_phone(running: Running, browser: Browser, language: str) -> None:
    errors: list[str] = []
    job = await made_job(running, description=JD)
    status, made, _ = await running.call(
        "POST", f"/api/v1/jobs/{job}/invitations", {"invitees": [{"name": "李雷", "phone": "13800138000"}]}
    )
    assert status == 201, made
    page = await opened(browser, errors, PHONE)
    await page.goto(f"{running.server.url}/hr?lang={language}#/jobs&t={API_TOKEN}")
    for place, there in (
        ("/jobs", "hr-jobs .job-card"),
        (f"/jobs/{job}", "hr-weights li[data-dimension]"),
        (f"/jobs/{job}/plans", "[data-starter]"),
        (f"/jobs/{job}/invitations", "hr-invitations tbody tr"),
        ("/questions", "hr-questions li[data-question]"),
        ("/notices", ".mail h3"),
    ):
        await page.evaluate("(place) => { location.hash = place; }", f"#{place}")
        await page.wait_for_selector(there)
        assert await fits_in(page), place
    await page.evaluate("(place) => { location.hash = place; }", f"#/jobs/{job}/plans")
    await page.click("[data-starter=engineer]")
    await page.wait_for_selector(".track-step")
    assert await fits_in(page)
    small = await page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input:not([type=checkbox], [type=file])")]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == []
    assert errors == []


async def test_a_question_is_written_changed_and_retired(running: Running, browser: Browser) -> None:
    """On the bank's own page, on a phone: what the server refuses is told beside its field."""
    errors: list[str] = []
    page = await opened(browser, errors, PHONE)
    await page.goto(f"{running.server.url}/hr?lang=en#/questions&t={API_TOKEN}")
    await expect(page.locator("hr-nav a", has_text="Plans")).to_have_attribute("aria-current", "page")
    form, save = page.locator("dialog[open]"), page.locator("dialog[open] .primary")

    await page.get_by_role("button", name="New question").click()
    await page.select_option("dialog[open] [name=kind]", "scenario")
    await page.select_option("dialog[open] [name=dimension]", "communication")
    await page.fill("dialog[open] [name=answer]", "90")
    await save.click()
    await expect(form.locator(".field", has=page.locator("[name=text-en]"))).to_contain_text("no text")
    await page.fill("dialog[open] [name=text-en]", "A pipe has burst. What do you do?")
    await page.fill("dialog[open] [name=points-en]", "shuts the stopcock\n\nwarns the neighbours\n")
    await page.locator("dialog[open] summary:visible", has_text="Behavioural anchors").click()
    await page.fill("dialog[open] [name=anchor-en-1]", "waits")
    assert await fits_in(page)
    await save.click()
    await expect(form.locator("details[open]")).to_contain_text("1 of the five levels")
    for level in range(2, 6):
        await page.fill(f"dialog[open] [name=anchor-en-{level}]", f"does {level} things")
    await page.locator("dialog[open] [name=role][value=engineer]").check()
    await save.click()
    await expect(form).to_have_count(0)
    await page.fill("hr-questions [name=text]", "stopcock burst")
    rows = page.locator("hr-questions li[data-question]")
    await expect(rows).to_have_count(1)
    [kept] = (await read(running, "/questions?text=stopcock"))["questions"]
    question, own = kept["question"], kept["source"]
    assert (question["kind"], question["dimensions"], question["roles"]) == (
        "scenario",
        ["communication"],
        ["engineer"],
    )
    assert (question["answer_s"], question["key_points"], own) == (
        90,
        {"en": ["shuts the stopcock", "warns the neighbours"]},
        "own",
    )
    assert len(question["anchors"]["en"]) == 5

    await rows.get_by_role("button", name="Edit question").click()
    await expect(page.locator("dialog[open] [name=anchor-en-5]")).to_have_value("does 5 things")
    await page.fill("dialog[open] [name=text-en]", "A pipe has burst at night. What do you do?")
    await save.click()
    await expect(rows).to_contain_text("at night")
    await expect(rows).to_have_count(1)
    [changed] = (await read(running, "/questions?text=stopcock"))["questions"]
    changed = changed["question"]
    assert changed["id"] != question["id"]
    same = {"id": "", "text": {}}
    assert changed | same == question | same

    await rows.get_by_role("button", name="Retire question").click()
    await expect(form).to_contain_text("at night")
    await form.get_by_role("button", name="Cancel").click()
    await expect(rows).to_have_count(1)
    await rows.get_by_role("button", name="Retire question").click()
    await form.get_by_role("button", name="Retire").click()
    await expect(page.locator("hr-questions [role=status]").first).to_have_text("No question fits")
    assert (await read(running, "/questions?text=stopcock"))["questions"] == []
    assert errors == []


async def test_a_step_takes_a_new_question_and_a_coding_question_is_changed(
    running: Running, browser: Browser
) -> None:
    errors: list[str] = []
    page = await opened(browser, errors)
    await page.goto(f"{running.server.url}/hr?lang=en#/plans&t={API_TOKEN}")
    await page.click("[data-starter=sales]")
    await page.locator(".track-step").nth(2).click()
    await page.get_by_role("button", name="Choose from the bank").click()
    await page.get_by_role("button", name="New question").click()
    top = page.locator("dialog[open]").last
    await expect(top.locator("[name=kind]")).to_have_value("scenario")
    await top.locator("[name=text-en]").fill("They hang up. What now?")
    await top.locator(".primary").click()
    await expect(page.locator("dialog[open]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("hr-step li").last).to_contain_text("They hang up. What now?")

    task = {"languages": ["python"], "cases": [{"stdin": "1\n", "expected": "2\n", "visible": True}]}
    given = {"id": "add", "kind": "coding", "text": {"en": "Add one."}, "dimensions": ["programming"]}
    body = {**given, "anchors": {}, "answer_s": 600, "task": task}
    assert (await running.call("POST", "/api/v1/questions", body))[0] == 201
    await page.goto(f"{running.server.url}/hr?lang=en#/questions")
    row = page.locator("hr-questions li", has_text="Add one.")
    await row.get_by_role("button", name="Edit question").click()
    await page.fill("dialog[open] [name=text-en]", "Add two.")
    await page.fill("dialog[open] [name=expected]", "3\n")
    await page.locator("dialog[open] .primary").click()
    row = page.locator("hr-questions li", has_text="Add two.")
    await expect(row).to_have_count(1)
    own = [one["question"] for one in (await read(running, "/questions?text=Add"))["questions"]]
    [changed] = [one for one in own if one["text"]["en"].startswith("Add ")]
    assert (changed["answer_s"], changed["task"]["languages"]) == (600, ["python"])
    assert [one["expected"] for one in changed["task"]["cases"]] == ["3\n"]
    assert errors == []


async def test_pages_show_what_the_person_may_do(running: Running, browser: Browser) -> None:
    """A hiring manager reads jobs and plans, invites nobody and changes nothing."""
    await set_up(running)
    await hire(running, "manager@example.com", "hiring-manager")
    await made_job(running, description=JD)
    errors: list[str] = []
    for email, may in (("manager@example.com", False), (CHIEF, True)):
        page = await opened(browser, errors)
        await page.goto(f"{running.server.url}/signin?lang=en")
        await page.fill("signin-enter [type=email]", email)
        await page.fill("signin-enter [type=password]", PASSWORD)
        await page.click("signin-enter .primary")
        await expect(page.locator("hr-who")).to_be_visible()
        await page.goto(f"{running.server.url}/hr?lang=en#/jobs")
        await expect(page.locator("hr-nav a", has_text="Jobs")).to_have_attribute("aria-current", "page")
        assert await page.locator("hr-nav a", has_text="Notices").count() == may
        assert await page.locator(".new-interview").count() == may
        await page.click("hr-jobs .job-card")
        await expect(page.locator("hr-job h1")).to_have_text("Sales representative")
        await expect(page.locator("hr-weights li[data-dimension]").first).to_be_visible()
        assert await page.locator(".tabs a", has_text="Invitations").count() == may
        for name in ("Edit job", "Edit text", "Make a plan from these"):
            assert await page.get_by_role("button", name=name).count() == may
        assert await page.locator("hr-weights input").first.is_disabled() is not may
        await page.context.close()
    assert errors == []


async def test_who_was_cut_off_is_invited_again(running: Running, browser: Browser) -> None:
    errors: list[str] = []
    job = await made_job(running, description=JD)
    path = f"/jobs/{job}/invitations"
    body = {"invitees": [{"name": "Li Lei", "email": "li@example.com", "language": "en"}]}
    _, made, _ = await running.call("POST", f"/api/v1{path}", body)
    [invited] = made["made"]
    token = {"token": invited["link"].rpartition("/i/")[2], "device": "test"}
    assert (await running.call("POST", "/api/v1/invitations/claim", token, token=None))[0] == 200
    await (await running.server.service.registry.running(invited["session"])).end("grace-expired")
    page = await opened(browser, errors)
    await page.goto(f"{running.server.url}/hr?lang=en#{path}&t={API_TOKEN}")
    rows = page.locator("hr-invitations tbody tr")
    await expect(rows.locator(".chip")).to_have_text("Finished")
    await rows.get_by_role("button", name="Manage").click()
    dialog = page.locator("dialog[open]").first
    await expect(dialog).to_contain_text("nobody ended it")
    await dialog.get_by_role("button", name="Invite again").click()
    await page.locator("dialog[open]").last.get_by_role("button", name="Invite again").click()
    await expect(dialog).to_contain_text("Invited again. The new invitation stands in the list.")
    await expect(dialog.get_by_role("button", name="Invite again")).to_have_count(0)
    await expect(dialog.locator(".history")).to_contain_text("invited again:")
    await dialog.get_by_role("button", name="Close", exact=True).click()
    await expect(rows).to_have_count(2)
    # What has not gone out is no mail that somebody left unread, and nobody is reminded of it.
    counted = page.locator("hr-invitations [role=status]").first
    await expect(counted).to_have_text("2 invitations, 0 unread")
    now = datetime.now(UTC)
    invitations = running.server.service.shared.inviting.invitations
    [new] = [one for one in await invitations.page(job) if one.state == "draft"]
    await invitations.save(*move(new, "sent", now, "system"))
    await expect(counted).to_have_text("2 invitations, 1 unread")
    assert errors == []
