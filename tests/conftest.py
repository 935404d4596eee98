"""What all tests share: one Ray Serve application with the real weights, started when first needed."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator

import pytest
from playwright import async_api, sync_api

from inference import runtime
from inference.settings import InferenceSettings

# How long a page may take is for the benchmarks: here a busy machine is waited for.
PATIENCE_MS = 60_000
sync_api.expect.set_options(timeout=PATIENCE_MS)
async_api.expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def serving() -> Iterator[InferenceSettings]:
    """The settings of the application that runs; make an `InferenceClient` of your own from them.

    Takes some 20 s on two cores and is started once for the whole run.
    """
    settings = InferenceSettings()
    try:
        runtime.start(settings)
        yield settings
    finally:
        _stop()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the models' application comes last: its processes would take from all that keeps time.
    What keeps time itself gets another try, and `-rR` tells at the end who needed it.
    """
    for item in items:
        if item.get_closest_marker("realtime") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))
    items.sort(key=lambda item: "serving" in getattr(item, "fixturenames", ()))


def _stop() -> None:
    with warnings.catch_warnings():
        # Ray kills its processes and drops their handles without waiting for the exit codes.
        warnings.filterwarnings("ignore", "subprocess .* is still running", ResourceWarning)
        runtime.stop()
        gc.collect()
