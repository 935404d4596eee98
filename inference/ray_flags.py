"""Ray reads its flags when it is imported, here and in every process it starts: they are set before that."""

from __future__ import annotations

import os

# Calls go straight from the gateway to the replica by gRPC and user code runs on the replica's own loop: half
# the cost of a call. The router keeps a thread of its own in the gateway, so it serves any event loop, and
# the loop that moves packets does not wait for it.
_FLAGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "1",
    "RAY_SERVE_ENABLE_DIRECT_INGRESS": "0",
    "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.25",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # Ray's own default is 15 for all of a worker. Here only the thread that runs the model gives way.
    "RAY_worker_niceness": "0",
    # Replicas: one heap, so that what the warm-up took serves the model's thread; and few kept oneDNN shapes.
    "MALLOC_ARENA_MAX": "1",
    "LRU_CACHE_CAPACITY": "128",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "128",
}


def set_flags() -> None:
    """Must come before the process's first import of ray. What the environment says already is kept."""
    for name, value in _FLAGS.items():
        os.environ.setdefault(name, value)
