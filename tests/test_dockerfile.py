"""The images, as far as they can be checked without a container engine: stages, users, health, no secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
Instruction = tuple[str, str]


def stages() -> dict[str, list[Instruction]]:
    """Instructions by stage name, continued lines joined; `""` holds what precedes the first stage."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: dict[str, list[Instruction]] = {"": []}
    name = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            name = rest.split(" AS ")[1]
            found[name] = []
        found[name].append((word, rest.strip()))
    return found


def values(stage: str, word: str) -> list[str]:
    return [rest for name, rest in stages()[stage] if name == word]


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_final_images_run_as_nobody_in_particular_and_tell_their_health(target: str) -> None:
    assert values(target, "USER") == ["viva"]
    assert any("useradd" in command and "--uid 10001" in command for command in values(target, "RUN"))
    (health,) = values(target, "HEALTHCHECK")
    assert "/healthz" in health
    command = json.loads(values(target, "CMD")[-1])
    assert command[:2] == ["viva", "serve"]
    assert "/var/lib/viva/cache" in json.loads(values(target, "VOLUME")[0])
    names = [name for name, _ in stages()[target]]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")


def test_gpu_image_stands_on_a_cuda_base_that_an_argument_replaces() -> None:
    arguments = dict(argument.split("=", 1) for argument in values("", "ARG"))
    assert "cuda" in arguments["CUDA_IMAGE"]
    assert values("gpu", "FROM") == ["${CUDA_IMAGE} AS gpu"]
    assert values("cpu", "FROM") == ["${PYTHON_IMAGE} AS cpu"]


def test_weights_are_fetched_at_build_and_copied_into_both_images() -> None:
    assert "python -m models fetch" in values("weights", "RUN")
    for target in ("cpu", "gpu"):
        assert any(copy.startswith("--from=weights") for copy in values(target, "COPY"))
        assert any("VIVA_HOME=/var/lib/viva/cache" in line for line in values(target, "ENV"))


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_both_images_have_what_sandboxes_are_made_of(target: str) -> None:
    arguments = dict(argument.split("=", 1) for argument in values("", "ARG"))
    assert arguments["CODE_PACKAGES"] == "bubblewrap"
    assert values(target, "ARG") == ["CODE_PACKAGES"]
    assert any("${CODE_PACKAGES}" in command for command in values(target, "RUN"))


def test_every_stage_that_is_copied_from_exists() -> None:
    sources = set(re.findall(r"--from=(\S+)", (ROOT / "Dockerfile").read_text()))
    assert sources
    assert sources <= set(stages())


def test_no_secret_is_built_in() -> None:
    named = [rest for stage in stages() for word in ("ARG", "ENV") for rest in values(stage, word)]
    assert not [line for line in named if re.search(r"TOKEN|SECRET|PASSWORD|CREDENTIAL|_KEY", line)]


def test_builder_sees_only_what_the_image_needs() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    wanted = {line[1:].rstrip("/") for line in lines if line.startswith("!")}
    assert {path for path in wanted if not (ROOT / path).exists()} == set()
    assert {"models", "gateway", "requirements.lock", "pyproject.toml"} <= wanted
    assert not wanted & {"tests", ".git", ".venv"}
