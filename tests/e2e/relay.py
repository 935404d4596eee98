"""A candidate, a TURN relay and a server in three networks, of which only the relay knows two."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.namespaces import Namespace, forwarded, join, namespaces, unavailable
from tests.e2e.threaded import ThreadedServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "turn.md"
SECRET = "secret-shared-with-the-relay"
RELAY, RELAY_INSIDE, GATEWAY, CANDIDATE = "10.77.1.1", "10.77.2.1", "10.77.2.2", "10.77.1.2"


@dataclass(frozen=True, slots=True)
class Behind:
    """The candidate's network, and a server that only HTTP and the relay reach from there."""

    candidate: Namespace
    gateway: Namespace
    server: ThreadedServer


def missing() -> str | None:
    if not shutil.which("turnserver"):
        return "turnserver is not installed (Debian: apt-get install coturn)"
    return unavailable()


def configuration(folder: Path) -> str:
    """What docs/turn.md tells to write, with this test's addresses, secret and certificate."""
    own = {
        "listening-ip": RELAY,
        "relay-ip": RELAY_INSIDE,
        "allowed-peer-ip": GATEWAY,
        "static-auth-secret": SECRET,
        "cert": str(folder / "cert.pem"),
        "pkey": str(folder / "key.pem"),
    }
    block = DOCUMENT.read_text().partition("```conf\n")[2].partition("```")[0]
    lines = [f"userdb={folder / 'turndb'}", f"pidfile={folder / 'pid'}"]
    for line in block.splitlines():
        name, equals, _ = line.partition("=")
        lines.append(f"{name}={own.pop(name)}" if equals and name in own else line)
    assert not own, f"docs/turn.md no longer sets {', '.join(own)}"
    return "\n".join([*lines, ""])


@contextmanager
def relay(network: Namespace, folder: Path) -> Iterator[None]:
    """coturn, ready to answer."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={RELAY}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    given = folder / "turnserver.conf"
    given.write_text(configuration(folder))
    with (folder / "log").open("w") as log:
        process = network.run(
            lambda: subprocess.Popen(["turnserver", "-c", given], stdout=log, stderr=log, cwd=folder)
        )
    try:
        deadline = time.monotonic() + 15
        while True:
            try:
                network.run(lambda: socket.create_connection((RELAY, 3478), timeout=1).close())
                break
            except OSError:
                told = (folder / "log").read_text()[-2000:]
                assert process.poll() is None, f"turnserver ended: {told}"
                assert time.monotonic() < deadline, f"turnserver does not listen: {told}"
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@contextmanager
def behind(folder: Path) -> Iterator[Behind]:
    """Everything up; the server's own inference is faked, its media path is not."""
    with namespaces("cand", "turn", "gate") as (candidate, turn, gateway):
        join(candidate, f"{CANDIDATE}/24", turn, f"{RELAY}/24")
        join(turn, f"{RELAY_INSIDE}/24", gateway, f"{GATEWAY}/24")
        urls = [f"turn:{RELAY}:3478?transport={transport}" for transport in ("udp", "tcp")]
        server = ThreadedServer(None, folder / "data", turn_urls=tuple(urls), turn_secret=SECRET)
        with relay(turn, folder):
            gateway.run(server.__enter__)
            try:
                port = int(server.url.rpartition(":")[2])
                with forwarded(port, candidate, gateway):
                    yield Behind(candidate, gateway, server)
            finally:
                server.__exit__(None, None, None)
