"""`python -m bench.identity_memory`: what face verification costs in memory, beside liveness and by itself.

Prints unique set sizes in MB, each of a fresh process that has imported what a Ray replica imports.
"""

from __future__ import annotations

import subprocess
import sys

import psutil


def main() -> None:
    liveness, both = _measured("liveness"), _measured("liveness", "identity")
    print(f"liveness {liveness:.0f}, with face verification {both:.0f}: {both - liveness:.0f} more")
    print(f"face verification by itself {_measured('identity'):.0f}")


def _measured(*models: str) -> float:
    told = subprocess.run(
        [sys.executable, "-m", "bench.identity_memory", *models], capture_output=True, text=True, check=True
    )
    return float(told.stdout.split()[-1])


def _load(models: list[str]) -> None:
    """In the fresh process. As the replica does, every model runs once."""
    import numpy as np
    from ray import serve

    from models.identity.embedding import FaceEmbedder
    from models.liveness import LivenessModel

    kept: list[object] = [serve]
    if "liveness" in models:
        kept.append(live := LivenessModel.load())
        live.score(np.zeros((4, 128, 128, 3), np.uint8))
    if "identity" in models:
        kept.append(faces := FaceEmbedder.load())
        faces.embed(np.zeros((4, 112, 112, 3), np.uint8))
    print(psutil.Process().memory_full_info().uss / 2**20)


if __name__ == "__main__":
    _load(sys.argv[1:]) if sys.argv[1:] else main()
