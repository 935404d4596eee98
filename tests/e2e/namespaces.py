"""Networks of this machine's own: Linux network namespaces, entered by one thread at a time."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
CLONE_NEWNET = 0x40000000


def unavailable() -> str | None:
    """Why no namespace can be made here; None: one can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "`ip` is not installed (Debian: apt-get install iproute2)"
    probe = f"viva-{secrets.token_hex(3)}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "delete", probe], capture_output=True)
    return f"no network namespace can be made: {made.stderr.strip()}" if made.returncode else None


class Namespace:
    """One network. What `run` calls is inside, and so are the threads and processes that it starts."""

    def __init__(self, name: str) -> None:
        self.name = name
        ip("netns", "add", name)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=self._enter)
        self.address(None, "lo")

    def run(self, call: Callable[[], T]) -> T:
        return self._thread.submit(call).result(180)

    def address(self, cidr: str | None, device: str) -> None:
        """Brings a device up, with an address."""
        if cidr:
            ip("-n", self.name, "address", "add", cidr, "dev", device)
        ip("-n", self.name, "link", "set", device, "up")

    def unplug(self, device: str) -> None:
        """Nothing comes or goes on it, and programs are told; `address` plugs it in again."""
        ip("-n", self.name, "link", "set", device, "down")

    def close(self) -> None:
        self._thread.shutdown(wait=True)
        subprocess.run(["ip", "netns", "delete", self.name], check=True, capture_output=True)

    def _enter(self) -> None:
        with Path("/run/netns", self.name).open() as place:
            if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), f"cannot enter {self.name}")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextmanager
def namespaces(*kinds: str) -> Iterator[list[Namespace]]:
    """Networks that know nothing of each other."""
    run, made = secrets.token_hex(3), list[Namespace]()
    try:
        for kind in kinds:
            made.append(Namespace(f"viva-{run}-{kind}"))
        yield made
    finally:
        for namespace in made:
            namespace.close()


def join(left: Namespace, left_cidr: str, right: Namespace, right_cidr: str) -> tuple[str, str]:
    """A cable, and its two ends' devices. Each side reaches the addresses on this cable and no others."""
    tag = secrets.token_hex(3)
    ends = (f"l{tag}", f"r{tag}")
    ip(
        "link",
        "add",
        ends[0],
        "netns",
        left.name,
        "type",
        "veth",
        "peer",
        "name",
        ends[1],
        "netns",
        right.name,
    )
    left.address(left_cidr, ends[0])
    right.address(right_cidr, ends[1])
    return ends


@contextmanager
def forwarded(port: int, source: Namespace, target: Namespace) -> Iterator[None]:
    """A TCP port of `target`'s loopback appears on `source`'s: HTTP passes, datagrams do not."""
    listener = source.run(lambda: socket.create_server(("127.0.0.1", port)))

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # closed: the test is over
                return
            try:
                far = target.run(lambda: socket.create_connection(("127.0.0.1", port), timeout=5))
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            threading.Thread(target=_bridge, args=(near, far), daemon=True).start()

    threading.Thread(target=accept, name="forwarder", daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _bridge(near: socket.socket, far: socket.socket) -> None:
    with near, far:
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
