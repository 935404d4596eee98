"""The set-up scripts: what pip is configured with reaches uv, locks carry no local versions."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script as a module: scripts import each other by their folder, as when they are run."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.delitem(sys.modules, "setup", raising=False)
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_environment_wins_over_pips_configuration_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nfind-links = /a\n  /b\nindex-url = https://one/simple\n[install]\nno-index = true\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("PIP_INDEX_URL", "https://two/simple")
    found = script("setup", monkeypatch).pip_configuration()
    assert found["index-url"] == "https://two/simple"
    assert found["find-links"].split() == ["/a", "/b"]
    assert found["no-index"] == "true"


def test_uv_gets_every_index_folder_and_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    options, environment = script("setup", monkeypatch).uv_configuration(
        {
            "index-url": "https://one/simple",
            "extra-index-url": "https://two/simple https://three/simple",
            "find-links": "/a\n/b",
            "trusted-host": "one",
            "no-index": "true",
            "cert": "/certs.pem",
        }
    )
    pairs = list(itertools.pairwise(options))
    assert ("--index-url", "https://one/simple") in pairs
    assert ("--extra-index-url", "https://three/simple") in pairs
    assert ("--find-links", "/a") in pairs
    assert ("--find-links", "/b") in pairs
    assert ("--allow-insecure-host", "one") in pairs
    assert "--no-index" in options
    assert environment["SSL_CERT_FILE"] == "/certs.pem"


def test_local_parts_of_versions_leave_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = "torch==2.13.0+cpu\nnumpy==2.4.6 ; python_version < '4'\n"
    cleaned = script("lock", monkeypatch).without_local_versions(lock)
    assert cleaned == "torch==2.13.0\nnumpy==2.4.6 ; python_version < '4'\n"


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\ncase $1 in --version) echo Python 3.9.2;; *) exit 1;; esac\n")
    old.chmod(0o755)
    project = tmp_path / "project" / "scripts"
    project.mkdir(parents=True)
    (project / "setup.sh").write_text((ROOT / "scripts" / "setup.sh").read_text())
    ran = subprocess.run(
        ["/bin/sh", str(project / "setup.sh")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": "python3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "needs Python 3.11 or newer; found Python 3.9.2" in ran.stderr


def test_setup_does_nothing_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the stamp of this lock in place, nothing is installed; with another, it is."""
    setup = script("setup", monkeypatch)
    asked: list[bool] = []

    def install_with_uv() -> bool:
        asked.append(True)
        return True

    monkeypatch.setattr(setup, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(setup, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(setup, "install_with_uv", install_with_uv)
    assert setup.install()
    assert not setup.install()
    (tmp_path / "stamp").write_text("another lock")
    assert setup.install()
    assert len(asked) == 2
