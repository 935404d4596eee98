"""What every face task is told on the command line."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class FaceOptions:
    """`batch`: crops per forward pass. `by`: columns with tables of their own. `model`: None is embedded."""

    batch: int = 4
    threads: int = 1
    device: Literal["cpu", "cuda"] = "cpu"
    model: str | None = None
    limit: int | None = None
    by: tuple[str, ...] = ("group",)

    def settings(self, task: str, manifest: Path) -> dict[str, Any]:
        """What a result keeps of them."""
        return {"task": task, "manifest": manifest.name, **asdict(self)}
