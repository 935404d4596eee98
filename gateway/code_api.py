"""The candidate's code over HTTP: saved, run, submitted; and a solution tried by whoever writes a task."""

from __future__ import annotations

import asyncio

from gateway.api_models import for_caller
from gateway.code_models import CodeOfQuestion, CodeSent, CodeTried, CodeTry, CodeView, Standing
from gateway.code_runner.messages import Program
from gateway.code_runner.runner import Busy, CodeRunner
from gateway.coding import Coding
from gateway.operations import Call
from gateway.problems import Problem
from interviews.coding import MAX_SOURCE, CodeLanguage
from interviews.events import Event
from interviews.state import SessionState


async def view(call: Call) -> CodeView:
    live = await call.service.registry.find(call.session)
    if live is not None and not live.finished:
        state = live.state
    else:
        events = await call.service.shared.events.read_all(call.session)
        state = await asyncio.to_thread(SessionState.of, events)
    shared = call.service.shared
    if not state.over:
        shared.code.warm(state.code.languages)
    return CodeView(questions=_questions(state), languages=_languages(state, shared.code))


async def save(call: Call) -> Event:
    asked: CodeSent = call.body
    event = await (await _coding(call)).save(asked.id, asked.question, asked.language, asked.source)
    return for_caller(event, candidate=True)


async def run(call: Call) -> Event:
    asked: CodeSent = call.body
    event = await (await _coding(call)).run(asked.id, asked.question, asked.language, asked.source)
    return for_caller(event, candidate=True)


async def submit(call: Call) -> Event:
    asked: CodeSent = call.body
    event = await (await _coding(call)).submit(asked.id, asked.question, asked.language, asked.source)
    return for_caller(event, candidate=True)


async def try_out(call: Call) -> CodeTried:
    """Nothing is kept. Raises Problem code.language, code.busy, code.too-large."""
    asked: CodeTry = call.body
    task = asked.task
    if asked.language not in task.languages:
        raise Problem("code.language")
    if len(asked.source.encode()) > MAX_SOURCE:
        raise Problem("code.too-large")
    program = Program(
        language=asked.language,
        source=asked.source,
        cases=tuple(enumerate(task.cases)),
        time_s=task.time_s,
        memory_mb=task.memory_mb,
    )
    try:
        done = await call.service.shared.code.run(program)
    except Busy:
        raise Problem("code.busy", headers={"Retry-After": "10"}) from None
    return CodeTried(outcome=done.outcome, compiler=done.compiler, results=list(done.results))


async def _coding(call: Call) -> Coding:
    """Raises Problem session.unknown, session.ended, gateway.moving."""
    return (await call.service.registry.running(call.session)).coding


def _questions(state: SessionState) -> list[CodeOfQuestion]:
    return [
        CodeOfQuestion(
            question=id_,
            language=work.language,
            sources=work.sources,
            saved_at=work.saved_at,
            last_run=work.last_run,
            submitted_at=work.submitted_at if work.submitted else None,
        )
        for id_, work in state.code.work.items()
    ]


def _languages(state: SessionState, runner: CodeRunner) -> dict[CodeLanguage, Standing]:
    found: dict[CodeLanguage, Standing] = {}
    for language in state.code.languages:
        able = runner.known(language)
        found[language] = "checking" if able is None else "missing" if able.fault else "runs"
    return found
