"""What a figure was measured on: a number without its machine says little."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil


def describe() -> dict[str, str | int | float]:
    """Processor, usable cores, memory and the versions that matter for speed."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("viva", "aiortc", "ray", "torch")},
    }


def line() -> str:
    """The same in one line."""
    about = describe()
    return (
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GiB,"
        f" Python {about['python']}, aiortc {about['aiortc']}, ray {about['ray']}, torch {about['torch']}"
    )


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.machine()
