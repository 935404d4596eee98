"""Programs in the sandbox: honest ones in every language, and those that try to get out or take all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from gateway.code_runner import sandbox, seccomp
from gateway.code_runner.messages import Outcome, Program
from gateway.code_runner.runner import Busy, CodeRunner
from gateway.code_settings import CodeSettings
from interviews.coding import LANGUAGES, CodeLanguage, TestCase
from tests.gateway.sandboxed import SETTINGS, need

SUM: dict[CodeLanguage, str] = {
    "python": "print(sum(map(int, input().split())))\n",
    "java": (
        "import java.util.*;\npublic class Main { public static void main(String[] a) { "
        "Scanner in = new Scanner(System.in); long s = 0; "
        "while (in.hasNextLong()) s += in.nextLong(); System.out.println(s); } }\n"
    ),
    "javascript": (
        'const d = require("fs").readFileSync(0, "utf8");\n'
        "console.log(d.trim().split(/\\s+/).map(Number).reduce((a, b) => a + b, 0));\n"
    ),
    "cpp": "#include <iostream>\nint main() { long s = 0, n; while (std::cin >> n) s += n; std::cout << s; }",
}
BROKEN: dict[CodeLanguage, str] = {
    "python": "def f(:\n",
    "java": "public class Main { int }",
    "javascript": "let = = 1",
    "cpp": "int main( {",
}


@pytest.fixture
async def runner() -> AsyncIterator[CodeRunner]:
    made = CodeRunner(SETTINGS)
    yield made
    await made.close()


def program(
    source: str, language: CodeLanguage = "python", *cases: tuple[str, str], **limits: Any
) -> Program:
    told = tuple((n, TestCase(stdin=a, expected=b)) for n, (a, b) in enumerate(cases or (("", ""),)))
    return Program(language=language, source=source, cases=told, **{"time_s": 1.0, "memory_mb": 64, **limits})


async def tried(runner: CodeRunner, source: str, language: CodeLanguage = "python", **limits: Any) -> Outcome:
    await need(runner, language)
    done = await runner.run(program(source, language, **limits))
    assert done.outcome == "ran", done.why
    return done


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_language_is_compiled_run_and_judged(runner: CodeRunner, language: CodeLanguage) -> None:
    await need(runner, language)
    done = await runner.run(
        program(SUM[language], language, ("1 2 3\n", "6"), ("4 5", "9 \n\n"), ("1", "2"), time_s=5)
    )
    assert [one.verdict for one in done.results] == ["passed", "passed", "wrong"], done
    assert done.results[2].stdout.strip() == "1"
    broken = await runner.run(program(BROKEN[language], language, ("", "")))
    assert [one.verdict for one in broken.results] == ["compile-error"]
    assert broken.compiler


async def test_only_the_examples_are_known_by_heart(runner: CodeRunner) -> None:
    await need(runner, "python")
    cases = (("1 2", "3"), ("5 5", "10"), ("7 1", "8"))
    done = await runner.run(program("print({'1 2': 3}.get(input(), '?'))", "python", *cases))
    assert [one.passed for one in done.results] == [True, False, False]


async def test_a_program_that_never_ends(runner: CodeRunner) -> None:
    done = await tried(runner, "while True: pass", time_s=0.3)
    assert done.results[0].verdict in ("time-limit", "not-run")  # the latter where this machine had no time
    began = time.monotonic()
    done = await tried(runner, "import time\ntime.sleep(1000)", time_s=0.3)
    assert done.results[0].verdict == "time-limit"
    assert time.monotonic() - began < 30


async def test_a_bomb_of_forks_ends_and_leaves_nothing(runner: CodeRunner) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
    done = await tried(runner, bomb, time_s=0.5)
    assert done.results[0].verdict in ("time-limit", "memory-limit", "not-run")
    assert left_behind() == []
    counted = (
        "import os, time\nn = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60)\n"
        "        n += 1\nexcept OSError:\n    print(n, flush=True)\n    os._exit(0)\n"
    )
    done = await tried(runner, counted)
    assert 0 < int(done.results[0].stdout) < 16
    assert left_behind() == []


@pytest.mark.realtime  # the looks are apart in time
@pytest.mark.parametrize(
    "bomb",
    [
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "import os\nfor _ in range(12):\n    if os.fork() == 0: break\n"
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "import mmap\nx = []\nwhile True:\n    m = mmap.mmap(-1, 1 << 20)\n    m.write(b'1' * (1 << 20))\n"
        "    x.append(m)",
    ],
    ids=["alone", "many", "shared"],
)
async def test_a_bomb_of_memory(runner: CodeRunner, bomb: str) -> None:
    done = await tried(runner, bomb, time_s=5)
    [one] = done.results
    assert one.verdict == "memory-limit"
    assert one.memory_mb < 400  # one look apart from the limit of 96


async def test_files_in_memory_are_bounded(runner: CodeRunner) -> None:
    fill = (
        "import os\ntotal = 0\nfor folder in ('/tmp', '/dev/shm', '/dev', '/', '/task', '/usr', '/tmp/x'):\n"
        "    for n in range(100):\n        try:\n            os.makedirs(folder, exist_ok=True)\n"
        "            with open(f'{folder}/f{n}', 'wb', 0) as f:\n"
        "                total += f.write(bytes(1 << 20))\n        except OSError: break\n"
        "        except MemoryError: break\nprint(total >> 20)\n"
    )
    done = await tried(runner, fill, time_s=5, memory_mb=128)
    assert int(done.results[0].stdout) <= sandbox.TMP_MB


@pytest.mark.parametrize(
    "call", [("shmget", 29, 194), ("memfd_create", 319, 279), ("unshare", 272, 97), ("setsid", 112, 157)]
)
async def test_refused_calls(runner: CodeRunner, call: tuple[str, int, int]) -> None:
    number = call[1] if os.uname().machine == "x86_64" else call[2]
    source = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"print(libc.syscall({number}, 0, 4096, 0o600), ctypes.get_errno())\n"
    )
    done = await tried(runner, source)
    assert done.results[0].stdout == "-1 1\n", call


async def test_gigabytes_of_output(runner: CodeRunner) -> None:
    for target in ("stdout", "stderr"):
        done = await tried(runner, f"import sys\nwhile True: sys.{target}.write('y' * 100000)", time_s=5)
        [one] = done.results
        assert one.verdict == "output-limit"
        assert len(one.stdout) + len(one.stderr) <= 4100


async def test_nothing_of_the_host_can_be_read_or_written(runner: CodeRunner, tmp_path: Path) -> None:
    secret = tmp_path / "api-token"
    secret.write_text("secret")
    os.environ["VIVA_SECRET_FOR_THE_TEST"] = "secret"
    try:
        source = (
            "import os\nfor path in ('/etc/passwd', '/etc/shadow', '/proc/1/environ', '/proc/self/environ', "
            f"'/root', '/home', '/var', {str(secret)!r}, {str(Path.cwd())!r}):\n"
            "    print(os.path.lexists(path), end=' ')\n"
            "print(sorted(os.environ))\nprint(os.getuid() == 0, sorted(os.listdir('/task')))\n"
            "for path in ('/task/x', '/usr/x', '/x', '/dev/x'):\n"
            "    try: open(path, 'w'); print('written')\n    except OSError: pass\n"
        )
        done = await tried(runner, source)
    finally:
        del os.environ["VIVA_SECRET_FOR_THE_TEST"]
    first, second, *written = done.results[0].stdout.splitlines()
    assert first.startswith("False " * 9), first
    assert "SECRET" not in first
    assert second == "False ['main.py']"
    assert written == []


async def test_there_is_no_network(runner: CodeRunner) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    source = (
        f"import socket\nfor host, port in (('127.0.0.1', {port}), ('192.0.2.1', 80)):\n"
        "    try: socket.create_connection((host, port), 0.2); print('connected')\n"
        "    except OSError as error: print('refused')\n"
    )
    done = await tried(runner, source)
    server.close()
    assert done.results[0].stdout == "refused\nrefused\n"


async def test_a_child_does_not_outlive_its_parent(runner: CodeRunner) -> None:
    mark = "sleep-of-the-test-of-orphans"
    source = (
        f"import os, time\nif os.fork() == 0:\n    os.setpgid(0, 0)\n"
        f"    os.execv('/usr/bin/sleep', ['{mark}', '987'])\ntime.sleep(0.2)\nprint('gone')\n"
    )
    done = await tried(runner, source)
    assert (done.results[0].stdout, done.results[0].verdict) == ("gone\n", "wrong")
    assert [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])] == []


async def test_links_lead_nowhere(runner: CodeRunner, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    source = (
        f"import os\nos.symlink({str(tmp_path)!r}, '/tmp/out')\n"
        "try: os.unlink('/tmp/out/kept')\nexcept OSError as error: print(type(error).__name__)\n"
        "try: os.symlink('/etc/passwd', '/task/link')\nexcept OSError as error: print(error.errno == 30)\n"
    )
    done = await tried(runner, source)
    assert done.results[0].stdout == "FileNotFoundError\nTrue\n"
    assert (tmp_path / "kept").read_text() == "kept"


async def test_one_case_leaves_nothing_for_the_next(runner: CodeRunner) -> None:
    await need(runner, "python")
    source = "import os\nprint(os.path.exists('/tmp/x'))\nopen('/tmp/x', 'w').write('1')\n"
    done = await runner.run(program(source, "python", ("", "False"), ("", "False")))
    assert [one.verdict for one in done.results] == ["passed", "passed"]


async def test_with_the_process_that_runs_code_its_sandboxes_end() -> None:
    runner = CodeRunner(CodeSettings(at_once=1, nice=0, patience_s=1.5))
    try:
        await need(runner, "python")
        await runner.able("python")
        done = await runner.run(program("import time\ntime.sleep(60)", time_s=10))
        assert (done.outcome, "longer than" in done.why) == ("failed", True)
        await asyncio.sleep(0.3)
        assert left_behind() == []
        again = await runner.run(program("print(1)", "python", ("", "1")))
        assert again.results[0].passed or again.outcome == "failed"
    finally:
        await runner.close()


async def test_the_queue_is_bounded() -> None:
    runner = CodeRunner(CodeSettings(at_once=1, nice=0, queue=1))
    try:
        await need(runner, "python")
        await runner.able("python")
        first = asyncio.create_task(runner.run(program("import time; time.sleep(1)")))
        await asyncio.sleep(0.05)
        with pytest.raises(Busy):
            await runner.run(program("print(1)"))
        waited = await runner.run(program("print(1)", "python", ("", "1")), waits=True)
        assert waited.results[0].passed
        assert (await first).outcome == "ran"
    finally:
        await runner.close()


async def test_without_bubblewrap_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    off = CodeRunner(CodeSettings(enabled=False))
    assert (await off.run(program("print(1)"))).outcome == "no-sandbox"
    monkeypatch.setattr(sandbox, "SEARCHED", "/nowhere")
    with pytest.raises(sandbox.NoSandbox, match="bubblewrap"):
        sandbox.tools()


def test_the_filter_is_whole_for_both_machines() -> None:
    for machine in ("x86_64", "aarch64"):
        code = seccomp.program(machine)
        steps = [code[at : at + 8] for at in range(0, len(code), 8)]
        assert len(code) % 8 == 0
        refusing = len(steps) - 1
        for at, step in enumerate(steps[4:-2], 4):
            if step[0] == 0x15:  # each refused number jumps to the last step
                assert at + 1 + step[2] == refusing
    with pytest.raises(KeyError):
        seccomp.program("riscv64")


def left_behind() -> list[str]:
    """Sandboxes of this test process that still run."""
    mine = psutil.Process().children(recursive=True)
    names = []
    for one in mine:
        try:
            names.append(one.name())
        except psutil.NoSuchProcess:
            continue
    return [name for name in names if name in ("bwrap", "prlimit", "python3.11")]
