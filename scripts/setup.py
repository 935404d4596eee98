"""Sets the project up: `.venv`, the locked dependencies, the weights. Quick when nothing changed.

Standard library only, because it runs before anything is installed. Packages are installed by uv, which
takes seconds where pip takes minutes; pip does the work where uv cannot be had. uv does not read pip's
configuration, so the indexes, folders and certificates that pip is configured with are handed on to it.
"""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
INPUTS = ("pyproject.toml", "requirements.lock")


def main() -> int:
    started = time.monotonic()
    try:
        fresh = install()
        run(PYTHON, "-m", "models", "fetch")
    except subprocess.CalledProcessError as error:
        print(f"setup: this failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 1
    if fresh:
        say(f"ready in {time.monotonic() - started:.0f} s")
    return 0


def install() -> bool:
    """Brings `.venv` up to the lock; False when it already was."""
    digest = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in INPUTS)).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == digest:
        return False
    if not PYTHON.exists():
        create_venv()
    say("installing the locked dependencies into .venv")
    if not install_with_uv():
        say("uv cannot be had or failed here; pip takes a few minutes")
        run(PYTHON, "-m", "pip", "install", "--quiet", *requirements())
    STAMP.write_text(digest)
    return True


def create_venv() -> None:
    say(f"making .venv with Python {sys.version.split()[0]}")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        raise SystemExit(
            "setup: this Python cannot make a virtual environment with pip."
            " On Debian and Ubuntu: apt-get install python3-venv"
        ) from None


def install_with_uv() -> bool:
    have_uv = subprocess.run([PYTHON, "-m", "pip", "install", "-qq", "uv"], cwd=ROOT, check=False)
    if have_uv.returncode:
        return False
    options, environment = uv_configuration(pip_configuration())
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        PYTHON,
        *options,
        *requirements(),
    ]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def requirements() -> list[str]:
    return ["-r", "requirements.lock", "-e", "."]


def pip_configuration() -> dict[str, str]:
    """pip's configuration by option name; the environment wins over `install`, this over `global`."""
    listing = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found: dict[str, tuple[int, str]] = {}
    for line in listing.stdout.splitlines():
        key, equals, value = line.partition("=")
        section, dot, option = key.rpartition(".")
        rank = {"global": 1, "install": 2, ":env:": 3}.get(section, 0)
        if equals and dot and rank >= found.get(option, (1, ""))[0]:
            found[option] = (rank, str(ast.literal_eval(value)))
    return {option: value for option, (_, value) in found.items()}


def uv_configuration(pip: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """The same configuration in uv's words: command-line options and environment."""
    # pip takes the best version from any index; uv by default only looks at the first that has the name.
    options = ["--index-strategy", "unsafe-best-match"]
    for name in ("index-url", "extra-index-url", "find-links"):
        for value in pip.get(name, "").split():
            options += [f"--{name}", value]
    for host in pip.get("trusted-host", "").split():
        options += ["--allow-insecure-host", host]
    if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        options.append("--no-index")
    environment = dict(os.environ)
    if "cert" in pip:
        environment.setdefault("SSL_CERT_FILE", pip["cert"])
    if "proxy" in pip:
        environment.setdefault("ALL_PROXY", pip["proxy"])
    return options, environment


def run(*command: str | Path) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
