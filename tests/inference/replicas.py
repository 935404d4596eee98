"""Reaching into the running application from a test."""

from __future__ import annotations

from inference.messages import Deployment


def kill(deployment: Deployment) -> int:
    """Kills the deployment's replicas as a crash would; Serve replaces them. Returns how many there were."""
    import ray
    from ray.util import list_named_actors

    names = [
        actor["name"]
        for actor in list_named_actors(all_namespaces=True)
        if actor["name"].startswith("SERVE_REPLICA::") and deployment in actor["name"]
    ]
    for name in names:
        ray.kill(ray.get_actor(name, namespace="serve"))
    return len(names)
