"""Starting Ray where that fails: nothing of the attempt is left running."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from inference import runtime
from inference.settings import InferenceSettings


def test_a_start_that_fails_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    script = tmp_path / "ray" / "gcs_server.py"
    script.parent.mkdir()
    script.write_text("import time\ntime.sleep(60)\n")
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    started: list[subprocess.Popen[bytes]] = []

    def init(**options: Any) -> None:
        started.append(subprocess.Popen([sys.executable, str(script)]))
        time.sleep(0.3)
        raise RuntimeError("The current node timed out during startup.")

    monkeypatch.setattr(ray, "init", init)
    try:
        with pytest.raises(runtime.StartError, match="timed out"):
            runtime.join(InferenceSettings())
        assert not psutil.pid_exists(started[0].pid)
        started[0].wait(1)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
