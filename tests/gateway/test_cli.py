"""`viva serve` as people start and stop it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli import main


def test_configuration_faults_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--config", str(tmp_path / "none.toml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "viva.toml").write_text("grace_s = -1")
    assert main(["serve", "--config", str(tmp_path / "viva.toml")]) == 2
    assert "grace_s" in capsys.readouterr().err


def test_a_missing_certificate_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "serve", "--port", "0", "--tls", "none.crt,none.key"],
        env={"VIVA_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "cannot start" in done.stderr


def test_it_stops_on_a_signal_while_still_starting(tmp_path: Path) -> None:
    """Without models it would be starting for ever; SIGTERM must end it cleanly all the same."""
    environment = {"VIVA_DATA": str(tmp_path), "VIVA_HOME": str(tmp_path / "empty"), "PATH": "/usr/bin:/bin"}
    environment |= {
        "VIVA_INFERENCE__CLUSTER__ADDRESS": "127.0.0.1:1",
        "HOME": str(tmp_path),
        "VIVA_STOP_S": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "/hr#t=" in line
    token = line.strip().split("#t=")[1]
    process.send_signal(signal.SIGTERM)
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert token not in errors
    assert (tmp_path / "api-token").read_text() == token
