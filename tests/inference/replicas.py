"""Reaching into the running application from a test."""

from __future__ import annotations

import psutil

from inference.messages import Deployment


def kill(deployment: Deployment) -> int:
    """Kills the deployment's replicas as the kernel would and waits until they are gone. Serve replaces them.

    Returns how many there were.
    """
    replicas = [
        process
        for process in psutil.Process().children(recursive=True)
        if process.cmdline()[:1] and process.cmdline()[0].startswith(f"ray::ServeReplica:{deployment}:")
    ]
    for replica in replicas:
        replica.kill()
    psutil.wait_procs(replicas, timeout=10)
    return len(replicas)
