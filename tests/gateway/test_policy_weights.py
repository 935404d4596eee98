"""Where facial affect is forbidden no replica of it is made, and nobody asks for its weights."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# What the policy leaves of what looks at faces is made as the replicas make it, without Ray around it.
MAKE_THEM = """
import json, sys
from models import store
file, asked = store.file, []
store.file = lambda name: asked.append(name) or file(name)
from gateway.server import permitted
from gateway.settings import Settings
from inference import deployments
settings = permitted(Settings(policy=sys.argv[1])).inference
started = list(settings.deployments())
for name in {"FacialAffect", "Liveness"} & set(started):
    getattr(deployments, name)(*settings.arguments(name))
print(json.dumps([started, asked]))
"""
AFFECT = {"face-api/face_expression_model.bin", "fer/emotion_model.hdf5"}


@pytest.mark.parametrize(("policy", "allowed"), [("CN", True), ("EU", False), ("strict", False)])
def test_what_is_forbidden_is_not_even_opened(policy: str, allowed: bool) -> None:
    command = [sys.executable, "-c", MAKE_THEM, policy]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    started, asked = json.loads(run.stdout.splitlines()[-1])
    assert ("FacialAffect" in started) is allowed
    assert (set(asked) >= AFFECT) is allowed
    assert set(asked) - AFFECT  # what is allowed was asked for, so asking is seen
    assert allowed or not set(asked) & AFFECT
