"""A model that a person gives: a Hugging Face folder, or an id whose local cache is respected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import store

_FILES = ("*.json", "*.safetensors")


@dataclass(frozen=True, slots=True)
class Located:
    """`given` names the model without its version; `commit` is the hub's, None for a folder."""

    folder: Path
    given: str
    commit: str | None
    weights: tuple[Path, ...]

    @property
    def name(self) -> str:
        """What results state: with the hub's commit, or a digest of the weights (which reads them)."""
        return f"{self.given}@{(self.commit or _digest(self.weights))[:12]}"

    def json(self, file: str) -> dict[str, Any]:
        """Empty where the folder has no such file."""
        path = self.folder / file
        read: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return read

    @property
    def model_type(self) -> str | None:
        """What transformers calls the architecture."""
        return self.json("config.json").get("model_type")


def locate(model: str) -> Located:
    """Raises `ValueError` for what is neither a folder with weights nor a model that the hub gives out."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return Located(folder, folder.resolve().name, None, _weights(folder))
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(model, allow_patterns=list(_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise ValueError(f"{model!r} is neither a folder nor a model that the hub gives out") from error
    return Located(folder, model, folder.name, _weights(folder))  # the snapshot's folder is its commit


def _weights(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(folder.glob("*.safetensors")))
    if not files:
        raise ValueError(f"{folder} holds no *.safetensors")
    return files


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(bytes.fromhex(store.sha256(path)))
    return digest.hexdigest()
