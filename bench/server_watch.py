"""A server process from outside: memory, tasks, queues, what it dropped and what it logged."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from prometheus_client.parser import text_string_to_metric_families

QUEUES = ("audio", "video", "events", "utterances")
COUNTERS = ("viva_dropped_total", "viva_forward_dropped_frames_total", "viva_refused_total")


@dataclass(slots=True)
class Reading:
    """Megabytes (10⁶ bytes). `whole`: PSS of the gateway and every process below it."""

    at: float  # seconds since the watch began
    rss: float
    pss: float
    whole: float
    threads: int
    files: int
    tasks: int
    live: int
    waiting: dict[str, int]


@dataclass(slots=True)
class ServerWatch:
    """`look` once per reading; `counters` are those of the newest, by their labels."""

    pid: int
    url: str
    readings: list[Reading] = field(default_factory=list)
    counters: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    async def look(self, http: aiohttp.ClientSession) -> Reading:
        """Raises aiohttp.ClientError, psutil.NoSuchProcess: the server is gone."""
        async with http.get(f"{self.url}/metrics") as answer:
            text = await answer.text()
        memory = await asyncio.to_thread(measure, self.pid)
        waiting, values = dict[str, int](), dict[str, float]()
        self.counters = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "viva_waiting":
                    waiting[sample.labels["queue"]] = round(sample.value)
                elif sample.name in COUNTERS and sample.value:
                    label = next(iter(sample.labels.values()), "")
                    self.counters[f"{sample.name.removesuffix('_total')} {label}".strip()] = sample.value
                elif sample.name == "viva_sessions":
                    values[sample.labels["state"]] = sample.value
                elif sample.name in ("viva_tasks", "viva_sound_lost_seconds_total"):
                    values[sample.name] = sample.value
        self.counters["viva_sound_lost_seconds"] = round(values["viva_sound_lost_seconds_total"], 2)
        live = round(values.get("live", 0) + values.get("disconnected", 0))
        reading = Reading(time.monotonic() - self.began, *memory, round(values["viva_tasks"]), live, waiting)
        self.readings.append(reading)
        return reading

    def series(self, name: str) -> list[tuple[float, float]]:
        """(seconds, value) of a field, or of a queue."""
        return [
            (one.at, float(one.waiting[name] if name in QUEUES else getattr(one, name)))
            for one in self.readings
        ]


def measure(pid: int) -> tuple[float, float, float, int, int]:
    """RSS and PSS of the process, PSS of it and all below it (MB); its threads; its open files."""
    root = psutil.Process(pid)
    own = root.memory_full_info()
    whole = own.pss
    for process in root.children(recursive=True):
        try:
            whole += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return own.rss / 1e6, own.pss / 1e6, whole / 1e6, root.num_threads(), root.num_fds()


@dataclass(slots=True)
class Logged:
    """`faults`: lines of an exception or of level error, each with how often it came."""

    faults: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    @classmethod
    def read(cls, log: Path, begins: int = 0) -> Logged:
        """A log written with VIVA_LOG=json, from an offset in bytes on; whatever else was written there is
        searched for tracebacks."""
        found = cls()
        for line in log.read_bytes()[begins:].decode(errors="replace").splitlines():
            told = _parsed(line)
            if told is None:
                if "Traceback (most recent call last)" in line or "never retrieved" in line:
                    found.faults[line.strip()[:200]] += 1
            elif "exception" in told or told.get("level") in ("error", "critical"):
                error = str(told.get("exception") or told.get("error") or "").strip().splitlines()
                found.faults[f"{told.get('event')}: {error[-1] if error else ''}"[:300]] += 1
            elif told.get("level") == "warning":
                found.warnings[str(told.get("event"))[:200]] += 1
        return found


def _parsed(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
