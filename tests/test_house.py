"""The house's own rules, over every tracked file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 500  # lines; past that a file is two rooms

# Split, so that this file does not hold what it looks for.
REGISTRIES = ["pypi" + ".org", "files." + "pythonhosted", "registry." + "npmjs", "npmmirror" + ".com"]
REGISTRIES += ["download." + "pytorch", "tuna." + "tsinghua", "mirrors." + "aliyun", "hf-" + "mirror"]
MACHINE_PATHS = [r"/wo" + r"rk/", r"/tmp/" + r"dl\b", r"/opt/" + r"(wheels|pypi)", r"/ro" + r"ot/"]
MACHINE_PATHS += [r"/ho" + r"me/[a-z]+/", r"/Us" + r"ers/[A-Za-z]+/"]
KEYS = [
    "-----BEGIN " + r"[A-Z ]*PRIVATE KEY",
    r"\bAK" + r"IA[0-9A-Z]{16}\b",
    r"\bgh" + r"[pousr]_[A-Za-z0-9]{36}\b",
]
KEYS += [
    r"\bs" + r"k-[A-Za-z0-9]{32,}\b",
    r"\bhf_" + r"[A-Za-z0-9]{30,}\b",
    r"\beyJ" + r"[\w-]{20,}\.[\w-]{20,}\.",
]


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    found = {}
    for path in tracked():
        try:
            found[str(path.relative_to(ROOT))] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture
    return found


@pytest.mark.parametrize("patterns", [[re.escape(host) for host in REGISTRIES], MACHINE_PATHS, KEYS])
def test_nothing_of_a_machine_or_its_secrets_is_tracked(patterns: list[str]) -> None:
    forbidden = re.compile("|".join(patterns))
    found = [
        f"{name}: {match.group()}" for name, text in texts().items() if (match := forbidden.search(text))
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert re.search("|".join(MACHINE_PATHS), "see /wo" + "rk/main")
    assert re.search("|".join(KEYS), "-----BEGIN EC PRIV" + "ATE KEY-----")


def test_no_file_is_two_rooms() -> None:
    code = {
        name: text for name, text in texts().items() if name.endswith((".py", ".js", ".css", ".html", ".sh"))
    }
    assert len(code) > 20
    assert {name: n for name, text in code.items() if (n := text.count("\n")) > LONGEST} == {}


def test_lock_pins_every_package_for_any_machine() -> None:
    lines = [li for li in (ROOT / "requirements.lock").read_text().splitlines() if not li.startswith("#")]
    assert len(lines) > 100
    # One version each; no address, no hash and no local part, so that either build of torch is allowed.
    odd = [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[0-9A-Za-z.]+( ; .+)?", line)]
    assert odd == []
    assert len({line.partition("==")[0] for line in lines}) == len(lines)


def test_lock_holds_what_the_project_asks_for() -> None:
    lock = (ROOT / "requirements.lock").read_text().splitlines()
    project = (ROOT / "pyproject.toml").read_text()
    exact = re.findall(r'"([a-z0-9-]+)(?:\[[a-z]+\])?==([0-9.]+)"', project)
    assert ("torch", "2.13.0") in exact
    assert [f"{name}=={version}" for name, version in exact if f"{name}=={version}" not in lock] == []


def test_no_weights_or_recordings_are_tracked() -> None:
    kinds = {
        ".bin",
        ".onnx",
        ".tflite",
        ".pt",
        ".pth",
        ".safetensors",
        ".h5",
        ".hdf5",
        ".wav",
        ".mp4",
        ".flac",
    }
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.suffix in kinds] == []
