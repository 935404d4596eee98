"""Memory of the whole server: the gateway and everything it started (Ray's processes and replicas)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import psutil

CACHE_S = 5.0


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    name: str
    pss_mb: float


def _name(process: psutil.Process) -> str:
    """Ray names its workers in the command line (`ray::ServeReplica:…:Liveness`); others by their program."""
    line = process.cmdline()
    return line[0].split("/")[-1][:80] if line else str(process.name())


def measure() -> tuple[ProcessMemory, ...]:
    """PSS of every process of the tree, largest first: shared pages counted once over all.

    Linux has it in smaps; elsewhere the unique set size stands in. Takes milliseconds per process: call it
    in a thread.
    """
    root = psutil.Process()
    found = []
    for process in [root, *root.children(recursive=True)]:
        try:
            memory = process.memory_full_info()
            size = getattr(memory, "pss", memory.uss)
            found.append(
                ProcessMemory("gateway" if process == root else _name(process), round(size / 2**20, 1))
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue  # gone meanwhile
    return tuple(sorted(found, key=lambda p: -p.pss_mb))


class Memory:
    """Measured on demand, at most every five seconds, off the event loop."""

    def __init__(self) -> None:
        self._at = -CACHE_S
        self._found: tuple[ProcessMemory, ...] = ()
        self._lock = asyncio.Lock()

    async def now(self) -> tuple[ProcessMemory, ...]:
        async with self._lock:
            if time.monotonic() - self._at >= CACHE_S:
                self._found = await asyncio.to_thread(measure)
                self._at = time.monotonic()
            return self._found
