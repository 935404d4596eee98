"""Writes requirements.lock: every dependency pinned, no registry's address, either build of torch allowed.

Run by `make lock` in `.venv`. The local part of a version (`2.13.0+cpu`) is dropped, so that a machine with a
CPU build at hand and a machine with none both find the same version. For the same reason there are no hashes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from setup import PYTHON, ROOT, pip_configuration, uv_configuration

LOCK = ROOT / "requirements.lock"


def main() -> int:
    options, environment = uv_configuration(pip_configuration())
    command: list[str | Path] = [PYTHON, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"]
    command += ["--all-extras", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]
    command += [*options, *sys.argv[1:]]
    compiled = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if compiled.returncode:
        print(compiled.stderr, file=sys.stderr)
        return compiled.returncode
    LOCK.write_text("# Made by `make lock` from pyproject.toml.\n" + without_local_versions(compiled.stdout))
    return 0


def without_local_versions(lock: str) -> str:
    return re.sub(r"(==[^\s+;]+)\+[^\s;]+", r"\1", lock)


if __name__ == "__main__":
    sys.exit(main())
