"""One program with all its cases: compiled once, then each case in a sandbox of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

from gateway.code_runner import sandbox, seccomp
from gateway.code_runner.limited import Ended, Limits, run
from gateway.code_runner.messages import Able, Outcome, Program
from gateway.code_runner.sandbox import NoSandbox
from gateway.code_runner.toolchains import Missing, Toolchain, toolchain
from interviews.coding import CodeLanguage, TestCase, same_output
from interviews.coding_events import CaseResult, Verdict

COMPILE_S, COMPILE_MB = 20.0, 768
IDLE, IDLE_MORE_S = 2.0, 2.0  # times the time of the processor, and more: for one that sleeps
WALL, WALL_MORE_S = 10.0, 10.0  # for one that a busy machine keeps waiting
SHOWN = 2000  # characters of an output
OUT_OF_MEMORY = (b"MemoryError", b"OutOfMemoryError", b"bad_alloc", b"heap out of memory", b"heap limit")
PROBED = "viva"


def execute(program: Program) -> Outcome:
    """Raises nothing that has to do with the program; OSError where the machine cannot start it."""
    try:
        chain = toolchain(program.language)
        with _folder(chain, program.source) as folder:
            compiled = _compile(chain, folder)
            said = _text(compiled.stderr or compiled.stdout)
            if compiled.stopped == "starved" or (compiled.code and _is_fault_of_sandbox(compiled)):
                return Outcome(outcome="failed", why=f"compiler: {compiled.stopped or said}")
            if compiled.code or compiled.stopped:
                missed = tuple(CaseResult(case=n, verdict="compile-error") for n, _ in program.cases)
                return Outcome(outcome="ran", compiler=said or str(compiled.stopped), results=missed)
            results = tuple(_case(program, chain, folder, n, case) for n, case in program.cases)
            return Outcome(outcome="ran", compiler=said, results=results)
    except (NoSandbox, Missing) as error:
        return Outcome(outcome="no-sandbox", why=str(error))


def probe(language: CodeLanguage) -> Able:
    """Tries it: a program is compiled and says what it was told."""
    try:
        return Able(version=_try(language))
    except (NoSandbox, Missing, OSError) as error:
        return Able(fault=str(error) or repr(error))


def _try(language: CodeLanguage) -> str:
    """The version. Raises NoSandbox, Missing, OSError."""
    chain = toolchain(language)
    case = TestCase(stdin=PROBED, expected=PROBED)
    program = Program(language=language, source=chain.hello, cases=((0, case),), time_s=5, memory_mb=128)
    with _folder(chain, chain.hello) as folder:
        told = _in_sandbox(chain.version, folder, chain, b"", time_s=5, memory_mb=COMPILE_MB)
    done = execute(program)
    if done.outcome != "ran" or not all(one.passed for one in done.results):
        first = done.results[0] if done.results else None
        raise NoSandbox(done.why or (first and (first.stderr or first.verdict)) or done.compiler)
    return _text(told.stdout or told.stderr).partition("\n")[0]


@contextmanager
def _folder(chain: Toolchain, source: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="viva-code-"))
    try:
        (folder / chain.file).write_text(source, encoding="utf-8", newline="")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # follows no link


def _compile(chain: Toolchain, folder: Path) -> Ended:
    if not chain.compile:
        return Ended()
    return _in_sandbox(
        chain.compile, folder, chain, b"", time_s=COMPILE_S, memory_mb=COMPILE_MB, writable=True
    )


def _case(program: Program, chain: Toolchain, folder: Path, number: int, case: TestCase) -> CaseResult:
    command = [part.format(memory=program.memory_mb) for part in chain.run]
    ended = _in_sandbox(
        command,
        folder,
        chain,
        case.stdin.encode(),
        time_s=program.time_s + chain.start_s,
        memory_mb=program.memory_mb + chain.own_mb,
    )
    printed = ended.stdout.decode("utf-8", "replace")
    return CaseResult(
        case=number,
        verdict=_verdict(ended, printed, case.expected),
        stdout=_text(ended.stdout),
        stderr=_text(ended.stderr),
        time_s=round(ended.cpu_s, 2),
        memory_mb=round(ended.memory_mb, 1),
    )


def _verdict(ended: Ended, printed: str, expected: str) -> Verdict:
    if ended.stopped == "starved" or (ended.code and _is_fault_of_sandbox(ended)):
        return "not-run"
    if ended.stopped:
        return ended.stopped
    if ended.code:
        return "memory-limit" if any(sign in ended.stderr for sign in OUT_OF_MEMORY) else "crashed"
    return "passed" if same_output(printed, expected) else "wrong"


def _is_fault_of_sandbox(ended: Ended) -> bool:
    return ended.stderr.startswith((b"bwrap: ", b"prlimit: ")) and not ended.stdout


def _in_sandbox(
    command: list[str] | tuple[str, ...],
    folder: Path,
    chain: Toolchain,
    stdin: bytes,
    *,
    time_s: float,
    memory_mb: int,
    writable: bool = False,
) -> Ended:
    filter_fd = os.memfd_create("seccomp")
    try:
        os.write(filter_fd, seccomp.program())
        os.lseek(filter_fd, 0, os.SEEK_SET)
        whole = sandbox.command(
            command,
            folder,
            chain,
            memory_mb=memory_mb,
            cpu_s=ceil(time_s) + 1,
            seccomp_fd=filter_fd,
            writable=writable,
        )
        limits = Limits(time_s, time_s * IDLE + IDLE_MORE_S, time_s * WALL + WALL_MORE_S, memory_mb)
        return run(whole, stdin, limits, (filter_fd,))
    except KeyError as error:
        raise NoSandbox(f"no filter of system calls for {error}") from error
    finally:
        os.close(filter_fd)


def _text(raw: bytes) -> str:
    """What a person is shown of it, and what every database takes."""
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
