"""Runs one command to its end or to its limits, and leaves nothing of it behind. It blocks.

Time is the processor's, so that a busy machine fails nobody: the whole tree of processes is looked at every
`LOOK_S`, and what the looks miss is bounded by the kernel's limits within the sandbox.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Literal

import psutil

LOOK_S = 0.04
MAX_OUTPUT = 64 * 1024  # bytes that are kept of what it prints
MAX_ERRORS = 8 * 1024
FLOOD = 1 << 20  # bytes after which it is ended
GRACE_S = 5.0
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)

Stop = Literal["time-limit", "memory-limit", "output-limit", "starved"]


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu_s`: of the processor. By the clock, one that mostly sleeps has `idle_s`; one that mostly waits for
    a processor is given up after `wall_s`. `memory_mb`: of all its processes together, resident."""

    cpu_s: float
    idle_s: float
    wall_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Ended:
    """`stopped`: which limit ended it, if one did. `starved`: the machine had no time for it."""

    code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    stopped: Stop | None = None


def adopt_orphans() -> None:
    """What a child leaves behind becomes this process's own and can be waited for. Raises OSError."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def run(command: Sequence[str], stdin: bytes, limits: Limits, pass_fds: Sequence[int] = ()) -> Ended:
    """Raises OSError where it cannot be started."""
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=pass_fds,
        env={},
    )
    given, printed, told = process.stdin, process.stdout, process.stderr
    if given is None or printed is None or told is None:
        raise OSError("no pipes to what was started")
    out, err = _Pipe(printed, MAX_OUTPUT), _Pipe(told, MAX_ERRORS)
    looks = _Looks(process.pid)
    try:
        stopped = _follow(_Feed(given, memoryview(stdin)), out, err, looks, limits)
    finally:
        code, cpu_s, peak_mb = _bury(process, at_once=looks.over)
        for pipe in (given, printed, told):
            pipe.close()
    cpu_s = max(cpu_s, looks.cpu_s)
    if stopped is None and code and cpu_s >= limits.cpu_s:
        stopped = "time-limit"  # the kernel was quicker
    return Ended(code, bytes(out.kept), bytes(err.kept), cpu_s, max(peak_mb, looks.memory_mb), stopped)


@dataclass(slots=True)
class _Pipe:
    """What is read of an output, and kept of it."""

    source: IO[bytes]
    most: int
    kept: bytearray = field(default_factory=bytearray)
    seen: int = 0

    def read(self) -> bool:
        """Whether more may come."""
        data = os.read(self.source.fileno(), 65536)
        self.seen += len(data)
        self.kept += data[: max(0, self.most - len(self.kept))]
        return bool(data)


@dataclass(slots=True)
class _Feed:
    """What it is still to be given."""

    target: IO[bytes]
    left: memoryview

    def write(self) -> bool:
        """Whether there is more."""
        try:
            self.left = self.left[os.write(self.target.fileno(), self.left[:65536]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:  # it does not read what it is given
            return False
        return bool(self.left)


@dataclass(slots=True)
class _Looks:
    """What was seen of the processes below `pid`."""

    pid: int
    cpu_s: float = 0.0
    memory_mb: float = 0.0
    looks: int = 0
    runnable: int = 0
    over: bool = True  # it has not ended by itself

    def look(self) -> None:
        cpu = memory = 0.0
        runnable = False
        try:
            tree = psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            return
        for one in tree:
            try:
                times = one.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                memory += one.memory_info().rss
                runnable = runnable or one.status() == psutil.STATUS_RUNNING
            except psutil.Error:
                continue
        self.cpu_s = max(self.cpu_s, cpu)
        self.memory_mb = max(self.memory_mb, memory / (1 << 20))
        self.looks += 1
        self.runnable += runnable

    def verdict(self, limits: Limits, gone_s: float) -> Stop | None:
        if self.memory_mb > limits.memory_mb:
            return "memory-limit"
        if self.cpu_s > limits.cpu_s:
            return "time-limit"
        busy = self.runnable > self.looks / 2
        if gone_s > (limits.wall_s if busy else limits.idle_s):
            return "starved" if busy else "time-limit"
        return None


def _follow(feed: _Feed, out: _Pipe, err: _Pipe, looks: _Looks, limits: Limits) -> Stop | None:
    """Feeds it, reads it and looks at it until both outputs are closed or a limit is reached.

    Closed they are when the sandbox has ended: its outermost process holds them as long as it lives.
    """
    with selectors.DefaultSelector() as selector:
        for pipe in (out, err):
            os.set_blocking(pipe.source.fileno(), False)
            selector.register(pipe.source, selectors.EVENT_READ, pipe)
        os.set_blocking(feed.target.fileno(), False)
        selector.register(feed.target, selectors.EVENT_WRITE, feed)
        reading, began = 2, time.monotonic()
        look_at = began
        while reading:
            for key, _ in selector.select(max(0.0, look_at - time.monotonic())):
                if isinstance(key.data, _Feed):
                    if not feed.write():
                        selector.unregister(feed.target)
                        feed.target.close()
                elif not key.data.read():
                    selector.unregister(key.fileobj)
                    reading -= 1
            if out.seen > FLOOD or err.seen > FLOOD:
                return "output-limit"
            now = time.monotonic()
            if now >= look_at:
                look_at = now + LOOK_S
                looks.look()
                if stop := looks.verdict(limits, now - began):
                    return stop
    looks.over = False
    return "output-limit" if out.seen > out.most else None


def _bury(process: subprocess.Popen[bytes], *, at_once: bool) -> tuple[int, float, float]:
    """Waits for it and for everything that it has left: (exit code, seconds of the processor, peak in MB).

    With the outermost process the whole sandbox is killed (`--die-with-parent`), whatever runs in it.
    """
    code, cpu_s, peak_kb = -9, 0.0, 0
    kill_at = time.monotonic() + (0 if at_once else GRACE_S)
    while True:
        if time.monotonic() >= kill_at and process.returncode is None:
            process.kill()
        try:
            pid, status, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            if time.monotonic() > kill_at + GRACE_S:
                break
            time.sleep(0.002)
            continue
        cpu_s += used.ru_utime + used.ru_stime
        if pid == process.pid:
            code = process.returncode = os.waitstatus_to_exitcode(status)
        else:  # that of the first holds what this process had when it forked
            peak_kb = max(peak_kb, used.ru_maxrss)
    return code, cpu_s, peak_kb / 1024
