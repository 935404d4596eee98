"""One command in a sandbox of its own: bubblewrap's namespaces, and resource limits within them.

It has no network, no processes but its own, no environment, and of the file system the system's programs and
libraries (read-only), a small /tmp of its own, and the folder at hand as /task.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from gateway.code_runner.toolchains import SEARCHED, Toolchain

FILE_MB = 16  # the largest file that may be written
TMP_MB = 32
OPEN_FILES = 64
ROOTS = ("/bin", "/lib", "/lib32", "/lib64", "/sbin")


class NoSandbox(Exception):
    """This machine has no bubblewrap, or lacks what it needs."""


def tools() -> tuple[str, str]:
    """bwrap and prlimit. Raises NoSandbox."""
    found = [shutil.which(name, path=SEARCHED) for name in ("bwrap", "prlimit")]
    if found[0] is None or found[1] is None:
        raise NoSandbox("bubblewrap is not installed" if found[0] is None else "prlimit is not installed")
    return found[0], found[1]


def command(
    run: Sequence[str],
    folder: Path,
    chain: Toolchain,
    *,
    memory_mb: int,
    cpu_s: int,
    seccomp_fd: int,
    writable: bool = False,
) -> list[str]:
    """`run` as it is to be started. `folder` is /task; `writable` is for compilers. Raises NoSandbox.

    `memory_mb`: of private memory, per process. `cpu_s`: after which the kernel ends it.
    """
    bwrap, prlimit = tools()
    libraries = ":".join([*chain.libraries, "/usr/local/lib"])
    mb = 1 << 20
    return [
        bwrap,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"),
        *("--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv"),
        *("--setenv", "PATH", "/usr/bin", "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "LD_LIBRARY_PATH", libraries),
        *_system(chain),
        *("--dev", "/dev", "--size", str(TMP_MB * mb), "--tmpfs", "/tmp"),  # noqa: S108
        *("--bind" if writable else "--ro-bind", str(folder), "/task", "--chdir", "/task"),
        # What bubblewrap itself has made are file systems in memory without a limit.
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--seccomp", str(seccomp_fd), "--"),
        prlimit,
        *(f"--nproc={chain.threads}", f"--nofile={OPEN_FILES}", f"--fsize={FILE_MB * mb}", "--core=0"),
        *(f"--cpu={cpu_s}", f"--data={memory_mb * mb}", f"--stack={chain.stack_mb * mb}", "--"),
        *run,
    ]


def _system(chain: Toolchain) -> list[str]:
    """Programs and libraries: /usr, what points into it, and what the language has elsewhere."""
    given = ["--ro-bind", "/usr", "/usr"]
    for name in ROOTS:
        path = Path(name)
        if path.is_symlink():
            given += ["--symlink", str(path.readlink()), name]
        elif path.exists():
            given += ["--ro-bind", name, name]
    for path in chain.shared:
        if path.parts[1] != "usr":
            given += ["--ro-bind", str(path), str(path)]
    return given
